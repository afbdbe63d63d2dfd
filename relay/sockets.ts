import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { OPEN_DEADLINE_MS, PAYLOAD_MAX, PING_MS } from '#lib/protocol/limits.ts';
import type { FromRelay } from '#lib/protocol/messages.ts';
import type { Channel } from './channel.ts';
import { type Channels, refuse } from './channels.ts';
import { type Gate, pathOf } from './gate.ts';
import type { Wire } from './output.ts';

/** Where a channel's WebSocket is opened. */
export const CHANNEL_PATH = '/channel';
/** Sockets of one relay, channels and those that have not said anything yet. */
const SOCKETS_MAX = 128;

/** The relay's WebSocket side: the one file that knows `ws`. Owns every socket; `close` ends them. */
export class Sockets {
  readonly #gate: Gate;
  readonly #channels: Channels;
  // Deflate costs 5 times the CPU and spoils keystroke latency (web-terminals.md 3.2); one relay, one machine.
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: PAYLOAD_MAX, perMessageDeflate: false });

  constructor(gate: Gate, channels: Channels) {
    this.#gate = gate;
    this.#channels = channels;
  }

  /** Takes an upgrade of CHANNEL_PATH; false leaves every other path to whoever else listens (Vite's hot reload). */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    if (pathOf(request) !== CHANNEL_PATH) return false;
    socket.on('error', () => socket.destroy());
    const refusal = this.#gate.checkSource(request, true);
    const principal = this.#gate.principalOf(request);
    if (refusal) deny(socket, refusal.status);
    else if (principal === undefined) deny(socket, 401);
    else if (this.#server.clients.size >= SOCKETS_MAX) deny(socket, 503);
    else this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#serve(webSocket, principal));
    return true;
  }

  /** Ends every socket at once; channels have told their pages before. */
  close(): void {
    for (const webSocket of this.#server.clients) webSocket.terminate();
    this.#server.close();
  }

  #serve(webSocket: WebSocket, principal: string): void {
    const wire = wireOf(webSocket);
    let channel: Channel | undefined;
    const deadline = setTimeout(
      () => refuse(wire, { code: 'open-timeout', message: 'The page opened a socket and said nothing.' }),
      OPEN_DEADLINE_MS,
    );
    const stopPings = keepAlive(webSocket);
    webSocket.on('message', (data: Buffer, isBinary) => {
      clearTimeout(deadline);
      if (channel) {
        if (isBinary) channel.receiveBytes(wire, data);
        else channel.receive(wire, data.toString('utf8'));
      } else channel = this.#channels.attach(wire, principal, isBinary ? '' : data.toString('utf8'));
    });
    // A frame that is too large or none at all. Without a listener it would end the relay (invariant 5).
    webSocket.on('error', () => {
      channel?.receiveGarbage(wire);
      webSocket.terminate();
    });
    webSocket.on('close', () => {
      clearTimeout(deadline);
      stopPings();
      channel?.detach(wire);
    });
  }
}

function wireOf(webSocket: WebSocket): Wire {
  return {
    send: (message: FromRelay) => webSocket.send(JSON.stringify(message), () => undefined),
    sendBytes: (bytes) => webSocket.send(bytes, () => undefined),
    close: () => webSocket.close(1000),
  };
}

/** Pings a page and gives it up after two unanswered pings: a laptop that sleeps sends no FIN. */
function keepAlive(webSocket: WebSocket): () => void {
  let unanswered = 0;
  webSocket.on('pong', () => (unanswered = 0));
  const timer = setInterval(() => {
    if (unanswered >= 2) webSocket.terminate();
    unanswered++;
    webSocket.ping();
  }, PING_MS);
  return () => clearInterval(timer);
}

function deny(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
