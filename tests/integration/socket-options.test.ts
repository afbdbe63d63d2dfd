import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSocket } from '../../relay/ssh/socket.ts';
import { type SshdRig, startSshdRig } from './sshd-rig.ts';

/** What makes a keystroke late without being seen otherwise. */
let device: SshdRig;
beforeAll(async () => (device = await startSshdRig()));
afterAll(() => device.close());

/** Whether Nagle's algorithm is off. Node keeps what it has told the kernel, and has no other way to ask. */
function isNoDelay(socket: Socket): unknown {
  const key = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'kSetNoDelay');
  if (!key) throw new Error('this Node keeps it elsewhere');
  return (socket as unknown as Record<symbol, unknown>)[key];
}

it('compresses no messages, also for a page that offers it', async () => {
  const socket = device.rig.rawSocket();
  const [response] = (await once(socket, 'upgrade')) as [{ headers: Record<string, string> }];
  expect(response.headers['sec-websocket-extensions']).toBeUndefined();
  socket.terminate();
});

it('sends at once: to a page', async () => {
  const connection = once(device.rig.server, 'connection') as Promise<[Socket]>;
  const socket = device.rig.rawSocket();
  await once(socket, 'open');
  const [accepted] = await connection;
  expect(isNoDelay(accepted)).toBe(true);
  socket.terminate();
});

it('sends at once: to a device', async () => {
  const { host, port } = device.sshd;
  const opened = await openSocket({ host, port }, 'the server', 10_000, new AbortController().signal);
  if (!('socket' in opened)) throw new Error(opened.problem.message);
  expect(isNoDelay(opened.socket)).toBe(true);
  opened.socket.destroy();
});
