import { once } from 'node:events';
import { type Server, type Socket, connect, createServer } from 'node:net';

/** Bytes held in one direction of a connection, under way or waiting for a peer that does not read; then reading stops. */
export const HELD_MAX = 4 * 1024 * 1024;

/**
 * A port of 127.0.0.1 behind which the device is, each byte later by `delayMs` in each direction: latency for kernels
 * without sch_netem and for devices without a network of their own. Whoever opens it closes it.
 */
export class SlowPort {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(to: { host: string; port: number }, delayMs: number) {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
      const far = connect({ ...to, allowHalfOpen: true, noDelay: true });
      this.#forward(near, far, delayMs);
      this.#forward(far, near, delayMs);
    });
  }

  static async open(to: { host: string; port: number }, delayMs: number): Promise<SlowPort> {
    const slow = new SlowPort(to, delayMs);
    slow.#server.listen(0, '127.0.0.1');
    await once(slow.#server, 'listening');
    return slow;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('A TCP server has a port.');
    return address.port;
  }

  /** Timers of equal length fire in the order they were set, so the bytes stay in order. */
  #forward(from: Socket, to: Socket, delayMs: number): void {
    let underWay = 0;
    const regulate = (): void => {
      if (underWay + to.writableLength > HELD_MAX) from.pause();
      else from.resume();
    };
    this.#sockets.add(from);
    from.on('data', (chunk) => {
      underWay += chunk.length;
      regulate();
      setTimeout(() => {
        underWay -= chunk.length;
        if (!to.destroyed) to.write(chunk, regulate);
      }, delayMs);
    });
    from.on('end', () => setTimeout(() => to.end(), delayMs));
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.#sockets.delete(from);
      setTimeout(() => to.destroy(), delayMs);
    });
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
