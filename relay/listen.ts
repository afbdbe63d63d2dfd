import { type RequestListener, type Server, type ServerOptions, createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { readAppFiles } from './app-files.ts';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { DEADLINES_CHECKED_EVERY_MS, HEADERS_DEADLINE_MS, REQUEST_DEADLINE_MS, STALL_DEADLINE_MS } from './limits.ts';
import type { Relay } from './relay.ts';
import { deny } from './sockets.ts';

/** A certificate chain and its key, both PEM. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

export interface ListenOptions {
  /** 0 picks a free one. */
  readonly port: number;
  readonly host: string;
  readonly tls?: TlsFiles | undefined;
  /** The folder of the built app; without it only the relay's own paths are answered. */
  readonly app?: string;
  /** A connection could not be accepted; the server goes on. */
  readonly onError?: (error: Error) => void;
}

/** Sent with every answer. The policy is for what is no page; the app's pages bring their own (app-files.ts). */
const HEADERS = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
};

/**
 * Serves the relay on one port, and with `app` the app too: same origin, so that no browser asks for leave to reach the
 * local network. Rejects when it cannot listen. Whoever asked closes the server.
 */
export async function listen(relay: Relay, options: ListenOptions): Promise<{ server: Server; port: number }> {
  const { tls, app, host, onError = () => undefined } = options;
  const serveApp = app === undefined ? undefined : readAppFiles(app).serve;
  /** Connections whose last request is not answered yet. */
  const busy = new WeakSet<Duplex>();
  const answer: RequestListener = (request, response) => {
    const { socket } = request;
    // No browser and no proxy asks again before it is answered. Whoever does fills a turn of the event loop with the
    // hundreds of requests that fit into one read, and everybody's keys wait for that turn.
    if (busy.has(socket)) return void socket.destroy();
    busy.add(socket);
    response.once('close', () => busy.delete(socket));
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    // An answer that crosses the end of its connection: without a listener it would be an uncaught error.
    response.on('error', () => socket.destroy());
    request.on('error', () => undefined);
    // `handle` takes care of its own mistakes.
    void relay.handle(request, response).then((handled) => {
      if (handled) return;
      if (serveApp && (request.method === 'GET' || request.method === 'HEAD')) serveApp(request, response);
      else response.writeHead(serveApp ? 405 : 404).end();
    });
  };
  const limits: ServerOptions = {
    headersTimeout: HEADERS_DEADLINE_MS,
    requestTimeout: REQUEST_DEADLINE_MS,
    connectionsCheckingInterval: DEADLINES_CHECKED_EVERY_MS,
  };
  const server = tls
    ? createTlsServer({ ...limits, ...tls, minVersion: 'TLSv1.2', handshakeTimeout: HEADERS_DEADLINE_MS }, answer)
    : createServer(limits, answer);
  server.timeout = STALL_DEADLINE_MS;
  server.maxConnections = relay.limits.connections;
  // Before anything else looks at it: what comes past the proxy is nobody's.
  server.on('connection', (socket: Socket) => {
    if (!relay.peers.admits(socket.remoteAddress)) socket.destroy();
  });
  relay.callers.watch(server);
  server.on('upgrade', (request, socket, head) => {
    request.on('error', () => undefined);
    if (relay.upgrade(request, socket, head)) return;
    socket.on('error', () => socket.destroy());
    deny(socket, 400, JSON.stringify({ problem: 'Nothing is upgraded here: ask again without an Upgrade header.' }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  // Without a listener, a connection that cannot be accepted would end the relay.
  server.on('error', onError);
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the relay listens on no port');
  return { server, port: bound.port };
}
