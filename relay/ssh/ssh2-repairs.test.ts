import { PassThrough } from 'node:stream';
import { expect, it, vi } from 'vitest';
import type { SshChannel } from './client.ts';
import { endOnOverrun } from './ssh2-repairs.ts';

it('ends a connection whose server sends more than it may', async () => {
  const incoming = { window: 0 };
  const channel = Object.assign(new PassThrough(), { incoming, stderr: new PassThrough() }) as unknown as SshChannel;
  const destroy = vi.fn();
  endOnOverrun({ destroy }, channel);
  channel.push(Buffer.alloc(10));
  channel.stderr.push(Buffer.alloc(10));
  expect(destroy).not.toHaveBeenCalled();
  expect(channel.readableLength).toBe(10);
  incoming.window = -1;
  for (const stream of [channel, channel.stderr]) {
    stream.push(Buffer.alloc(1000));
    expect(stream.readableLength).toBe(10);
  }
  expect(destroy).toHaveBeenCalledTimes(2);
  // What came before can be read, to its end.
  for (const stream of [channel, channel.stderr]) {
    stream.push(null);
    expect(Buffer.concat(await stream.toArray())).toEqual(Buffer.alloc(10));
  }
});

it('also one that sends when exactly nothing is granted, which ssh2 would drop in silence', () => {
  const incoming = { window: 10 };
  const channel = Object.assign(new PassThrough(), { incoming, stderr: new PassThrough() }) as unknown as SshChannel;
  const destroy = vi.fn();
  endOnOverrun({ destroy }, channel);
  incoming.window -= 10;
  channel.push(Buffer.alloc(10));
  expect(destroy).not.toHaveBeenCalled();
  // As in lib/client.js, CHANNEL_DATA.
  expect(incoming.window).not.toBe(0);
  incoming.window -= 1;
  channel.push(Buffer.alloc(1));
  expect(destroy).toHaveBeenCalledOnce();
});
