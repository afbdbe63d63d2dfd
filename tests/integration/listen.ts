import { type EventEmitter, once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** A server of node:net, or of ssh2. */
interface Listener extends EventEmitter {
  listen(port: number, host: string): unknown;
  address(): AddressInfo | string | null;
}

/** Lets a server listen on a free port of 127.0.0.1; gives the port. Closing it is up to the caller. */
export async function listenLocally(server: Listener): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has a port.');
  return address.port;
}
