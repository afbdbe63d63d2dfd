import { type Server, type Socket, createServer } from 'node:net';

/** Connections that have logged in; far more than a relay opens. */
const GUESTS_MAX = 64;

/** Connections that have not logged in. A relay has one or two of them, for some 50 ms each. */
const CALLERS_MAX = 32;

/** As OpenSSH's LoginGraceTime, in ms: a connection that has not logged in is closed after it. */
const LOGIN_GRACE_MS = 120_000;

/** How long a connection that is ended may take to close, in ms: whoever reads gets what was said last. */
const FAREWELL_MS = 500;

/** The far end of a connection, as ssh2 names it. */
export interface Peer {
  readonly ip: string;
  readonly port: number;
}

interface Caller {
  readonly socket: Socket;
  readonly grace: NodeJS.Timeout;
}

/**
 * Listens on loopback for an SSH server and bounds its connections. Where one caller too many comes, the one goes that
 * has said least, the oldest of several: silent connections keep nobody out. Every socket is destroyed in the end: a peer
 * that never answers would keep an ended one half open.
 */
export class Door {
  readonly #server: Server;
  /** By peer, the oldest first. */
  readonly #callers = new Map<string, Caller>();
  readonly #guests = new Map<string, Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Opens at `port` (0: any free one); each connection is handed to `greet`. Rejects when the port is taken. */
  static async open(port: number, greet: (socket: Socket) => void): Promise<Door> {
    const server = createServer({ noDelay: true });
    const door = new Door(server);
    server.on('connection', (socket) => door.#receive(socket, greet));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        // A connection that could not be accepted (EMFILE, ECONNABORTED) is its peer's loss alone.
        server.on('error', () => undefined);
        resolve();
      });
    });
    return door;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('A closed door has no port.');
    return address.port;
  }

  /** A caller has logged in; false, and the connection is gone, where the door has guests enough. */
  admit(peer: Peer): boolean {
    const key = keyOf(peer);
    const caller = this.#callers.get(key);
    if (!caller) return false;
    if (this.#guests.size >= GUESTS_MAX) {
      caller.socket.destroy();
      return false;
    }
    clearTimeout(caller.grace);
    this.#callers.delete(key);
    this.#guests.set(key, caller.socket);
    return true;
  }

  /** Ends a connection. */
  drop(peer: Peer): void {
    const key = keyOf(peer);
    const socket = this.#callers.get(key)?.socket ?? this.#guests.get(key);
    if (socket) end(socket);
  }

  /** Ends every connection; new ones are taken at once. */
  dropAll(): void {
    for (const { socket } of this.#callers.values()) end(socket);
    for (const socket of this.#guests.values()) end(socket);
  }

  /** Ends every connection and takes no more. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.dropAll();
    await closed;
  }

  #receive(socket: Socket, greet: (socket: Socket) => void): void {
    socket.on('error', () => undefined);
    const { remoteAddress: ip, remotePort: port } = socket;
    // It is gone already.
    if (ip === undefined || port === undefined) return void socket.destroy();
    const key = keyOf({ ip, port });
    const grace = setTimeout(() => socket.destroy(), LOGIN_GRACE_MS);
    grace.unref();
    socket.once('close', () => {
      clearTimeout(grace);
      if (this.#callers.get(key)?.socket === socket) this.#callers.delete(key);
      if (this.#guests.get(key) === socket) this.#guests.delete(key);
    });
    this.#callers.set(key, { socket, grace });
    if (this.#callers.size > CALLERS_MAX) this.#dropQuietest(key);
    greet(socket);
  }

  /** Drops who has said least, the oldest of those; not the newcomer, who had no time to say anything. */
  #dropQuietest(newcomer: string): void {
    let quietest: Caller | undefined;
    let key = '';
    for (const [candidate, caller] of this.#callers) {
      if (candidate === newcomer) continue;
      if (quietest && caller.socket.bytesRead >= quietest.socket.bytesRead) continue;
      quietest = caller;
      key = candidate;
    }
    this.#callers.delete(key);
    quietest?.socket.destroy();
  }
}

function end(socket: Socket): void {
  socket.end();
  const farewell = setTimeout(() => socket.destroy(), FAREWELL_MS);
  socket.once('close', () => clearTimeout(farewell));
}

function keyOf({ ip, port }: Peer): string {
  return `${ip} ${port}`;
}
