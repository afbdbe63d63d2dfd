import type { Server, Socket } from 'node:net';
import { STRANGERS_MAX } from './limits.ts';

/**
 * The connections of which nobody has signed in yet. Above the bound the oldest is closed: a page asks right after it
 * connects, whoever holds connections open waits the longest. Signed-in pages are never among them.
 */
export class Strangers {
  readonly #max: number;
  /** By both ends' addresses, the oldest first: under TLS a request's socket is not the one that was accepted. */
  readonly #sockets = new Map<string, Socket>();

  constructor(max = STRANGERS_MAX) {
    this.#max = max;
  }

  get size(): number {
    return this.#sockets.size;
  }

  /** Counts every connection of a server from its first moment on. */
  watch(server: Server): void {
    server.on('connection', (socket: Socket) => {
      const name = nameOf(socket);
      this.#sockets.set(name, socket);
      socket.once('close', () => {
        if (this.#sockets.get(name) === socket) this.#sockets.delete(name);
      });
      if (this.#sockets.size <= this.#max) return;
      const [oldest] = this.#sockets.values();
      oldest?.destroy();
    });
  }

  /** Somebody signed in asked something on this connection. */
  know(socket: Socket): void {
    this.#sockets.delete(nameOf(socket));
  }
}

function nameOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return [remoteAddress, remotePort, localAddress, localPort].join(' ');
}
