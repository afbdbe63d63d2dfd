import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LINE_MAX, lineOf, readMessages } from './lines.ts';

function reader() {
  const stream = new PassThrough();
  const messages: unknown[] = [];
  let broken = 0;
  readMessages(
    stream,
    (message) => messages.push(message),
    () => broken++,
  );
  return { stream, messages, broken: () => broken };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('brings every message across, however the bytes are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.dictionary(fc.string(), fc.string({ unit: 'binary' }), { maxKeys: 3 }), { maxLength: 4 }),
      fc.nat({ max: 60 }),
      async (all, cut) => {
        const { stream, messages } = reader();
        const bytes = Buffer.from(all.map(lineOf).join(''));
        for (let from = 0; from < bytes.length; from += cut + 1) stream.write(bytes.subarray(from, from + cut + 1));
        stream.end();
        await settled();
        expect(JSON.stringify(messages)).toBe(JSON.stringify(all));
      },
    ),
    { numRuns: 50 },
  );
});

it('reads no further than a line that is too long or no JSON', async () => {
  for (const [sent, count] of [
    ['x'.repeat(LINE_MAX + 1), 0],
    ['{"a":1}\n\n{"a":2}\n', 1],
    ['{"a":1}\nnonsense\n{"a":2}\n', 1],
  ] as const) {
    const { stream, messages, broken } = reader();
    stream.write(sent);
    await settled();
    stream.write('{"a":3}\n');
    await settled();
    expect([broken(), messages.length]).toEqual([1, count]);
    expect(stream.destroyed).toBe(true);
  }
});
