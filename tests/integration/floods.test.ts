import { once } from 'node:events';
import type { ServerChannel } from 'ssh2';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { MESSAGES_BURST, MESSAGE_MAX } from '#lib/protocol/limits.ts';
import { type SshServer, startSshServer } from './ssh-server.ts';
import { type SshdRig, startSshdRig } from './sshd-rig.ts';

/** A page or a device that sends without end, in pieces however small, is cut off with the reason; others go on. */

let host: SshdRig;
let server: SshServer | undefined;

beforeAll(async () => {
  host = await startSshdRig();
});

afterAll(() => host.close());

afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** Lets the relay, which runs in this process, do its work. */
const letRelayWork = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100));

describe('a page', () => {
  /** A command that reads nothing, and all that its page is told. */
  async function openSilent(): Promise<{ socket: WebSocket; told: string[]; closed: Promise<unknown> }> {
    const socket = host.rig.rawSocket();
    const told: string[] = [];
    socket.on('message', (data: Buffer, isBinary) => void (isBinary || told.push(data.toString())));
    const closed = once(socket, 'close');
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'open', target: host.target, command: 'sleep 1000', pty: null }));
    await expect.poll(() => told.join('')).toContain('"ready"');
    return { socket, told, closed };
  }

  const FLOODS: Record<string, (socket: WebSocket) => void> = {
    'empty frames': (socket) => socket.send(Buffer.alloc(0)),
    'frames of one byte': (socket) => socket.send(Buffer.alloc(1)),
    sizes: (socket) => socket.send('{"type":"resize","columns":80,"rows":24}'),
    signals: (socket) => socket.send('{"type":"signal","signal":"USR1"}'),
    acknowledgements: (socket) => socket.send('{"type":"ack","received":0}'),
    pings: (socket) => socket.ping(),
    pongs: (socket) => socket.pong(),
  };

  it.each(Object.entries(FLOODS))(
    '%s beyond what a person sends: its command ends, and it hears why',
    async (_title, send) => {
      const { socket, told, closed } = await openSilent();
      // Faster than the relay's rate, for as long as it takes: what it has not read yet waits in the socket.
      while (socket.readyState === socket.OPEN) {
        for (let sent = 0; sent < MESSAGES_BURST; sent++) send(socket);
        await Promise.race([closed, letRelayWork()]);
      }
      await closed;
      expect(told.at(-1)).toContain('"too-many-messages"');
      expect(await host.rig.run(host.target, 'echo alive')).toMatchObject({ stdout: 'alive\n' });
    },
  );

  it('a message that is larger than any: malformed, although it is valid', async () => {
    const { socket, told, closed } = await openSilent();
    socket.send(`{"type":"ack","received":0,"padding":"${' '.repeat(MESSAGE_MAX)}"}`);
    await closed;
    expect(told.at(-1)).toContain('"malformed-message"');
  });

  it('what a person does goes through: a key held down for a minute while nothing could be sent, and then more', async () => {
    const session = host.rig.open({ target: host.target, command: 'cat', pty: null });
    for (let key = 0; key < 2000; key++) session.write('k');
    await session.until(/^k{2000}$/);
    for (let key = 0; key < 1000; key++) session.write('k');
    await session.until(/^k{3000}$/);
    session.channel.end();
    expect(await session.ended).toMatchObject({ exit: { code: 0 } });
  });
});

describe('a device', () => {
  interface Internals {
    readonly _client: {
      readonly _sock: { pause(): void; destroyed: boolean; writableLength: number; end(): void };
      readonly _protocol: {
        _onWrite(): void;
        ping(): void;
        openssh_hostKeysProve?(): void;
        channelData(id: number, data: Buffer): void;
      } & Record<string, unknown>;
    };
    readonly outgoing: { readonly id: number; window: number };
  }
  const internals = (channel: ServerChannel): Internals => channel as unknown as Internals;

  /** Starts a device that does `act` once its command runs; gives how the command ended. */
  async function meet(act: (channel: ServerChannel) => void): Promise<unknown> {
    server = await startSshServer(act);
    const target = await host.rig.addTarget(server.address);
    const first = await host.rig.run(target, 'true').catch((error: unknown) => error);
    const { fingerprint } = (first as { problem: { hostKey: { offered: { fingerprint: string } } } }).problem.hostKey
      .offered;
    await host.rig.trust(target, fingerprint);
    const session = host.rig.open({ target, command: 'true', pty: null });
    const end = await session.ended;
    expect(await host.rig.run(host.target, 'echo alive')).toMatchObject({ stdout: 'alive\n' });
    return end;
  }

  /** Repeats until the connection is gone; a turn of the event loop in between, so that it is noticed. */
  function repeat(channel: ServerChannel, send: () => void): void {
    let turns = 0;
    const turn = (): void => {
      if (internals(channel)._client._sock.destroyed || ++turns > 5000) return;
      for (let count = 0; count < 50; count++) send();
      setImmediate(turn);
    };
    turn();
  }

  /** A packet of the connection's protocol: type and payload. */
  function packet(channel: ServerChannel, type: number, ...fields: (string | number | boolean)[]): void {
    const parts = fields.map((field) => {
      if (typeof field === 'boolean') return Buffer.from([field ? 1 : 0]);
      const number = Buffer.alloc(4);
      number.writeUInt32BE(typeof field === 'number' ? field : field.length);
      return typeof field === 'number' ? number : Buffer.concat([number, Buffer.from(field)]);
    });
    const protocol = internals(channel)._client._protocol as unknown as {
      _packetRW: { write: { allocStart: number; alloc(size: number): Buffer; finalize(packet: Buffer): Buffer } };
      _cipher: { encrypt(packet: Buffer): void };
    };
    const payload = Buffer.concat([Buffer.from([type]), ...parts]);
    const { write } = protocol._packetRW;
    const bytes = write.alloc(payload.length);
    bytes.set(payload, write.allocStart);
    protocol._cipher.encrypt(write.finalize(bytes));
  }

  const LOST = { problem: { code: 'connection-lost' } };

  it.each([
    [
      'global requests that want an answer',
      (channel: ServerChannel) => packet(channel, 80, 'no-such@example.org', true),
    ],
    ['announcements of host keys', (channel: ServerChannel) => packet(channel, 80, 'hostkeys-00@openssh.com', false)],
    ['channels that it opens', (channel: ServerChannel) => packet(channel, 90, 'x11', 5, 1 << 20, 1 << 15, '::1', 9)],
  ])('%s without end: its connection ends, and the page hears why', async (_title, send) => {
    const end = await meet((channel) => repeat(channel, () => send(channel)));
    expect(end).toMatchObject(LOST);
    expect(JSON.stringify(end)).toContain('more requests than an SSH server has to');
  });

  it('requests on a channel that want an answer, which it doesn’t read: its connection ends', async () => {
    const end = await meet((channel) => {
      const { _client: client, outgoing } = internals(channel);
      client._sock.pause();
      repeat(channel, () => {
        for (let count = 0; count < 50; count++) packet(channel, 98, outgoing.id, 'no-such@example.org', true);
      });
    });
    expect(end).toMatchObject(LOST);
    expect(JSON.stringify(end)).toContain('4 MiB wait to be sent');
  }, 120_000);

  it('exactly its window, and then a byte more: its connection ends; nothing is dropped in silence', async () => {
    let window = 0;
    const end = await meet((channel) => {
      const { _client: client, outgoing } = internals(channel);
      ({ window } = outgoing);
      for (let left = window; left > 0; left -= 32 * 1024)
        client._protocol.channelData(outgoing.id, Buffer.alloc(Math.min(left, 32 * 1024)));
      // More than the relay can have granted meanwhile.
      for (let more = 0; more < 2 * window; more += 32 * 1024)
        client._protocol.channelData(outgoing.id, Buffer.alloc(32 * 1024));
    });
    expect(window).toBe(2 * 1024 * 1024);
    expect(end).toMatchObject(LOST);
  });

  it('grants a terminal no more than what a person waits for after Ctrl-C, from its first byte on', async () => {
    let window = 0;
    server = await startSshServer(() => undefined, {
      onTerminal: (channel) => {
        ({ window } = internals(channel).outgoing);
        channel.exit(0);
        channel.end();
      },
    });
    const target = await host.rig.addTarget(server.address);
    const first = (await host.rig.run(target, 'true').catch((error: unknown) => error)) as {
      problem: { hostKey: { offered: { fingerprint: string } } };
    };
    await host.rig.trust(target, first.problem.hostKey.offered.fingerprint);
    await host.rig.open({ target, command: null, pty: { term: 'xterm', columns: 80, rows: 24 } }).ended;
    expect(window).toBe(256 * 1024);
  });
});
