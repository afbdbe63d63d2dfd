import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket as NodeWebSocket, WebSocketServer } from 'ws';
import { Channel } from '#lib/client/channel.ts';
import { type PracticeDevice, generateHostKey, startPracticeDevice } from '../../relay/practice/device.ts';
import type { RelayRig } from './relay-rig.ts';
import { ignoreWindow, startSshServer } from './ssh-server.ts';
import { type SshdRig, startSshdRig } from './sshd-rig.ts';

/** What goes wrong between relay and device, in the middle of a stream. */

let host: SshdRig;
let rig: RelayRig;
let target: string;
let practice: PracticeDevice;

beforeAll(async () => {
  practice = await startPracticeDevice({ arch: 'x86_64', hostKey: generateHostKey() });
  const address = `root@127.0.0.1:${practice.port}`;
  const { password } = practice;
  host = await startSshdRig({ builtIn: [{ id: 'practice', label: 'Practice', address, password }] });
  ({ rig, target } = host);
  await trust('practice');
});

afterAll(async () => {
  await host?.close();
  await practice?.close();
});

/** Trusts whatever key a target has. */
async function trust(id: string): Promise<void> {
  const first = await rig.run(id, 'true');
  if (!('problem' in first)) throw new Error('an unknown host key was accepted');
  await rig.trust(id, first.problem.hostKey?.offered.fingerprint ?? '');
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const numbers = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, index) => `${from + index}\n`).join('');

describe('a device that hangs', () => {
  it('goes on where it was, both ways, and holds nobody else up', async () => {
    const session = rig.open({ target, command: 'seq 1 200000; read x; echo "$x"; seq 200001 400000', pty: null });
    await session.until('200000\n');
    const thaw = await host.sshd.freezeConnections();
    session.write('typed meanwhile\n');
    // The page may drop, too.
    session.cut();
    expect(await rig.run('practice', 'echo alive')).toMatchObject({ stdout: 'alive\n' });
    expect((await rig.fetch('/targets')).status).toBe(200);
    expect(session.text().endsWith('200000\n')).toBe(true);
    thaw();
    expect(await session.ended).toEqual({ exit: { type: 'exit', code: 0, signal: null } });
    const wanted = `${numbers(1, 200_000)}typed meanwhile\n${numbers(200_001, 400_000)}`;
    expect(session.bytes().length).toBe(wanted.length);
    expect(sha256(session.text())).toBe(sha256(wanted));
  });
});

describe('a device that dies', () => {
  const flood = async () => {
    const session = rig.open({ target, command: 'seq 1 100000000', pty: null });
    await session.until(/\n50000\n/);
    return session;
  };

  it('ends its channels with a problem, behind what it had sent', async () => {
    const session = await flood();
    await host.sshd.dropConnections();
    const end = await session.ended;
    expect(end).toMatchObject({ problem: { code: 'connection-lost' } });
    expect('problem' in end && end.problem.message).toContain(`127.0.0.1:${host.sshd.port}`);
    const text = session.text();
    expect(text).toBe(numbers(1, text.split('\n').length).slice(0, text.length));
    expect(await rig.run(target, 'echo again')).toMatchObject({ stdout: 'again\n' });
  });

  it('tells so to a page that was away meanwhile', async () => {
    const session = await flood();
    session.leave();
    await rig.run('practice', 'true');
    await host.sshd.dropConnections();
    await rig.run(target, 'true');
    const after = rig.resume(session.channel.id ?? '');
    expect(await after.ended).toMatchObject({ problem: { code: 'connection-lost' } });
    const [, start] = after.gaps[0] ?? [0, 0];
    const text = after.text();
    expect(text).toBe(numbers(1, 1_000_000).slice(start, start + text.length));
  });

  it('and comes back with other host keys: the channel is lost, the next one asks first', async () => {
    const session = await flood();
    const pinned = host.sshd.hostKeyFingerprint;
    await host.sshd.reflash();
    expect(await session.ended).toMatchObject({ problem: { code: 'connection-lost' } });
    const hostKey = {
      offered: { fingerprint: host.sshd.hostKeyFingerprint },
      pinned: { fingerprint: pinned },
    };
    expect(await rig.run(target, 'echo never')).toMatchObject({ problem: { code: 'host-key-changed', hostKey } });
    await rig.trust(target, host.sshd.hostKeyFingerprint);
    expect(await rig.run(target, 'echo now')).toMatchObject({ stdout: 'now\n' });
  });

  it('and boots again: the practice device, in the middle of a stream and of a shell', async () => {
    const pty = { term: 'xterm', columns: 80, rows: 24 };
    // Read as fast as it comes, and not kept.
    const onData = (bytes: Uint8Array): void => {
      stream.channel.consumed(bytes.length);
      tellStarted();
    };
    let tellStarted: () => void = () => undefined;
    const started = new Promise<void>((resolve) => (tellStarted = resolve));
    const stream = rig.open({ target: 'practice', command: 'yes', pty: null }, { onData });
    const shell = rig.open({ target: 'practice', command: null, pty });
    await started;
    await shell.until('#');
    const bootId = 'cat /proc/sys/kernel/random/boot_id';
    const before = await rig.run('practice', bootId);
    await practice.reboot();
    for (const session of [stream, shell])
      expect(await session.ended).toMatchObject({ problem: { code: 'connection-lost' } });
    const after = await rig.run('practice', bootId);
    if (!('stdout' in before && 'stdout' in after)) throw new Error('the practice device did not answer');
    expect(after.stdout).toMatch(/^[0-9a-f-]{36}\n$/);
    expect(after.stdout).not.toBe(before.stdout);
  });
});

describe('a server that does not keep to SSH', () => {
  it('and closes a channel without a status: neither a code nor a signal is made up', async () => {
    const server = await startSshServer((channel) => {
      channel.write('so far\n');
      channel.end();
    });
    try {
      const id = await rig.addTarget(server.address);
      await trust(id);
      const result = await rig.run(id, 'true');
      expect(result).toEqual({ stdout: 'so far\n', stderr: '', exit: { type: 'exit', code: null, signal: null } });
    } finally {
      await server.close();
    }
  });

  it('and floods past its window is cut off before it fills the relay, which serves on', async () => {
    let accepted = 0;
    const block = Buffer.alloc(32 * 1024, 'x');
    const server = await startSshServer((channel) => {
      const flood = (): void => {
        for (let turn = 0; turn < 16 && channel.writable; turn++) {
          ignoreWindow(channel);
          channel.write(block);
          accepted += block.length;
        }
        if (channel.writable && accepted < 2 ** 28) setImmediate(flood);
      };
      flood();
    });
    try {
      const id = await rig.addTarget(server.address);
      await trust(id);
      let received = 0;
      let reads = false;
      const onData = (bytes: Uint8Array): void => {
        received += bytes.length;
        if (reads) session.channel.consumed(bytes.length);
      };
      const session = rig.open({ target: id, command: 'true', pty: null }, { onData });
      // This page reads nothing, so the relay grants nothing more.
      await expect.poll(() => accepted > 0 && server.count(), { timeout: 20_000 }).toBe(0);
      reads = true;
      session.channel.consumed(received);
      expect(await session.ended).toMatchObject({ problem: { code: 'connection-lost' } });
      // Two windows of ssh2's: one is granted again while the relay still reads.
      expect(received).toBeLessThanOrEqual(2 * 2 * 1024 * 1024);
      expect(await rig.run(target, 'echo alive')).toMatchObject({ stdout: 'alive\n' });
    } finally {
      await server.close();
    }
  });
});

it('a relay that takes sockets and drops them is not back: the pauses of its page grow', async () => {
  let connections = 0;
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  const ready = { type: 'ready', channel: 'c', received: 0, sent: 0, live: 0, end: 0 };
  server.on('connection', (socket) => {
    connections++;
    socket.on('message', () => {
      if (connections === 1) socket.send(JSON.stringify(ready));
      socket.close();
    });
  });
  await once(server, 'listening');
  let resets = 0;
  const backOff = {
    wait: (attempt: () => void) => void setImmediate(attempt),
    now: () => undefined,
    reset: () => resets++,
    stop: () => undefined,
  };
  const { port } = server.address() as AddressInfo;
  const channel = Channel.open(
    { target: 'any', command: 'cat', pty: null },
    { onData: () => undefined, onEnd: () => undefined },
    {
      createSocket: () => {
        const socket = new NodeWebSocket(`ws://127.0.0.1:${port}`);
        socket.on('error', () => undefined);
        return socket as unknown as WebSocket;
      },
      explain: () => Promise.resolve({ code: 'relay-unreachable', message: 'dropped' }),
      backOff,
    },
  );
  await expect.poll(() => connections).toBeGreaterThan(3);
  expect(resets).toBe(1);
  channel.close();
  await new Promise((resolve) => server.close(resolve));
});
