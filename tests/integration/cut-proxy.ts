import { once } from 'node:events';
import { type Socket, connect, createServer } from 'node:net';
import { listenLocally } from './listen.ts';

/** Where to cut a connection: after so many bytes of one direction. Undefined: not at all. */
export interface Cut {
  readonly direction: 'up' | 'down';
  readonly bytes: number;
  /** A reset, which may take bytes with it that were on their way; otherwise all before the cut arrives. */
  readonly reset: boolean;
}

/** A TCP proxy that breaks connections in the middle of whatever passes. Whoever started it closes it. */
export interface CutProxy {
  readonly port: number;
  /** Connections that were cut so far. */
  readonly cuts: number;
  close(): Promise<void>;
}

/**
 * Forwards to a port of this machine. Each connection is cut as `next` says: no byte after the cut arrives, nor anything
 * more in the other direction.
 */
export async function startCutProxy(target: number, next: () => Cut | undefined): Promise<CutProxy> {
  const open = new Set<Socket>();
  let cuts = 0;
  const server = createServer((near) => {
    const far = connect({ host: '127.0.0.1', port: target, noDelay: true });
    near.setNoDelay(true);
    const cut = next();
    const sides = [near, far];
    for (const side of sides) {
      open.add(side);
      side.on('error', () => undefined);
      side.on('close', () => {
        open.delete(side);
        for (const other of sides) other.destroy();
      });
    }
    const forward = (from: Socket, to: Socket, direction: Cut['direction']): void => {
      let left = cut?.direction === direction ? cut.bytes : Infinity;
      from.on('data', (bytes: Buffer) => {
        if (bytes.length < left) {
          left -= bytes.length;
          // As a network does: what one side cannot take, the other cannot send.
          if (!to.write(bytes)) from.pause();
          return;
        }
        from.removeAllListeners('data').resume();
        cuts++;
        to.write(bytes.subarray(0, left), () => {
          if (cut?.reset) for (const side of sides) side.resetAndDestroy();
          else to.end(() => from.destroy());
        });
      });
      to.on('drain', () => from.resume());
    };
    forward(near, far, 'up');
    forward(far, near, 'down');
  });
  const port = await listenLocally(server);
  return {
    port,
    get cuts() {
      return cuts;
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const side of open) side.destroy();
      await closed;
    },
  };
}
