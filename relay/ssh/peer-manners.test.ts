import { EventEmitter, once } from 'node:events';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import type { SshClient } from './client.ts';
import { takeTurns } from './peer-manners.ts';

/** A connection whose bytes take `msPerKiB` to parse, and what was parsed of it. */
function connection(msPerKiB: number, fails = false) {
  const parsed: Buffer[] = [];
  const parse = (chunk: Buffer, from: number, length: number): void => {
    if (fails && parsed.length > 4) throw new Error('a bad packet');
    parsed.push(Buffer.from(chunk.subarray(from, length)));
    const end = performance.now() + (msPerKiB * (length - from)) / 1024;
    while (performance.now() < end);
  };
  const client = Object.assign(new EventEmitter(), { _protocol: { parse } });
  const stream = new PassThrough();
  takeTurns(client as unknown as SshClient, stream);
  const read = (bytes: Buffer): void => client._protocol.parse(bytes, 0, bytes.length);
  return { client, stream, parsed, read, count: () => parsed.reduce((sum, { length }) => sum + length, 0) };
}

const bytes = (length: number): Buffer => Buffer.from(Array.from({ length }, (_, index) => (index * 7) % 251));
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('parses what is costly in small steps, in order, and gives others their turns between', async () => {
  const all = bytes(48 * 1024);
  const costly = connection(1);
  costly.read(all);
  expect(costly.count()).toBeLessThan(16 * 1024);
  expect(costly.stream.isPaused()).toBe(true);
  let turns = 0;
  for (; costly.count() < all.length; turns++) await turn();
  expect(turns).toBeGreaterThan(4);
  expect(Buffer.concat(costly.parsed).equals(all)).toBe(true);
  expect(Math.max(...costly.parsed.map(({ length }) => length))).toBeLessThanOrEqual(2048);
  expect(costly.stream.isPaused()).toBe(false);
});

it('reads costly connections one after the other, and an ordinary one at once meanwhile', async () => {
  const costly = [connection(1), connection(1)] as const;
  const ordinary = connection(0);
  for (const { read } of costly) read(bytes(32 * 1024));
  ordinary.read(bytes(64 * 1024));
  expect(ordinary.count()).toBe(64 * 1024);
  while (costly.some(({ count }) => count() < 32 * 1024)) await turn();
});

it('reads bulk in whole chunks once it has shown that it is cheap', () => {
  const bulk = connection(0);
  for (let chunk = 0; chunk < 3; chunk++) bulk.read(bytes(64 * 1024));
  expect(bulk.parsed.slice(-2).map(({ length }) => length)).toEqual([64 * 1024, 64 * 1024]);
});

it('ends a connection whose later slice cannot be parsed, as ssh2 does with the first', async () => {
  const bad = connection(1, true);
  const failed = once(bad.client, 'error');
  bad.read(bytes(48 * 1024));
  expect(((await failed)[0] as Error).message).toBe('a bad packet');
  expect(bad.stream.destroyed).toBe(true);
});
