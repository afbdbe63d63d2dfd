import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ForwardRequest } from '#lib/client/channel.ts';
import { type ForwardReport, parseForwardReport } from '#lib/protocol/forward.ts';
import { FORWARDS_MAX, FORWARD_CONNECTIONS_MAX } from '#lib/protocol/limits.ts';
import { freePort } from './openssh.ts';
import { type TestChannel, startRelayRig } from './relay-rig.ts';
import { startSshd } from './sshd.ts';
import { type SshdRig, startSshdRig } from './sshd-rig.ts';

/** Port forwards through a real OpenSSH server, to real sockets. */

const run = promisify(execFile);
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

let host: SshdRig;
/** What a test left open; closed after it. */
const servers: Server[] = [];
const sockets: Socket[] = [];
const channels: TestChannel[] = [];

beforeAll(async () => {
  // One session a connection: forwards must not need any.
  host = await startSshdRig({ sshd: { config: ['MaxSessions 1'] } });
});

afterAll(() => host?.close());

afterEach(async () => {
  for (const { channel } of channels.splice(0)) channel.close();
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

/** A server on the "device"; gives its port. */
async function serve(onConnection: (socket: Socket) => void, port = 0): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  servers.push(server);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const echo = (): Promise<number> => serve((socket) => socket.pipe(socket));

/** A client of the forward. `gone` says how its connection ended. */
function dial(port: number, address = '127.0.0.1') {
  const socket = connect({ port, host: address, allowHalfOpen: true });
  sockets.push(socket);
  const gone = new Promise<string>((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
    socket.on('close', () => resolve('closed'));
  });
  return { socket, gone };
}

/** What comes until the other side ends; this side stays open. */
function readAll(socket: Socket): Promise<Buffer> {
  const parts: Buffer[] = [];
  socket.on('data', (part) => parts.push(part));
  return new Promise((resolve, reject) => {
    socket.once('end', () => resolve(Buffer.concat(parts)));
    socket.once('error', reject);
  });
}

const reportsOf = (session: TestChannel): ForwardReport[] =>
  session
    .text()
    .split('\n')
    .flatMap((line) => parseForwardReport(line) ?? []);

/** Waits until the latest report says so. */
async function reported(session: TestChannel, says: Partial<ForwardReport> | RegExp): Promise<ForwardReport> {
  const matches = (report: ForwardReport): boolean =>
    says instanceof RegExp
      ? says.test(`${report.problem?.code}: ${report.problem?.message}`)
      : Object.entries(says).every(([field, value]) => report[field as keyof ForwardReport] === value);
  const latest = (): ForwardReport => reportsOf(session).at(-1) as ForwardReport;
  await expect.poll(() => matches(latest()), { timeout: 20_000, interval: 20 }).toBe(true);
  return latest();
}

async function open(port: number, more: Partial<ForwardRequest> = {}, at = host) {
  const session = at.rig.forward({ target: at.target, host: 'localhost', port, localPort: 0, ...more });
  channels.push(session);
  await session.until('\n');
  const localPort = reportsOf(session)[0]?.localPort ?? 0;
  return { session, localPort };
}

/** Addresses that listen on a port, as the kernel says: all, not only those of this user. */
async function listeners(port: number): Promise<string[]> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map((file) => readFile(file, 'utf8')));
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return tables
    .join('\n')
    .split('\n')
    .flatMap((line) => {
      const [, local = '', , state] = line.trim().split(/\s+/);
      return state === '0A' && local.endsWith(`:${hex}`) ? [local.slice(0, -5)] : [];
    });
}

/** 127.0.0.1 as the kernel's table has it. */
const LOOPBACK = '0100007F';

async function portCloses(port: number): Promise<void> {
  await expect.poll(() => listeners(port), { timeout: 20_000, interval: 20 }).toEqual([]);
}

/** What is left then is held by somebody. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

describe('bytes', () => {
  it('go both ways unchanged, 50 MB of every kind', async () => {
    const data = randomBytes(50_000_000);
    const { session, localPort } = await open(await echo());
    const { socket } = dial(localPort);
    const came = readAll(socket);
    Readable.from(
      (function* () {
        for (let at = 0; at < data.length; at += 65_536) yield data.subarray(at, at + 65_536);
      })(),
    ).pipe(socket);
    expect(sha256(await came)).toBe(sha256(data));
    await reported(session, { open: 0, accepted: 1, toDevice: data.length, fromDevice: data.length });
  });

  it.each(['to the device', 'from the device'])('stand still %s while nobody reads them', async (direction) => {
    const chunk = Buffer.alloc(65_536, 1);
    let taken = 0;
    /** Writes for as long as its reader takes it. */
    const flood = (socket: Socket): void => {
      const more = (): void =>
        void socket.write(chunk, (error) => {
          if (error) return;
          taken += chunk.length;
          more();
        });
      more();
    };
    const outwards = direction === 'to the device';
    const port = await serve((socket) => (outwards ? socket.pause() : flood(socket)));
    const { session, localPort } = await open(port);
    const { socket } = dial(localPort);
    if (outwards) flood(socket);
    else socket.pause();
    // Until nothing moves any more, by the count of its writer.
    let before = -1;
    await expect
      .poll(() => (taken > 0 && taken === before) || ((before = taken), false), { timeout: 20_000, interval: 700 })
      .toBe(true);
    // What the relay has taken and nobody got: at most a window in SSH and the buffers of its streams.
    const { toDevice, fromDevice } = reportsOf(session).at(-1) as ForwardReport;
    const held = outwards ? toDevice : taken - fromDevice;
    expect(held).toBeLessThan(12 * 1024 * 1024);
    // Others go on meanwhile, and so does this one when it is read.
    expect((await host.rig.run(host.target, 'echo on')) as object).toMatchObject({ stdout: 'on\n' });
    const stood = taken;
    (outwards ? sockets.find((other) => other.isPaused() && other !== socket) : socket)?.resume();
    await expect.poll(() => taken, { timeout: 20_000 }).toBeGreaterThan(stood + 8 * 1024 * 1024);
  });

  it('cost no more memory the more there are', async () => {
    const chunk = Buffer.alloc(65_536, 7);
    const { localPort } = await open(await echo());
    /** Sends through an echo and back; gives the most that buffers held on the way, garbage aside. */
    const pump = async (total: number): Promise<number> => {
      const { socket } = dial(localPort);
      let [sent, received, highest] = [0, 0, 0];
      const look = (): void => {
        collectGarbage();
        highest = Math.max(highest, process.memoryUsage().arrayBuffers);
      };
      await new Promise<void>((resolve) => {
        const more = (): void => {
          if (sent % (128 * chunk.length) === 0) look();
          if (sent >= total) return void socket.end();
          sent += chunk.length;
          socket.write(chunk, more);
        };
        socket.on('data', (bytes) => (received += bytes.length)).on('end', resolve);
        more();
      });
      expect(received).toBe(sent);
      return highest;
    };
    // The first pass fills the windows and warms Node up; device, relay and client are all this one process.
    const first = await pump(50_000_000);
    const second = await pump(200_000_000);
    // How full the windows are at one look differs by some 20 MB; what is kept of each byte would be 150 MB.
    expect(second - first).toBeLessThan(64 * 1024 * 1024);
  });

  it('end for each direction alone: an answer after the question has ended', async () => {
    const port = await serve((socket) => void readAll(socket).then((question) => socket.end(sha256(question))));
    const { localPort } = await open(port);
    const { socket } = dial(localPort);
    const question = randomBytes(300_000);
    socket.end(question);
    expect((await readAll(socket)).toString()).toBe(sha256(question));
  });

  it('end for each direction alone: a question after the answer has ended', async () => {
    let heard: (question: Buffer) => void = () => undefined;
    const question = new Promise<Buffer>((resolve) => (heard = resolve));
    const port = await serve((socket) => {
      socket.end('greeting');
      void readAll(socket).then(heard);
    });
    const { session, localPort } = await open(port);
    const { socket, gone } = dial(localPort);
    expect((await readAll(socket)).toString()).toBe('greeting');
    socket.end('late');
    expect((await question).toString()).toBe('late');
    expect(await gone).toBe('closed');
    await reported(session, { open: 0, toDevice: 4, fromDevice: 8 });
  });

  it('end on the device when their client was reset', async () => {
    let notice: (what: string) => void = () => undefined;
    const noticed = new Promise<string>((resolve) => (notice = resolve));
    const port = await serve((socket) => socket.resume().on('end', () => notice('end')));
    const { session, localPort } = await open(port);
    const { socket } = dial(localPort);
    socket.write('x');
    await reported(session, { toDevice: 1 });
    socket.resetAndDestroy();
    expect(await noticed).toBe('end');
    await reported(session, { open: 0, accepted: 1 });
  });
});

describe('connections', () => {
  it(`are up to ${FORWARD_CONNECTIONS_MAX} at a time over one SSH connection; one more is told`, async () => {
    const logins = host.sshd.connectionCount();
    const { session, localPort } = await open(await echo());
    const clients = Array.from({ length: FORWARD_CONNECTIONS_MAX }, () => dial(localPort));
    await Promise.all(
      clients.map(async ({ socket }, index) => {
        socket.write(`client ${index}`);
        const [bytes] = (await once(socket, 'data')) as [Buffer];
        expect(bytes.toString()).toBe(`client ${index}`);
      }),
    );
    await reported(session, { open: FORWARD_CONNECTIONS_MAX });
    expect((await readAll(dial(localPort).socket)).toString()).toBe('');
    await reported(session, /forward-refused: 32 connections are open/);
    for (const { socket } of clients) socket.end();
    await reported(session, { open: 0 });
    const again = dial(localPort).socket;
    again.end('again');
    expect((await readAll(again)).toString()).toBe('again');
    expect(host.sshd.connectionCount()).toBeLessThanOrEqual(logins + 1);
  });

  it('leave the one session that the device gives to a command', async () => {
    const shell = host.rig.open({ target: host.target, command: 'cat', pty: null });
    channels.push(shell);
    shell.write('first\n');
    await shell.until('first');
    const logins = host.sshd.connectionCount();
    const { localPort } = await open(await echo());
    const { socket } = dial(localPort);
    socket.end('through');
    expect((await readAll(socket)).toString()).toBe('through');
    expect(host.sshd.connectionCount()).toBe(logins);
  });

  it('are reset when nothing listens there, which is reported until something does', async () => {
    const port = await freePort();
    const { session, localPort } = await open(port);
    expect(await dial(localPort).gone).toBe('ECONNRESET');
    await reported(
      session,
      new RegExp(`^forward-refused: .*could not connect to localhost:${port} \\(Connection refused`),
    );
    await serve((socket) => socket.end('now'), port);
    const { socket } = dial(localPort);
    expect((await readAll(socket)).toString()).toBe('now');
    socket.end();
    await reported(session, { problem: null, accepted: 2, open: 0 });
  });

  it('are reset when the device does not know the name', async () => {
    const { session, localPort } = await open(80, { host: 'no-such-host.invalid' });
    expect(await dial(localPort).gone).toBe('ECONNRESET');
    await reported(session, /^forward-refused: .*no-such-host\.invalid:80 \((?!Connection)/);
  });

  it('are reset when the device forwards nothing, and its configuration is named', async () => {
    const strict = await startSshdRig({ sshd: { config: ['AllowTcpForwarding no'] } });
    try {
      const { session, localPort } = await open(await echo(), {}, strict);
      expect(await dial(localPort).gone).toBe('ECONNRESET');
      await reported(session, /^forward-prohibited: .*may not be used to reach localhost/);
    } finally {
      await strict.close();
    }
  });

  it('carry an SSH session to another server', async () => {
    const inner = await startSshd();
    try {
      const { localPort } = await open(inner.port, { host: '127.0.0.1' });
      const options = ['-F', 'none', '-i', inner.keyFile, '-o', 'StrictHostKeyChecking=no', '-o', 'BatchMode=yes'];
      const known = ['-o', `UserKnownHostsFile=${inner.directory}/known`, '-p', String(localPort)];
      const { stdout } = await run('ssh', [
        ...options,
        ...known,
        `${inner.user}@127.0.0.1`,
        'echo "via $SSH_CONNECTION"',
      ]);
      expect(stdout).toMatch(new RegExp(`^via .* ${inner.port}\n$`));
    } finally {
      await inner.stop();
    }
  });
});

describe('the port', () => {
  it('listens on loopback and nowhere else', async () => {
    const { localPort } = await open(await echo());
    expect(await listeners(localPort)).toEqual([LOOPBACK]);
    const others = Object.values(networkInterfaces()).flatMap((all) =>
      (all ?? []).filter(({ family }) => family === 'IPv4'),
    );
    for (const address of ['127.0.0.2', ...others.map((other) => other.address).filter((own) => own !== '127.0.0.1')])
      expect(await dial(localPort, address).gone, address).toBe('ECONNREFUSED');
  });

  it('is the one that was asked for, or the reason why not', async () => {
    const wanted = await freePort();
    const { session, localPort } = await open(await echo(), { localPort: wanted });
    expect(localPort).toBe(wanted);
    const second = host.rig.forward({ target: host.target, host: 'localhost', port: 1, localPort: wanted });
    expect(await second.ended).toMatchObject({
      problem: { code: 'port-unavailable', message: expect.stringContaining(String(wanted)) as string },
    });
    expect(session.channel.state).toBe('open');
  });

  it('closes with its forward, and every connection through it is reset', async () => {
    const { session, localPort } = await open(await echo());
    const { socket, gone } = dial(localPort);
    socket.write('x');
    await once(socket, 'data');
    session.channel.close();
    expect(await gone).toBe('ECONNRESET');
    await portCloses(localPort);
  });

  it('closes when the connection to the device is lost, which its page is told', async () => {
    const { session, localPort } = await open(await echo());
    const { socket, gone } = dial(localPort);
    socket.write('x');
    await once(socket, 'data');
    await host.sshd.breakConnections();
    expect(await session.ended).toMatchObject({ problem: { code: 'connection-lost' } });
    expect(await gone).toBe('ECONNRESET');
    await portCloses(localPort);
    // Opened again it is the same port.
    const again = await open(await echo(), { localPort });
    expect(again.localPort).toBe(localPort);
  });

  it('outlives a reload of its page, and nobody else can take it', async () => {
    const { session, localPort } = await open(await echo());
    const id = session.channel.id ?? '';
    session.leave();
    const stranger = host.rig.rawSocket(await host.rig.signInAgain());
    await once(stranger, 'open');
    stranger.send(JSON.stringify({ type: 'resume', channel: id, received: 0 }));
    const [answer] = (await once(stranger, 'message')) as [Buffer];
    expect(JSON.parse(answer.toString())).toMatchObject({ type: 'close', problem: { code: 'channel-unknown' } });
    const { socket } = dial(localPort);
    socket.end('meanwhile');
    expect((await readAll(socket)).toString()).toBe('meanwhile');
    const reloaded = host.rig.resume(id);
    channels.push(reloaded);
    expect(await reported(reloaded, { accepted: 1, toDevice: 9 })).toMatchObject({ localPort });
  });

  it('closes when its page stays away', async () => {
    const brief = await startSshdRig({ graceMs: 50 });
    try {
      const { session, localPort } = await open(await echo(), {}, brief);
      session.leave();
      await portCloses(localPort);
    } finally {
      await brief.close();
    }
  });

  it('closes when the device is removed, whoever removes it', async () => {
    const other = await host.rig.addTarget(`${host.sshd.user}@localhost:${host.sshd.port}`);
    await host.rig.run(other, 'true');
    await host.rig.trust(other, host.sshd.hostKeyFingerprint);
    const { session, localPort } = await open(await echo(), { target: other });
    const headers = await host.rig.signInAgain();
    expect((await host.rig.fetch(`/targets/${other}`, { method: 'DELETE', headers })).status).toBe(200);
    expect(await session.ended).toMatchObject({ problem: { code: 'target-unknown' } });
    await portCloses(localPort);
  });

  it('closes when the relay stops', async () => {
    const other = await startSshdRig();
    const { localPort } = await open(await echo(), {}, other);
    const { socket, gone } = dial(localPort);
    socket.write('x');
    await once(socket, 'data');
    await other.close();
    expect(await gone).toBe('ECONNRESET');
    await portCloses(localPort);
  });
});

it(`gives a principal ${FORWARDS_MAX} forwards, and another one its own`, async () => {
  const port = await echo();
  await open(port);
  const logins = host.sshd.connectionCount();
  for (let count = 1; count < FORWARDS_MAX; count++) await open(port);
  // They take none of the eight places for commands that the relay fills on a connection.
  expect(host.sshd.connectionCount()).toBe(logins);
  const more = host.rig.forward({ target: host.target, host: 'localhost', port, localPort: 0 });
  expect(await more.ended).toMatchObject({ problem: { code: 'too-many-channels' } });
  const stranger = host.rig.rawSocket(await host.rig.signInAgain());
  await once(stranger, 'open');
  stranger.send(JSON.stringify({ type: 'forward', target: host.target, host: 'localhost', port, localPort: 0 }));
  const [answer] = (await once(stranger, 'message')) as [Buffer];
  expect(JSON.parse(answer.toString())).toMatchObject({ type: 'ready' });
  stranger.send(JSON.stringify({ type: 'close' }));
});

it('counts no longer when it has ended, although its page was not there to hear it', async () => {
  const port = await echo();
  const left = await Promise.all(Array.from({ length: FORWARDS_MAX }, () => open(port)));
  for (const { session } of left) session.leave();
  await host.sshd.dropConnections();
  for (const { localPort } of left) await portCloses(localPort);
  await open(port);
});

it('is not opened by a relay that is shared', async () => {
  const shared = await startRelayRig({ fixedTargets: true });
  try {
    const session = shared.forward({ target: 'any', host: 'localhost', port: 22, localPort: 0 });
    expect(await session.ended).toMatchObject({ problem: { code: 'forward-prohibited' } });
  } finally {
    await shared.close();
  }
});

it.each([
  ['a host with a space', { host: 'local host' }],
  ['no host', { host: '' }],
  ['no port', { port: 0 }],
  ['a port that is none', { localPort: 65_536 }],
])('refuses %s as malformed', async (_title, wrong) => {
  const request = { target: host.target, host: 'localhost', port: 22, localPort: 0, ...wrong };
  expect(await host.rig.forward(request).ended).toMatchObject({ problem: { code: 'malformed-message' } });
});
