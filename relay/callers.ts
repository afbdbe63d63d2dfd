import type { Server, Socket } from 'node:net';
import { CALLERS_MAX, STRANGERS_MAX } from './limits.ts';

/**
 * The connections that are no channel's: strangers, of which nobody has signed in yet, and those of signed-in pages.
 * Above the bound of either the one goes that has waited longest, so that connections which are only held open keep
 * nobody out: a page asks right after it connects.
 */
export class Callers {
  readonly #max: { readonly strangers: number; readonly pages: number };
  /** By both ends' addresses, the oldest first: under TLS a request's socket is not the one that was accepted. */
  readonly #strangers = new Map<string, Socket>();
  readonly #pages = new Map<string, Socket>();

  constructor(max = { strangers: STRANGERS_MAX, pages: CALLERS_MAX }) {
    this.#max = max;
  }

  /** How many of them are strangers'. */
  get strangers(): number {
    return this.#strangers.size;
  }

  /** Counts every connection of a server from its first moment on. */
  watch(server: Server): void {
    server.on('connection', (socket: Socket) => {
      const name = nameOf(socket);
      this.#strangers.set(name, socket);
      socket.once('close', () => {
        for (const sockets of [this.#strangers, this.#pages]) if (sockets.get(name) === socket) sockets.delete(name);
      });
      keepTo(this.#strangers, this.#max.strangers);
    });
  }

  /** Somebody signed in asks something on this connection. */
  know(socket: Socket): void {
    const name = nameOf(socket);
    const accepted = this.#strangers.get(name) ?? this.#pages.get(name);
    if (!accepted) return;
    this.#strangers.delete(name);
    // Behind all others, for it has just been used.
    this.#pages.delete(name);
    this.#pages.set(name, accepted);
    keepTo(this.#pages, this.#max.pages);
  }

  /** The connection is a channel's from now on: those have a bound of their own. */
  release(socket: Socket): void {
    this.#pages.delete(nameOf(socket));
  }
}

function keepTo(sockets: Map<string, Socket>, max: number): void {
  for (const [name, oldest] of sockets) {
    if (sockets.size <= max) return;
    sockets.delete(name);
    oldest.destroy();
  }
}

function nameOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return [remoteAddress, remotePort, localAddress, localPort].join(' ');
}
