import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CHANNELS_MAX, PAYLOAD_MAX } from '#lib/protocol/limits.ts';
import { SIGNALS, parseFromPage } from '#lib/protocol/messages.ts';
import { limitsOf } from '../../relay/limits.ts';
import type { RelayRig, TestChannel } from './relay-rig.ts';
import { type SshdRig, startSshdRig } from './sshd-rig.ts';

/** A page that says anything at any time ends its own channel, and nothing else. FUZZ_SEED=… repeats a run. */

const SEED = Number(process.env['FUZZ_SEED'] ?? Math.trunc(Math.random() * 2 ** 31));
const RUNS = 250;
const EACH = 4;

let host: SshdRig;
let rig: RelayRig;
let honest: TestChannel;
let beats = 0;
let sent = 0;

beforeAll(async () => {
  host = await startSshdRig();
  ({ rig } = host);
  honest = rig.open({ target: host.target, command: 'cat', pty: null });
});

afterAll(() => host?.close());

type Frame = string | Uint8Array;

const id = fc.string({ unit: fc.constantFrom(...'abcXYZ019_-'), minLength: 1, maxLength: 64 });
const offset = fc.oneof(fc.constantFrom(0, 1, 2 ** 53 - 1, 2 ** 53, -1, 0.5, NaN), fc.nat());
const size = fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.constantFrom(0, 1001, 1e9, -5, 2.5));

/** Messages of the right shape, with fields in and out of range. */
const shaped = fc.oneof(
  fc.record({ type: fc.constant('ack'), received: offset }),
  fc.record({ type: fc.constant('resize'), columns: size, rows: size }),
  fc.record({ type: fc.constant('signal'), signal: fc.constantFrom(...SIGNALS, 'STOP', 'sigint', '') }),
  fc.record({ type: fc.constant('resume'), channel: fc.oneof(id, fc.string()), received: offset }),
  fc.record({
    type: fc.constant('answer'),
    prompt: offset,
    answers: fc.option(fc.array(fc.string({ maxLength: 9 }), { maxLength: 20 })),
  }),
  fc.constant({ type: 'end' }),
  fc.constant({ type: 'close' }),
  // Other fields are ignored, whatever their names.
  fc.record({ type: fc.constant('end'), constructor: fc.anything(), __proto__: fc.anything(), toJSON: fc.string() }),
);

/** Anything at all. */
const frame: fc.Arbitrary<Frame> = fc.oneof(
  { weight: 5, arbitrary: shaped.map((message) => JSON.stringify(message)) },
  // Truncated, and with a byte too much.
  {
    weight: 2,
    arbitrary: fc.tuple(shaped, fc.nat()).map(([message, at]) => {
      const text = JSON.stringify(message);
      return text.slice(0, at % text.length);
    }),
  },
  { weight: 1, arbitrary: shaped.map((message) => `${JSON.stringify(message)}}`) },
  { weight: 2, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string({ maxLength: 200 }) },
  { weight: 1, arbitrary: fc.constantFrom('['.repeat(100_000), '{"type":'.repeat(10_000), '"', '\u0000', 'null') },
  { weight: 1, arbitrary: fc.record({ type: fc.string() }).map((message) => JSON.stringify(message)) },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 300 }) },
  { weight: 1, arbitrary: fc.constantFrom<Frame>('x'.repeat(PAYLOAD_MAX + 1), new Uint8Array(PAYLOAD_MAX + 1)) },
);

const opening = (): string =>
  JSON.stringify({ type: 'open', target: host.target, command: 'cat >/dev/null', pty: null });

/** What a page hears: the last message, and the socket's code. Undefined while both go on. */
interface Heard {
  readonly close?: { readonly problem: { readonly code: string } | null };
  readonly code?: number;
}

/** Sends frames on a socket of its own; resolves when the relay has closed it, or has answered all of them. */
function speak(frames: readonly Frame[]): Promise<Heard> {
  return new Promise((resolve) => {
    const socket = rig.rawSocket();
    let close: Heard['close'];
    socket.on('open', () => {
      for (const one of frames) socket.send(one);
      // The relay answers pings in order with the rest.
      socket.ping();
    });
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) return;
      const message = JSON.parse(data.toString()) as { type: string; problem: { code: string } | null };
      if (message.type === 'close') close = message;
    });
    socket.on('pong', () => {
      // Whatever was opened has to be let go.
      socket.send('{"type":"close"}');
      socket.close();
    });
    socket.on('close', (code) => resolve({ ...(close && { close }), code }));
  });
}

it(`serves on whatever ${RUNS * EACH} frames say, FUZZ_SEED=${SEED}`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.array(frame, { minLength: EACH, maxLength: EACH }), async (opens, frames) => {
      sent += frames.length;
      const first = opens ? undefined : frames[0];
      const heard = await speak(opens ? [opening(), ...frames] : frames);
      if (first !== undefined) {
        // Without a good first message no channel comes about, whatever follows.
        const message = typeof first === 'string' ? parseFromPage(first) : undefined;
        if (first.length > PAYLOAD_MAX) expect(heard.code).toBe(1009);
        else if (message?.type === 'resume') expect(heard.close?.problem?.code).toBe('channel-unknown');
        else expect(heard.close?.problem?.code).toBe('malformed-message');
      }
      expect([1000, 1005, 1006, 1009]).toContain(heard.code);
      // An honest page notices nothing of it.
      beats++;
      honest.write(`beat ${beats}\n`);
      await honest.until(`beat ${beats}\n`);
    }),
    { numRuns: RUNS, seed: SEED },
  );
  expect(sent).toBeGreaterThanOrEqual(RUNS * EACH);
  honest.channel.end();
  expect(await honest.ended).toEqual({ exit: { type: 'exit', code: 0, signal: null } });
  expect(honest.text()).toBe(Array.from({ length: beats }, (_, index) => `beat ${index + 1}\n`).join(''));
});

it('ends a running channel for each frame that breaks the rules, and for no other', async () => {
  const answerTo = (one: Frame): Promise<string> =>
    new Promise((resolve) => {
      const socket = rig.rawSocket();
      socket.on('open', () => socket.send(opening()));
      socket.on('message', (data: Buffer) => {
        const message = JSON.parse(data.toString()) as { type: string; problem?: { code: string } | null };
        if (message.type === 'ready') {
          socket.send(one);
          // Its command ends with its stdin.
          socket.send('{"type":"end"}');
        }
        if (message.type === 'close') {
          resolve(message.problem?.code ?? 'ended');
          socket.send('{"type":"close"}');
          socket.close();
        }
      });
      socket.on('close', (code) => resolve(`socket closed with ${code}`));
    });
  /** What PROTOCOL.md says of a frame that comes right after `ready`, with `end` behind it. */
  const expected = (one: Frame): string => {
    if (one.length > PAYLOAD_MAX) return 'socket closed with 1009';
    if (typeof one !== 'string') return 'ended';
    const message = parseFromPage(one);
    if (message?.type === 'close') return 'socket closed with 1000';
    if (message?.type === 'ack') return message.received === 0 ? 'ended' : 'malformed-message';
    const allowed = ['resize', 'signal', 'end', 'answer'];
    return message && allowed.includes(message.type) ? 'ended' : 'malformed-message';
  };
  await fc.assert(
    fc.asyncProperty(frame, async (one) => {
      expect(await answerTo(one)).toBe(expected(one));
    }),
    { numRuns: 150, seed: SEED },
  );
  // None of them is left to wait for a page: there is a place for as many as one person may have.
  const channels = async (): Promise<string | undefined> =>
    /^workbench_channels (\d+)$/m.exec(await (await rig.fetch('/metrics')).text())?.[1];
  await expect.poll(channels, { timeout: 20_000 }).toBe('0');
  const { channelsPerPrincipal } = limitsOf(CHANNELS_MAX);
  const all = Array.from({ length: channelsPerPrincipal }, () => rig.run(host.target, 'true'));
  for (const result of await Promise.all(all)) expect(result).toMatchObject({ exit: { code: 0 } });
});
