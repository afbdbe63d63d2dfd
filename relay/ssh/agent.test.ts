import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { agentSigners } from './agent.ts';
import { sshNumber, sshString } from './wire.ts';

/** Agents that do not do what they should. The real one is tried in tests/integration/transport-login.test.ts. */

let directory: string;
let server: Server | undefined;
const open = new Set<Socket>();

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agent-'));
});
afterEach(async () => {
  for (const socket of open) socket.destroy();
  if (server) await new Promise((resolve) => server?.close(resolve));
  server = undefined;
  await rm(directory, { recursive: true, force: true });
});

async function agent(answer: (socket: Socket) => void): Promise<string> {
  const path = join(directory, 'agent.sock');
  server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => undefined);
    socket.once('data', () => answer(socket));
  }).listen(path);
  await once(server, 'listening');
  return path;
}

it('one that never answers is left out, and keeps no socket', async () => {
  const path = await agent(() => undefined);
  await expect(agentSigners(path, 50)).rejects.toThrow('does not answer');
  await expect.poll(() => open.size).toBe(0);
});

it.each<[string, (socket: Socket) => void, string]>([
  ['is not there', () => undefined, 'ENOENT'],
  ['hangs up', (socket) => socket.end(), 'closed the connection'],
  ['answers something else', (socket) => socket.write(sshString(Buffer.from([5]))), 'does not say which keys'],
  ['answers without an end', (socket) => socket.write(sshNumber(0xffffffff)), 'answers too much'],
])('one that %s is an error', async (what, answer, reason) => {
  const path = await agent(answer);
  await expect(agentSigners(what === 'is not there' ? `${path}.none` : path)).rejects.toThrow(reason);
});

it('keys that nobody knows, and a list that is cut off, are passed over', async () => {
  const strange = Buffer.concat([sshString(sshString('sk-ssh-ed25519@openssh.com')), sshString('token')]);
  const list = Buffer.concat([Buffer.from([12]), sshNumber(9), strange, sshString('half')]);
  expect(await agentSigners(await agent((socket) => socket.write(sshString(list))))).toEqual([]);
});
