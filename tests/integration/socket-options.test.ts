import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSocket } from '../../relay/ssh/socket.ts';
import { type SshdRig, startSshdRig } from './sshd-rig.ts';

/** What makes a keystroke late without being seen otherwise. */
let device: SshdRig;
beforeAll(async () => (device = await startSshdRig()));
afterAll(() => device.close());

/** Whether Nagle's algorithm is off, as the kernel says: Node cannot be asked, so a process that gets the socket is. */
async function isNoDelay(socket: Socket): Promise<boolean> {
  const ask = 'use Socket ":all"; print unpack("i", getsockopt(STDIN, IPPROTO_TCP, TCP_NODELAY))';
  const { stdout } = spawn('perl', ['-e', ask], { stdio: [socket, 'pipe', 'inherit'] });
  const answer = await text(stdout);
  expect(answer).toMatch(/^\d+$/);
  return answer !== '0';
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
  expect(await isNoDelay(accepted)).toBe(true);
  socket.terminate();
});

it('sends at once: to a device', async () => {
  const { host, port } = device.sshd;
  const opened = await openSocket({ host, port }, 'the server', 10_000, new AbortController().signal);
  if (!('socket' in opened)) throw new Error(opened.problem.message);
  expect(await isNoDelay(opened.socket)).toBe(true);
  opened.socket.destroy();
});
