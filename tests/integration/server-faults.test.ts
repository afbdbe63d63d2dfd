import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { PING_MS } from '#lib/protocol/limits.ts';
import { UPGRADE, askRaw } from './raw-http.ts';
import { type RelayRig, startRelayRig } from './relay-rig.ts';
import { startSshdRig } from './sshd-rig.ts';

/** What goes wrong in the relay, or with a page that has signed in, costs nobody else anything. */

let close: (() => Promise<void>) | undefined;

afterEach(async () => {
  vi.useRealTimers();
  await close?.();
  close = undefined;
});

/** Asks for a channel; the status of the answer. */
async function knock({ port, origin, cookie, key }: RelayRig): Promise<number> {
  const headers = [
    ['host', `127.0.0.1:${port}`],
    ['origin', origin],
    ['cookie', cookie],
    ['workbench-key', key],
    ...UPGRADE,
  ] as const;
  return (await askRaw(port, { line: 'GET /channel HTTP/1.1', headers })).status;
}

it('a disk that takes nothing ends no session, and keeps nobody from signing in', async () => {
  const rig = await startRelayRig();
  close = () => rig.close();
  // A day and more later, when the sign-in is written anew.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * 24 * 60 * 60_000 });
  await rm(rig.stateDirectory, { recursive: true });
  await writeFile(rig.stateDirectory, 'no folder');
  expect(await knock(rig)).toBe(101);
  vi.setSystemTime(Date.now() + 2 * 24 * 60 * 60_000);
  expect((await rig.fetch('/targets')).status).toBe(200);
  expect((await rig.fetch('/targets', { headers: await rig.signInAgain() })).status).toBe(200);
});

it('a mistake in an upgrade costs that connection, not the relay', async () => {
  const rig = await startRelayRig();
  close = () => rig.close();
  // ws throws when it is given a socket twice.
  const [listener] = rig.server.listeners('upgrade') as [(...args: unknown[]) => void];
  rig.server.once('upgrade', listener);
  const socket = rig.rawSocket();
  await once(socket, 'close');
  expect(await knock(rig)).toBe(101);
});

describe('a page that reads nothing', () => {
  it('is cut off when it asks for more than an honest one can have unread', async () => {
    const host = await startSshdRig();
    close = () => host.close();
    const { rig, target } = host;
    const socket = rig.rawSocket();
    await once(socket, 'open');
    const ended = new Promise((resolve) =>
      socket.on('message', (data: Buffer) => void (data.includes('"type":"close"') && resolve(socket.pause()))),
    );
    socket.send(JSON.stringify({ type: 'open', target, command: 'exit 0', pty: null }));
    // It does not confirm the end: the relay acknowledges whatever it says.
    await ended;
    // Far more than the kernel keeps of their acknowledgements.
    for (let sent = 0; sent < 1_000_000 && socket.readyState === socket.OPEN; sent += 1000) {
      for (let i = 1; i < 1000; i++) socket.send(Buffer.from('x'), () => undefined);
      await new Promise((resolve) => socket.send(Buffer.from('x'), resolve));
    }
    expect(socket.readyState).not.toBe(socket.OPEN);
    expect(await rig.run(target, 'echo alive')).toMatchObject({ stdout: 'alive\n' });
  });

  it('is given up although it sends pongs; one that answers is not', async () => {
    const host = await startSshdRig();
    close = () => host.close();
    const { rig, target } = host;
    const open = async (autoPong: boolean) => {
      const { port, origin, cookie, key } = rig;
      const socket = new WebSocket(`ws://127.0.0.1:${port}/channel`, {
        autoPong,
        headers: { origin, cookie, 'workbench-key': key },
      });
      await once(socket, 'open');
      // Its command is over at once, and it does not confirm that: what is left is a socket.
      socket.send(JSON.stringify({ type: 'open', target, command: 'true', pty: null }));
      await once(socket, 'message');
      /** Resolves when the relay has dealt with all that the page has sent. */
      const settle = (): Promise<unknown> => {
        const answered = once(socket, 'pong');
        socket.ping();
        return answered;
      };
      return { socket, settle, gone: once(socket, 'close') };
    };
    vi.useFakeTimers({ toFake: ['setInterval'] });
    const silent = await open(false);
    const answering = await open(true);
    for (let count = 0; count < 3; count++) {
      silent.socket.pong();
      await Promise.all([silent.settle(), answering.settle()]);
      vi.advanceTimersByTime(PING_MS);
    }
    await silent.gone;
    await answering.settle();
    answering.socket.terminate();
  });
});
