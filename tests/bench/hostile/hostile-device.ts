import { mkdtemp, readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type AuthContext, type ServerChannel } from 'ssh2';
import { listenLocally } from '../../integration/listen.ts';
import { fingerprint, makeKey } from '../../integration/openssh.ts';
import type { Attacker } from './case.ts';

/** A device that the attacker has in hand: an SSH server that sends what it likes. */
export interface HostileDevice {
  readonly address: string;
  /** `SHA256:…` of its host key. */
  readonly fingerprint: string;
}

/** How many packets go to the kernel at once. */
const PACKETS = 512;

interface Internals {
  readonly _sock: Socket;
  readonly _protocol: {
    readonly _packetRW: {
      readonly write: { readonly allocStart: number; alloc(bytes: number): Buffer; finalize(packet: Buffer): Buffer };
    };
    readonly _cipher: { encrypt(packet: Buffer): void };
  };
}

/** A connection of the relay's, seen from the device. */
export class RelayConnection {
  readonly #internals: Internals;
  readonly socket: Socket;

  constructor(connection: ssh2.Connection) {
    this.#internals = connection as unknown as Internals;
    this.socket = this.#internals._sock;
  }

  get isClosed(): boolean {
    return this.socket.destroyed || !this.socket.writable;
  }

  /** Sends one packet. @param payload from its message number on */
  send(payload: Buffer): void {
    const { _packetRW, _cipher } = this.#internals._protocol;
    const { write } = _packetRW;
    const packet = write.alloc(payload.length);
    packet.set(payload, write.allocStart);
    _cipher.encrypt(write.finalize(packet));
  }

  /** Sends the packet again and again, as fast as the relay takes it. @param count at most so often */
  async flood(attacker: Attacker, payload: Buffer, count = Infinity): Promise<void> {
    const { socket } = this;
    for (let sent = 0; sent < count && attacker.goesOn() && !this.isClosed; sent += PACKETS) {
      socket.cork();
      for (let packet = 0; packet < Math.min(PACKETS, count - sent); packet++) this.send(payload);
      socket.uncork();
      await this.flushed();
    }
  }

  /** Resolves when the kernel has taken what was sent, or the socket is closed. */
  flushed(): Promise<void> {
    return new Promise((resolve) => this.socket.write('', () => resolve()));
  }
}

/** Starts one. @param run gets each command's channel, and the number by which the relay knows it @param authenticate without it everybody is let in */
export async function startHostileDevice(
  attacker: Attacker,
  run: (connection: RelayConnection, channel: ServerChannel, id: number) => void,
  authenticate: (context: AuthContext) => void = (context) => context.accept(),
): Promise<HostileDevice> {
  const keyFile = join(await mkdtemp(join(tmpdir(), 'device-')), 'host_key');
  await makeKey(keyFile);
  const server = new ssh2.Server({ hostKeys: [await readFile(keyFile)] }, (connection) => {
    connection.on('error', () => undefined);
    connection.on('authentication', authenticate);
    connection.on('session', (accept) => {
      const session = accept();
      session.on('pty', (acceptPty) => acceptPty());
      const start = (channel: ServerChannel): void => {
        channel.on('error', () => undefined);
        run(new RelayConnection(connection), channel, outgoingOf(channel).id);
      };
      session.on('shell', (acceptShell) => start(acceptShell()));
      session.on('exec', (acceptExec) => start(acceptExec()));
    });
  });
  const port = await listenLocally(server);
  attacker.atEnd(() => void server.close());
  return { address: `root@127.0.0.1:${port}`, fingerprint: await fingerprint(keyFile) };
}

/** The number by which the relay knows a channel, and what it lets the device send on it. */
export function outgoingOf(channel: ServerChannel): { readonly id: number; window: number } {
  return (channel as unknown as { outgoing: { id: number; window: number } }).outgoing;
}
