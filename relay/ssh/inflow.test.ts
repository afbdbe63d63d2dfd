import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Inflow, type InflowReader } from './inflow.ts';

it('gives a reader all bytes in order, whether it keeps up or not, and then the end', () => {
  const steps = fc.array(fc.oneof(fc.record({ add: fc.nat(9000) }), fc.constant({ read: true })), { maxLength: 60 });
  fc.assert(
    fc.property(steps, (list) => {
      let [added, taken, grants] = [0, 0, 0];
      let ended = false;
      const inflow = new Inflow(() => grants++);
      const read = (): void => {
        const bytes = inflow.take();
        reader.wantsMore = bytes === undefined;
        if (bytes === null) ended = true;
        const wanted = Buffer.from(Uint8Array.from(bytes ?? [], (_, index) => (taken + index) % 251));
        expect(wanted.equals(bytes ?? Buffer.alloc(0))).toBe(true);
        taken += bytes?.length ?? 0;
      };
      const reader: InflowReader & { wantsMore: boolean } = {
        wantsMore: false,
        onArrival: () => void (reader.wantsMore && read()),
      };
      inflow.readWith(reader);
      for (const step of list) {
        if ('read' in step) read();
        else {
          inflow.add(Buffer.from(Uint8Array.from({ length: step.add }, (_, index) => (added + index) % 251)));
          added += step.add;
        }
        expect(inflow.length).toBe(added - taken);
      }
      inflow.end();
      while (!ended) read();
      expect(taken).toBe(added);
      expect(grants).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 30 },
  );
});

it('joins packets of one byte that wait', () => {
  const inflow = new Inflow(() => undefined);
  for (let packet = 0; packet < 200_000; packet++) inflow.add(Buffer.from([packet % 251]));
  let pieces = 0;
  while (inflow.take()) pieces++;
  expect(pieces).toBeLessThan(20);
});

it('lets a reader that is gone hold nothing, and the peer send on', () => {
  let grants = 0;
  const inflow = new Inflow(() => grants++);
  inflow.add(Buffer.alloc(1000));
  inflow.discard();
  expect({ length: inflow.length, grants }).toEqual({ length: 0, grants: 1 });
  inflow.add(Buffer.alloc(1000));
  expect({ length: inflow.length, grants }).toEqual({ length: 0, grants: 2 });
});
