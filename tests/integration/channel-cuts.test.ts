import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BackOff } from '#lib/client/back-off.ts';
import { startCutProxy } from './cut-proxy.ts';
import type { RelayRig, TestChannel } from './relay-rig.ts';
import { type SshdRig, startSshdRig } from './sshd-rig.ts';

/**
 * No byte is lost or doubled, wherever the connection between page and relay breaks: in a handshake, in a frame's
 * header, in the middle of its bytes, in an acknowledgement. CUT_SEED=… repeats a run.
 */

const SEED = Number(process.env['CUT_SEED'] ?? Math.trunc(Math.random() * 2 ** 31));
const CUTS = 400;
/** Each byte of the floods goes through this one process, too. */
const CUTS_IN_FLOODS = 100;

let host: SshdRig;
let rig: RelayRig;

beforeAll(async () => {
  host = await startSshdRig();
  ({ rig } = host);
});

afterAll(() => host?.close());

/** Comes back at once: the pauses between are not what is tested here. */
const atOnce = (): BackOff => ({
  wait: (attempt) => void setImmediate(attempt),
  now: () => undefined,
  reset: () => undefined,
  stop: () => undefined,
});

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** A repeatable stream of numbers, 0 ≤ x < 1. */
function randomOf(seed: number): () => number {
  // xorshift32
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Bytes that are everywhere different, so that a doubled or lost run shows. */
function bytesOf(length: number, random: () => number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let index = 0; index < length; index++) bytes[index] = Math.trunc(random() * 256);
  return bytes;
}

/**
 * Runs a command that prints `up` over a proxy that cuts its connection `cuts` times.
 * @param whileCut called again and again until the last cut
 */
async function throughCuts(
  random: () => number,
  request: { command: string; pty: null | { term: string; columns: number; rows: number } },
  whileCut: (session: TestChannel) => void,
  largest = 2 ** 17,
  cuts = CUTS,
): Promise<{ session: TestChannel; close: () => Promise<void> }> {
  let cutting = false;
  const proxy = await startCutProxy(rig.port, () => {
    if (!cutting || proxy.cuts >= cuts) return undefined;
    // From the first byte of a handshake, which has some hundred, to a few frames of data.
    const bytes = 1 + Math.trunc(largest ** random());
    return { direction: random() < 0.5 ? 'up' : 'down', bytes, reset: random() < 0.5 };
  });
  const session = rig.open({ target: host.target, ...request }, {}, { port: proxy.port, backOff: atOnce() });
  await session.until('up\n');
  cutting = true;
  session.cut();
  while (proxy.cuts < cuts) {
    whileCut(session);
    await new Promise(setImmediate);
  }
  return { session, close: () => proxy.close() };
}

/** Sends and receives at once; the sender's and the receiver's hash must agree. */
async function expectEcho(
  random: () => number,
  command: string,
  pty: null | { term: string; columns: number; rows: number },
) {
  const sent = createHash('sha256');
  let length = 0;
  // Made once: what is sent must not be slower than the wire. A prime, so that no frame begins where another did.
  const block = bytesOf(1_000_003, random);
  const { session, close } = await throughCuts(random, { command, pty }, ({ channel }) => {
    const from = length % block.length;
    const chunk = block.subarray(from, from + 1 + Math.trunc(random() * 60_000));
    if (!channel.write(chunk)) return;
    sent.update(chunk);
    length += chunk.length;
  });
  const received = (): Buffer => session.bytes().subarray('up\n'.length);
  if (pty) await expect.poll(() => received().length, { timeout: 40_000 }).toBeGreaterThanOrEqual(length);
  else session.channel.end();
  if (pty) session.channel.close();
  else expect(await session.ended).toEqual({ exit: { type: 'exit', code: 0, signal: null } });
  await close();
  expect(session.gaps).toEqual([]);
  expect(received().length).toBe(length);
  expect(sha256(received())).toBe(sent.digest('hex'));
  return length;
}

describe(`cut ${CUTS} times at random byte offsets, CUT_SEED=${SEED}`, () => {
  it('an exec gets every byte, and gives every byte, once and in order', async () => {
    expect(await expectEcho(randomOf(SEED), 'echo up; cat', null)).toBeGreaterThan(1_000_000);
  });

  it('a terminal does, too', async () => {
    const pty = { term: 'xterm', columns: 80, rows: 24 };
    expect(await expectEcho(randomOf(SEED + 1), 'stty raw -echo; echo up; cat', pty)).toBeGreaterThan(1_000_000);
  });

  it('stdout and stderr at once stay whole and apart, while others flood the relay', async () => {
    const floods = [1, 2].map(() => {
      // Not kept: read as fast as it comes.
      const onData = (bytes: Uint8Array): void => flood.channel.consumed(bytes.length);
      const flood = rig.open({ target: host.target, command: 'yes 0123456789', pty: null }, { onData });
      return flood;
    });
    const stop = `${host.sshd.directory}/stop`;
    const loop = `until [ -e ${stop} ]; do echo "out $i"; echo "err $i" >&2; i=$((i+1)); done`;
    const request = { command: `echo up; i=0; ${loop}`, pty: null };
    const { session, close } = await throughCuts(randomOf(SEED + 2), request, () => undefined, 2 ** 12, CUTS_IN_FLOODS);
    await rig.run(host.target, `touch ${stop}`);
    expect(await session.ended).toEqual({ exit: { type: 'exit', code: 0, signal: null } });
    await close();
    expect(session.gaps).toEqual([]);
    const count = session.text('stderr').split('\n').length - 1;
    const lines = (word: string): string => Array.from({ length: count }, (_, index) => `${word} ${index}\n`).join('');
    expect(count).toBeGreaterThan(1000);
    expect(session.text('stdout')).toBe(`up\n${lines('out')}`);
    expect(session.text('stderr')).toBe(lines('err'));
    for (const flood of floods) flood.channel.close();
  });
});
