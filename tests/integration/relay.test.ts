import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { arch } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHANNELS_MAX, COMMAND_MAX } from '#lib/protocol/limits.ts';
import { limitsOf } from '../../relay/limits.ts';
import { type DeviceUnderTest, describeMainJob } from './main-job.ts';
import { type RelayRig, type TestChannel, startRelayRig } from './relay-rig.ts';
import { type Sshd, startSshd } from './sshd.ts';

let rig: RelayRig;
let sshd: Sshd;
let device: DeviceUnderTest;

beforeAll(async () => {
  sshd = await startSshd({
    passwordAuthentication: true,
    // At DEBUG the real sshd writes into the stderr of the commands that it starts.
    config: ['LogLevel VERBOSE'],
  });
  rig = await startRelayRig();
  await mkdir(join(rig.home, '.ssh'), { mode: 0o700 });
  await writeFile(
    join(rig.home, '.ssh', 'config'),
    `Host dut\n  HostName 127.0.0.1\n  Port ${sshd.port}\n  User ${sshd.user}\n  IdentityFile ${sshd.keyFile}\n`,
  );
  const target = await rig.addTarget('dut');
  const first = await rig.run(target, 'true');
  if (!('problem' in first)) throw new Error('an unknown host key was accepted');
  expect(first.problem.code).toBe('host-key-unknown');
  expect(first.problem.hostKey?.offered.fingerprint).toBe(sshd.hostKeyFingerprint);
  await rig.trust(target, sshd.hostKeyFingerprint);
  device = {
    rig,
    target,
    arch: arch() === 'arm64' ? 'aarch64' : 'x86_64',
    guestBoard: arch() === 'arm64' ? 'tael' : 'tatl',
    reflash: () => sshd.reflash(),
    passwordAddress: sshd.address,
  };
});

afterAll(async () => {
  await rig?.close();
  await sshd?.stop();
});

describeMainJob('a real OpenSSH server', () => device, 'device');

describe('what cannot be reached', () => {
  const free = async (): Promise<number> => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    return typeof address === 'object' && address ? address.port : 0;
  };

  it.each([
    ['a host that does not resolve', () => Promise.resolve('root@no-such-host.invalid'), 'name-not-found'],
    ['a port where nothing listens', async () => `root@127.0.0.1:${await free()}`, 'connection-refused'],
    ['a port where no SSH server answers', () => Promise.resolve(`root@127.0.0.1:${rig.port}`), 'not-ssh'],
  ])('%s', async (_title, address, code) => {
    const text = await address();
    const target = await rig.addTarget(text);
    const result = await rig.run(target, 'true');
    expect(result).toMatchObject({ problem: { code } });
    expect('problem' in result && result.problem.message).toContain(text.replace(/^root@/, '').replace(/:.*/, ''));
  });

  it('an address that is none', async () => {
    const response = await rig.fetch('/targets', {
      method: 'POST',
      body: JSON.stringify({ address: '-oProxyCommand=x' }),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ problem: expect.stringContaining('not a host name') as string });
  });

  it('a target that the relay does not have', async () => {
    expect(await rig.run('nobody', 'true')).toMatchObject({ problem: { code: 'target-unknown' } });
  });
});

describe('closed to strangers', () => {
  const upgrade = (headers: Record<string, string>): Promise<number> =>
    new Promise((resolve) => {
      const socket = rig.rawSocket(headers);
      socket.on('error', () => undefined);
      socket.on('unexpected-response', (request, response) => {
        resolve(response.statusCode ?? 0);
        request.destroy();
      });
      socket.on('open', () => resolve(101));
    });

  it.each([
    ['a good request', {}, 101],
    ['another site', { origin: 'http://evil.example' }, 403],
    ['a null origin', { origin: 'null' }, 403],
    ['another port of this host', { origin: 'http://127.0.0.1:1' }, 403],
    ['https instead of http', { origin: 'https://127.0.0.1:PORT' }, 403],
    ['a rebound name', { origin: 'http://evil.example:PORT', host: 'evil.example:PORT' }, 421],
    ['a wrong cookie', { cookie: 'crostini-workbench-PORT=guess' }, 401],
    ['no cookie', { cookie: '' }, 401],
    ['no key', { 'workbench-key': '' }, 401],
  ])('%s', async (_title, change, status) => {
    const headers: Record<string, string> = { cookie: rig.cookie, 'workbench-key': rig.key, origin: rig.origin };
    for (const [name, value] of Object.entries(change)) headers[name] = value.replace('PORT', String(rig.port));
    expect(await upgrade(headers)).toBe(status);
  });

  it('no origin at all', async () => {
    expect(await upgrade({ cookie: rig.cookie, 'workbench-key': rig.key })).toBe(403);
    expect(
      (
        await fetch(`${rig.origin}/targets`, {
          method: 'POST',
          headers: { cookie: rig.cookie, 'workbench-key': rig.key },
        })
      ).status,
    ).toBe(403);
  });

  it('a token works once, and an older one with it', async () => {
    const [older, newer] = [rig.newToken(), rig.newToken()];
    const exchange = (token: string) => rig.fetch('/session', { method: 'POST', body: JSON.stringify({ token }) });
    const response = await exchange(newer);
    expect(response.status).toBe(200);
    expect(response.headers.get('set-cookie')).toMatch(
      new RegExp(`^crostini-workbench-${rig.port}=[\\w-]{43}; HttpOnly; SameSite=Strict; Path=/; Max-Age=\\d+$`),
    );
    expect((await exchange(newer)).status).toBe(401);
    expect((await exchange(older)).status).toBe(200);
    expect((await exchange(older)).status).toBe(401);
  });

  it('a second window takes a session over, and the first one letting go does not end it', async () => {
    const first = rig.open({ target: device.target, command: 'cat', pty: null });
    first.write('one\n');
    await first.until('one\n');
    const second = rig.resume(first.channel.id ?? '');
    expect(await first.ended).toMatchObject({ problem: { code: 'channel-taken' } });
    second.write('two\n');
    expect(await second.until('two\n')).toBe('one\ntwo\n');
    second.channel.close();
  });

  it("another person's session cannot be resumed, and the answer does not tell that it exists", async () => {
    const mine = rig.open({ target: device.target, command: 'cat', pty: null });
    mine.write('x');
    await mine.until('x');
    const theirs = await rig.signInAgain();
    const answer = (channel: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = rig.rawSocket(theirs);
        socket.on('open', () => socket.send(JSON.stringify({ type: 'resume', channel, received: 0 })));
        socket.on('message', (data: Buffer) => resolve(data.toString()));
      });
    expect(await answer(mine.channel.id ?? '')).toBe(await answer('AAAAAAAAAAAAAAAAAAAAAA'));
    mine.channel.close();
  });
});

describe('bad messages', () => {
  const first = (send: string | Buffer): Promise<unknown> =>
    new Promise((resolve) => {
      const socket = rig.rawSocket();
      socket.on('open', () => socket.send(send));
      socket.on('message', (data: Buffer) => resolve(JSON.parse(data.toString())));
      socket.on('close', (code) => resolve({ code }));
      socket.on('error', () => undefined);
    });
  const malformed = { type: 'close', problem: { code: 'malformed-message' } };

  it.each([
    ['no JSON', 'garbage'],
    ['an unknown word', '{"type":"steal"}'],
    ['bytes first', Buffer.from([1, 2, 3])],
    ['a wrong field', JSON.stringify({ type: 'open', target: '../x', command: null, pty: null })],
    [
      'a terminal of absurd size',
      JSON.stringify({ type: 'open', target: 'x', command: null, pty: { term: 'x', columns: 1e9, rows: 1 } }),
    ],
    ['an ack first', '{"type":"ack","received":0}'],
  ])('%s closes that channel with a problem', async (_title, message) => {
    expect(await first(message)).toMatchObject(malformed);
  });

  it.each(['GET // HTTP/1.1', 'GET http://[ HTTP/1.1', 'GARBAGE', 'POST /targets HTTP/1.1\r\ncontent-length: 99999'])(
    'the request line %j does not end the relay',
    async (line) => {
      await new Promise<void>((resolve) => {
        const socket = connect(rig.port, '127.0.0.1');
        socket.on('error', () => undefined);
        socket.on('close', () => resolve());
        const upgrade =
          'connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: x\r\nsec-websocket-version: 13';
        socket.end(`${line}\r\nhost: 127.0.0.1:${rig.port}\r\n${upgrade}\r\n\r\n`);
        socket.resume();
      });
      expect(await rig.run(device.target, 'echo alive')).toMatchObject({ stdout: 'alive\n' });
    },
  );

  it('a message above the limit closes the socket', async () => {
    expect(await first('x'.repeat(2 << 20))).toEqual({ code: 1009 });
  });

  it('garbage in the middle ends that channel, and the relay serves on', async () => {
    const socket = rig.rawSocket();
    const messages: unknown[] = [];
    await new Promise<void>((resolve) => {
      socket.on('open', () =>
        socket.send(JSON.stringify({ type: 'open', target: device.target, command: 'cat', pty: null })),
      );
      socket.on('message', (data: Buffer) => {
        messages.push(JSON.parse(data.toString()));
        socket.send('{"type":"ack","received":99999}');
      });
      socket.on('close', () => resolve());
    });
    expect(messages).toMatchObject([{ type: 'ready' }, malformed]);
    expect(await rig.run(device.target, 'echo alive')).toMatchObject({ stdout: 'alive\n' });
  });

  it('one principal has its share of the channels; more are refused one by one, and closing one makes room', async () => {
    const open: TestChannel[] = [];
    const refused = (): Promise<boolean> => {
      const session = rig.open({ target: device.target, command: 'cat', pty: null });
      open.push(session);
      session.write('x');
      return Promise.race([
        session.until('x').then(() => false),
        session.ended.then((end) => 'problem' in end && /^You have \d+ sessions/.test(end.problem?.message ?? '')),
      ]);
    };
    while (!(await refused())) expect(open.length).toBeLessThan(CHANNELS_MAX);
    open.pop();
    expect(open).toHaveLength(limitsOf(CHANNELS_MAX).channelsPerPrincipal);
    const other = rig.rawSocket(await rig.signInAgain());
    await once(other, 'open');
    other.send(JSON.stringify({ type: 'open', target: device.target, command: 'true', pty: null }));
    expect(String(await once(other, 'message'))).toContain('"ready"');
    other.send('{"type":"close"}');
    open.pop()?.channel.close();
    let again = await rig.run(device.target, 'true');
    while ('problem' in again && again.problem.code === 'too-many-channels')
      again = await rig.run(device.target, 'true');
    expect(again).toMatchObject({ exit: { code: 0 } });
    for (const session of open) session.channel.close();
  });
});

it('the longest command that the wire takes is run, counted in bytes, and a longer one is no message', async () => {
  const { target } = device;
  const start = 'echo ran; : é';
  const longest = start + 'x'.repeat(COMMAND_MAX - Buffer.byteLength(start));
  expect(await rig.run(target, longest)).toMatchObject({ stdout: 'ran\n', exit: { code: 0 } });
  expect(await rig.run(target, `${longest}x`)).toMatchObject({ problem: { code: 'malformed-message' } });
});
