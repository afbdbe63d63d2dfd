import { once } from 'node:events';
import { type Socket, connect, createServer } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import type { Connection, ServerChannel } from 'ssh2';
import { afterEach, describe, expect, it } from 'vitest';
import { sshNumber, sshString } from '../../relay/ssh/wire.ts';
import type { Transport } from '../../relay/transport.ts';
import { trust } from './large-packets.ts';
import { MESSAGE, numberOf, rekey, request, sendRaw } from './raw-ssh.ts';
import { type SshServer, type SshServerOptions, startSshServer } from './ssh-server.ts';
import { startSshd } from './sshd.ts';
import { finish, listen, nobody, outputMatching, start, targetOf, useTransports } from './transport-rig.ts';

/** Servers that say what ssh2 would end the connection over, or worse, and OpenSSH's client would not. */

const rig = useTransports();
const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

type Target = { readonly id: string; readonly address: string };

/** A server whose command `odd` does what the test says; every other waits for a line and says it. */
async function startOdd(
  odd: (channel: ServerChannel) => void,
  options: SshServerOptions = {},
): Promise<{ server: SshServer; transport: Transport; target: Target }> {
  const server = await startSshServer((channel, command) => {
    if (command.includes('odd')) return odd(channel);
    channel.once('data', (line: Buffer) => {
      channel.write(line);
      end(channel);
    });
  }, options);
  closers.push(() => server.close());
  const transport = rig.make();
  const target = { id: 'dut', address: server.address };
  await trust(transport, target);
  return { server, transport, target };
}

function end(channel: ServerChannel): void {
  channel.exit(0);
  channel.end();
}

const EMPTY = sshString('');

describe('a message of one channel, or of none, costs no other channel anything', () => {
  it.each<[string, (channel: ServerChannel) => void]>([
    ['a request without what belongs to it', (channel) => sendRequest(channel, request('pty-req', false))],
    ['an exit status without one', (channel) => sendRequest(channel, request('exit-status', false))],
    [
      'a request of no channel',
      (channel) => sendRaw(channel, MESSAGE.request, sshNumber(2 ** 32 - 1), request('eow@openssh.com', false)),
    ],
    [
      'a forward that nobody asked for, without its address',
      (channel) =>
        sendRaw(channel, MESSAGE.channelOpen, sshString('forwarded-tcpip'), ...[7, 1024, 1024].map(sshNumber)),
    ],
    [
      'host keys that are none',
      (channel) =>
        sendRaw(channel, MESSAGE.globalRequest, request('hostkeys-00@openssh.com', false, sshNumber(10_000_000))),
    ],
    [
      'a global request without what belongs to it',
      (channel) => sendRaw(channel, MESSAGE.globalRequest, request('tcpip-forward', true)),
    ],
    ['a refusal after the login', (channel) => sendRaw(channel, MESSAGE.loginFailure, sshString('password'), 0)],
    ['a request to be let in', (channel) => sendRaw(channel, MESSAGE.loginRequest)],
    [
      'output after its end, on stderr, too',
      (channel) => {
        sendRaw(channel, MESSAGE.end, numberOf(channel));
        sendRaw(channel, MESSAGE.data, numberOf(channel), sshString('late'));
        sendRaw(channel, MESSAGE.extendedData, numberOf(channel), sshNumber(1), sshString('late'));
      },
    ],
    [
      'output in the middle of a key exchange',
      (channel) => {
        rekey(channel);
        sendRaw(channel, MESSAGE.ignore, EMPTY);
        sendRaw(channel, MESSAGE.data, numberOf(channel), EMPTY);
      },
    ],
  ])('%s', async (_, say) => {
    const { server, transport, target } = await startOdd((channel) => {
      say(channel);
      end(channel);
    });
    const other = await start(transport, target, 'other');
    expect(await finish(await start(transport, target, 'odd'))).toMatchObject({ code: 0, problem: null, stderr: '' });
    other.stdin.write('well\n');
    expect(await finish(other)).toMatchObject({ stdout: 'well\n', code: 0 });
    expect(server.count()).toBe(1);
  });

  it('a channel that takes no bytes, or next to none, is not opened', async () => {
    let packetSize = 32_768;
    const { transport, target } = await startOdd(end, {
      onConnection: (connection) => setPacketSize(connection, () => packetSize),
    });
    const other = await start(transport, target, 'other');
    for (packetSize of [0, 1]) {
      const problem = { code: 'exec-refused', message: expect.stringContaining(`hold ${packetSize} bytes`) as string };
      expect(await transport.exec(target, { command: 'odd', pty: null }, nobody, new AbortController().signal)).toEqual(
        { problem },
      );
    }
    packetSize = 256;
    expect(await finish(await start(transport, target, 'odd'))).toMatchObject({ code: 0 });
    other.stdin.write('well\n');
    expect(await finish(other)).toMatchObject({ stdout: 'well\n' });
  });
});

it('host keys that sshd announces are not asked for a proof, which nobody would look at', async () => {
  const sshd = await startSshd({ hostKeyTypes: ['ed25519', 'rsa'], config: ['LogLevel DEBUG3'] });
  closers.push(() => sshd.stop());
  await rig.trust(sshd);
  await rig.configure(`IdentityFile ${sshd.keyFile}\n`);
  expect(await finish(await start(rig.make(), targetOf(sshd), 'true'))).toMatchObject({ code: 0 });
  await sshd.waitForLog(/hostkeys-00@openssh.com|notify_hostkeys/);
  expect(sshd.log()).not.toContain('hostkeys-prove-00@openssh.com');
});

it('a question whether the client is there has an answer, also after the exit status', async () => {
  let answered: () => void = () => undefined;
  const answer = new Promise<void>((resolve) => (answered = resolve));
  const { transport, target } = await startOdd(
    (channel) => {
      channel.exit(0);
      sendRequest(channel, request('keepalive@openssh.com', true));
      void answer.then(() => channel.end());
    },
    { onDebug: (line) => line.includes('Inbound: CHANNEL_FAILURE') && answered() },
  );
  expect(await finish(await start(transport, target, 'odd'))).toMatchObject({ code: 0 });
});

describe('a signal that ended a command', () => {
  it.each([
    ['a usual one', 'TERM', 'TERM', [0, EMPTY, EMPTY]],
    ["one of a server's own", 'TEST@y.example', 'TEST@y.example', [0, EMPTY, EMPTY]],
    ['one with nothing behind it', 'SEGV', 'SEGV', []],
    ['one that is too long', 'X'.repeat(33), 'UNKNOWN', [0, EMPTY, EMPTY]],
    ['30 kB, with 200 kB of text', 'A'.repeat(30_000), 'UNKNOWN', [0, sshString('B'.repeat(200_000)), EMPTY]],
    ['two lines', 'TERM\nroot signed in', 'UNKNOWN', [0, EMPTY, EMPTY]],
  ])('has a name of its own, or is unknown: %s', async (_, sent, told, rest) => {
    const { transport, target } = await startOdd((channel) => {
      const bytes = rest.map((part) => (typeof part === 'number' ? Buffer.from([part]) : part));
      sendRequest(channel, request('exit-signal', false, sshString(sent), ...bytes));
      channel.end();
    });
    expect(await finish(await start(transport, target, 'odd'))).toMatchObject({ signal: told, code: null });
  });
});

it('an identification that comes byte by byte, after lines of something else, is read', async () => {
  const { server, transport } = await startOdd(end);
  const slow = createServer((near) => {
    const far = connect(server.port, '127.0.0.1');
    near.setNoDelay().on('close', () => far.destroy());
    far.on('error', () => undefined);
    near.pipe(far);
    void dribble(far, near);
  });
  const proxy = await listen(slow);
  closers.push(() => proxy.stop());
  const target = { id: 'slow', address: `root@127.0.0.1:${proxy.port}` };
  await trust(transport, target);
  expect(await finish(await start(transport, target, 'odd'))).toMatchObject({ code: 0 });
});

describe('a connection is over at once, though its server does not close it,', () => {
  it.each<[string, (channel: ServerChannel, socket: Socket) => void]>([
    ['when it said goodbye', (channel) => sendRaw(channel, MESSAGE.disconnect, sshNumber(11), EMPTY, EMPTY)],
    ['when it gave a reason', (channel) => sendRaw(channel, MESSAGE.disconnect, sshNumber(2), EMPTY, EMPTY)],
    ['when it is no SSH any more', (_, socket) => socket.write(Buffer.alloc(64, 0xff))],
  ])('%s', async (_, say) => {
    const sockets: Socket[] = [];
    const { server, transport } = await startOdd((channel) => {
      channel.write('ready\n');
      channel.once('data', () => {
        const socket = sockets.at(-1);
        if (socket) say(channel, socket);
      });
    });
    const proxy = await listen(
      createServer({ allowHalfOpen: true }, (near) => {
        sockets.push(near);
        const far = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
        far.on('error', () => undefined).on('data', (chunk: Buffer) => near.write(chunk));
        near.on('data', (chunk: Buffer) => far.write(chunk));
        near.on('close', () => far.destroy());
      }),
    );
    closers.push(() => proxy.stop());
    const target = { id: 'half', address: `root@127.0.0.1:${proxy.port}` };
    await trust(transport, target);
    const session = await start(transport, target, 'odd');
    await outputMatching(session.stdout, /ready/);
    session.stdin.write('go\n');
    expect(await finish(session)).toMatchObject({ problem: { code: 'connection-lost' } });
    expect(transport.connections).toBe(0);
  });
});

function sendRequest(channel: ServerChannel, content: Buffer): void {
  sendRaw(channel, MESSAGE.request, numberOf(channel), content);
}

/** Lets the server say of each channel how large a packet it takes. */
function setPacketSize(connection: Connection, size: () => number): void {
  const { _protocol: protocol } = connection as unknown as {
    _protocol: { channelOpenConfirm(remote: number, local: number, window: number, packetSize: number): void };
  };
  const confirm = protocol.channelOpenConfirm.bind(protocol);
  protocol.channelOpenConfirm = (remote, local, window) => confirm(remote, local, window, size());
}

/** Passes on what a server says, its first line byte by byte after two others. */
async function dribble(far: Socket, near: Socket): Promise<void> {
  const [first] = (await once(far, 'data')) as [Buffer];
  far.pause();
  const line = first.indexOf('\n') + 1;
  for (const byte of Buffer.concat([Buffer.from('Welcome.\r\nBe good.\n'), first.subarray(0, line)])) {
    near.write(Buffer.from([byte]));
    // The reader is in this process: it has its turn now.
    await setImmediate();
  }
  near.write(first.subarray(line));
  far.pipe(near);
}
