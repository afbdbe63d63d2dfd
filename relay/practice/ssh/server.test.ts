import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ssh2 from 'ssh2';
import type { ConnectConfig } from 'ssh2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PracticeDevice } from '../device.ts';
import { generateHostKey, publicKeyOf } from '../host-key.ts';
import { startQuietDevice, TestClient } from '../testing/client.ts';

let device: PracticeDevice;
beforeAll(async () => {
  device = await startQuietDevice();
});
afterAll(() => device.close());

/** 'ready', or what the client says instead. */
function login(config: ConnectConfig): Promise<string> {
  const client = new ssh2.Client();
  return new Promise((resolve) => {
    client.once('ready', () => {
      client.end();
      resolve('ready');
    });
    client.once('error', (error) => resolve(error.message)).once('close', () => resolve('closed'));
    client.on('keyboard-interactive', (_name, _instructions, _language, prompts, finish) => {
      finish(prompts.map(({ prompt }) => (prompt === 'Password: ' ? 'test0000' : 'what?')));
    });
    client.connect({ host: '127.0.0.1', port: device.port, username: 'root', ...config });
  });
}

describe('login (chromeos-facts 10)', () => {
  test('root with the test password, also by keyboard-interactive', async () => {
    expect(await login({ password: 'test0000' })).toBe('ready');
    expect(await login({ tryKeyboard: true })).toBe('ready');
  });

  test.each<[string, ConnectConfig]>([
    ['a wrong password', { password: 'wrong' }],
    ['another user', { username: 'chronos', password: 'test0000' }],
    ['a key', { privateKey: generateHostKey() }],
  ])('%s is refused', async (_name, config) => {
    expect(await login(config)).toBe('All configured authentication methods failed');
  });

  test('six wrong tries end the connection', async () => {
    let tries = 0;
    await login({
      authHandler: (_left, _partial, next) => (
        tries++,
        next({ type: 'password', username: 'root', password: 'wrong' })
      ),
    });
    expect(tries).toBeLessThanOrEqual(7);
    expect(tries).toBeGreaterThanOrEqual(6);
  });

  test('is in the log as sshd writes it (chromeos-facts 3.3)', async () => {
    await login({ password: 'wrong' });
    const client = await TestClient.connect(device.port);
    const log = await client.text('grep sshd /var/log/messages');
    client.close();
    expect(log).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z INFO sshd\[\d+\]: Accepted password for root from 127\.0\.0\.1 port \d+ ssh2$/m,
    );
    expect(log).toMatch(/Failed password for root from/);
  });

  test('the host key is the one that was given', async () => {
    const hostKey = generateHostKey();
    const other = await startQuietDevice({ hostKey });
    let seen: Buffer = Buffer.alloc(0);
    const client = new ssh2.Client();
    await new Promise<void>((resolve) => {
      client.once('ready', () => resolve());
      client.connect({
        host: '127.0.0.1',
        port: other.port,
        username: 'root',
        password: 'test0000',
        hostVerifier: (key: Buffer) => {
          seen = key;
          return true;
        },
      });
    });
    client.end();
    await other.close();
    expect(seen.equals(publicKeyOf(hostKey))).toBe(true);
  });
});

describe('channels', () => {
  test('several at once on one connection, and no more than ten', async () => {
    const client = await TestClient.connect(device.port);
    const running = await Promise.all(Array.from({ length: 10 }, () => client.start('cat')));
    await expect(client.start('true')).rejects.toThrow();
    for (const one of running) one.channel.end('x');
    expect((await Promise.all(running.map((one) => one.ended))).map(({ stdout }) => stdout.toString())).toEqual(
      Array(10).fill('x'),
    );
    expect(await client.text('echo again')).toBe('again\n');
    client.close();
  });

  test('a signal ends the command and is reported as such', async () => {
    const client = await TestClient.connect(device.port);
    const running = await client.start('sleep 100');
    running.channel.signal('TERM');
    expect(await running.ended).toMatchObject({ code: null, signal: 'SIGTERM' });
    client.close();
  });

  test('a client that vanishes ends its commands', async () => {
    const [staying, leaving] = await Promise.all([TestClient.connect(device.port), TestClient.connect(device.port)]);
    const running = await leaving.start('echo here; sleep 4321 & sleep 1234');
    await running.see('here');
    expect(await staying.text('ps aux | grep -c "[s]leep 4321"')).not.toBe('0\n');
    leaving.ssh.destroy();
    await expect.poll(() => staying.text('ps aux | grep "[s]leep"')).toBe('');
    staying.close();
  });

  test('a flood waits for its reader: memory stays as it is', async () => {
    const client = await TestClient.connect(device.port);
    const before = process.memoryUsage().rss;
    const running = await client.start('yes');
    await running.see('y\n');
    running.channel.pause();
    // Work on another channel, so that time passes in which the flood could grow.
    for (let round = 0; round < 20; round++) await client.text('sleep 0.02; true');
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
    client.close();
  });

  test('nonsense on the port harms nobody', async () => {
    for (const text of ['GET / HTTP/1.1\r\n\r\n', 'SSH-2.0-x\r\n' + '\u0000'.repeat(5000), '\u00ff'.repeat(100_000)]) {
      await new Promise<void>((resolve) => {
        const socket = connect(device.port, '127.0.0.1', () => socket.end(text));
        socket
          .on('error', () => undefined)
          .on('close', () => resolve())
          .resume();
      });
    }
    expect(await login({ password: 'test0000' })).toBe('ready');
  });
});

test("a real OpenSSH client gets in and its command's status out", async ({ skip }) => {
  const run = promisify(execFile);
  if (!(await run('ssh', ['-V']).catch(() => null))) skip();
  const folder = await mkdtemp(join(tmpdir(), 'practice-'));
  try {
    await writeFile(join(folder, 'askpass'), '#!/bin/sh\necho test0000\n', { mode: 0o700 });
    const options = [
      '-F',
      '/dev/null',
      '-p',
      String(device.port),
      '-o',
      'StrictHostKeyChecking=no',
      '-o',
      'UserKnownHostsFile=/dev/null',
      '-o',
      'LogLevel=ERROR',
    ];
    const env = { ...process.env, SSH_ASKPASS: join(folder, 'askpass'), SSH_ASKPASS_REQUIRE: 'force', DISPLAY: ':0' };
    const end = await run('ssh', [...options, 'root@127.0.0.1', 'uname -n; exit 7'], { env }).catch(
      (error: unknown) => error,
    );
    expect(end).toMatchObject({ code: 7, stdout: 'localhost\n' });
  } finally {
    await rm(folder, { recursive: true });
  }
});
