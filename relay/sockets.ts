import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import {
  MESSAGES_BURST,
  MESSAGES_PER_SECOND,
  OPEN_DEADLINE_MS,
  PAYLOAD_MAX,
  PING_MS,
  RECORD_COST,
  REPLAY_RING,
  SMALL_FRAME,
} from '#lib/protocol/limits.ts';
import { SUBPROTOCOL } from '#lib/protocol/key.ts';
import type { FromRelay } from '#lib/protocol/messages.ts';
import type { Problem } from '#lib/protocol/problem.ts';
import { Budget, Budgets } from './budget.ts';
import type { Callers } from './callers.ts';
import type { Channel } from './channel.ts';
import { type Channels, refuse } from './channels.ts';
import { type Gate, pathOf } from './gate.ts';
import { CLOSE_DEADLINE_MS, FAREWELL_MS, UNSENT_MAX } from './limits.ts';
import type { Wire } from './output.ts';

/** Where a channel's WebSocket is opened. */
export const CHANNEL_PATH = '/channel';

/** Its types do not know the last one yet. */
const SERVER_OPTIONS: ServerOptions & { readonly closeTimeout: number } = {
  noServer: true,
  maxPayload: PAYLOAD_MAX,
  // Deflate costs 5 times the CPU and spoils keystroke latency (web-terminals.md 3.2); one relay, one machine.
  perMessageDeflate: false,
  // Nothing that is not spoken is agreed to, and a key is never said back.
  handleProtocols: (offered) => offered.has(SUBPROTOCOL) && SUBPROTOCOL,
  closeTimeout: CLOSE_DEADLINE_MS,
  // Pongs are sent here, where they count as everything else that a page makes us send.
  autoPong: false,
  // A message of PAYLOAD_MAX bytes comes in 500 segments of a slow link, and browsers cut none of that size in pieces.
  maxBufferedChunks: 4096,
  maxFragments: 64,
};

/** What one socket may send, and all sockets of one principal. */
const MESSAGES = { burst: MESSAGES_BURST, perSecond: MESSAGES_PER_SECOND } as const;
const MESSAGES_OF_PRINCIPAL = { burst: 4 * MESSAGES_BURST, perSecond: 4 * MESSAGES_PER_SECOND } as const;

/** Frames that may be on their way to a page, each of which it acknowledges: a replay ring full of the smallest ones. */
const EARNED_MAX = REPLAY_RING / RECORD_COST;

export interface SocketsOptions {
  readonly gate: Gate;
  readonly callers: Callers;
  readonly channels: Channels;
  /** How many there may be. */
  readonly max: number;
  /** How many of them one principal may have. */
  readonly maxPerPrincipal: number;
  /** A socket of this principal closed: until then it used its sign-in. */
  readonly onClosed: (principal: string) => void;
}

/** The relay's WebSocket side: the one file that knows `ws`. Owns every socket; `close` ends them. */
export class Sockets {
  readonly #options: SocketsOptions;
  readonly #server = new WebSocketServer(SERVER_OPTIONS);
  readonly #ofPrincipal = new Map<string, Set<WebSocket>>();
  readonly #messages = new Budgets(MESSAGES_OF_PRINCIPAL);
  /** Of sockets that have not said anything yet, each with its principal. */
  readonly #silent = new Map<Wire, string>();
  #stopping = false;

  /** Bytes of binary frames since the start: from commands to pages, and from pages to commands. */
  readonly bytes = { output: 0, input: 0 };

  constructor(options: SocketsOptions) {
    this.#options = options;
    // Its own errors are those of a server that listens, which this one doesn't do.
    this.#server.on('error', () => undefined);
  }

  get size(): number {
    return this.#server.clients.size;
  }

  /** True while a page of this principal has a socket open. */
  has(principal: string): boolean {
    return this.#ofPrincipal.has(principal);
  }

  /** Takes an upgrade of CHANNEL_PATH; false leaves every other path to whoever else listens (Vite's hot reload). */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    if (pathOf(request) !== CHANNEL_PATH) return false;
    socket.on('error', () => socket.destroy());
    const { gate, callers, max, maxPerPrincipal } = this.#options;
    const refusal = gate.checkSource(request, true);
    if (refusal) return deny(socket, refusal.status);
    // RFC 6455 section 4.1: HTTP/1.1 or higher.
    if (request.httpVersion !== '1.1') return deny(socket, 400);
    const principal = gate.principalOf(request);
    if (principal === undefined) return deny(socket, 401);
    const count = this.#ofPrincipal.get(principal)?.size ?? 0;
    if (this.#stopping || this.size >= max || count >= maxPerPrincipal) return deny(socket, 503);
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      callers.release(request.socket);
      this.#serve(webSocket, principal, socket);
    });
    return true;
  }

  /** A principal is not signed in any more: its sockets close, and nothing that comes on them is heard. */
  endThoseOf(principal: string, problem: Problem): void {
    for (const [wire, owner] of this.#silent) {
      if (owner !== principal) continue;
      this.#silent.delete(wire);
      refuse(wire, problem);
    }
    for (const webSocket of this.#ofPrincipal.get(principal) ?? []) webSocket.close(1000);
  }

  /** Ends every socket; channels have told their pages before. A page that takes too long to leave is cut off. */
  async close(): Promise<void> {
    this.#stopping = true;
    for (const wire of this.#silent.keys()) refuse(wire, { code: 'relay-stopping', message: 'The relay was stopped.' });
    this.#silent.clear();
    const clients = [...this.#server.clients];
    const cut = setTimeout(() => {
      for (const webSocket of clients) webSocket.terminate();
    }, FAREWELL_MS);
    await Promise.all(clients.map((webSocket) => new Promise((resolve) => webSocket.once('close', resolve))));
    clearTimeout(cut);
    this.#server.close();
  }

  #serve(webSocket: WebSocket, principal: string, socket: Duplex): void {
    const { channels } = this.#options;
    const budgets = [new Budget(MESSAGES), this.#messages.of(principal)];
    /** Messages that frames of the relay allow beyond the budgets. */
    let earned = 0;
    const wire = wireOf(webSocket, socket, this.bytes, () => (earned = Math.min(EARNED_MAX, earned + 1)));
    this.#ofPrincipal.set(principal, (this.#ofPrincipal.get(principal) ?? new Set()).add(webSocket));
    this.#silent.set(wire, principal);
    let channel: Channel | undefined;
    let over = false;
    const deadline = setTimeout(() => {
      this.#silent.delete(wire);
      refuse(wire, { code: 'open-timeout', message: 'The page opened a socket and said nothing.' });
    }, OPEN_DEADLINE_MS);
    const stopPings = keepAlive(webSocket);
    /** True for what the page may still send; otherwise it is cut off, once. */
    const mayGoOn = (isMessage = false): boolean => {
      if (over) return false;
      if (isMessage && earned > 0) return earned-- > 0;
      // Each must pay, also where the other refuses: nothing is sent for nothing.
      over = budgets.map((budget) => budget.take()).includes(false);
      if (!over) return true;
      if (channel) channel.endWith(TOO_MANY);
      else refuse(wire, TOO_MANY);
      // The rest of the flood waits in the kernel, not here.
      webSocket.pause();
      setTimeout(() => webSocket.terminate(), FAREWELL_MS);
      return false;
    };
    webSocket.on('ping', (data: Buffer) => {
      if (mayGoOn()) wire.pong(data);
    });
    webSocket.on('pong', () => mayGoOn());
    webSocket.on('message', (data: Buffer, isBinary) => {
      if (isBinary && data.length >= SMALL_FRAME ? over : !mayGoOn(!isBinary)) return;
      if (channel) {
        if (isBinary) {
          this.bytes.input += data.length;
          channel.receiveBytes(wire, data);
        } else channel.receive(wire, data);
        return;
      }
      // What comes after a refusal comes too late.
      if (!this.#silent.delete(wire)) return;
      clearTimeout(deadline);
      channel = channels.attach(wire, principal, isBinary ? '' : data.toString('utf8'));
    });
    // A frame that is too large or none at all. Without a listener it would end the relay (invariant 5).
    webSocket.on('error', () => {
      channel?.receiveGarbage(wire);
      webSocket.terminate();
    });
    webSocket.on('close', () => {
      clearTimeout(deadline);
      stopPings();
      this.#silent.delete(wire);
      const others = this.#ofPrincipal.get(principal);
      others?.delete(webSocket);
      if (others?.size === 0) this.#ofPrincipal.delete(principal);
      this.#options.onClosed(principal);
      channel?.detach(wire);
    });
  }
}

const TOO_MANY: Problem = {
  code: 'too-many-messages',
  message: `The page sent more than ${MESSAGES_PER_SECOND} messages a second.`,
};

/** @param onFrame a binary frame is sent: the page may acknowledge it */
function wireOf(
  webSocket: WebSocket,
  socket: Duplex,
  bytes: { output: number },
  onFrame: () => void,
): Wire & { pong(data: Buffer): void } {
  let unsent = 0;
  /** Counts what the page doesn't read: flow control bounds output, but a page may ask for messages without end. */
  const put = (length: number, send: (done: () => void) => void): void => {
    const cost = length + RECORD_COST;
    unsent += cost;
    if (unsent > UNSENT_MAX) webSocket.terminate();
    else send(() => (unsent -= cost));
  };
  return {
    send: (message: FromRelay) => {
      const text = JSON.stringify(message);
      put(text.length, (done) => webSocket.send(text, done));
    },
    sendBytes: (data) => {
      bytes.output += data.length;
      onFrame();
      put(data.length, (done) => webSocket.send(data, done));
    },
    pong: (data) => put(data.length, (done) => webSocket.pong(data, false, done)),
    together: (send) => {
      socket.cork();
      send();
      socket.uncork();
    },
    close: () => webSocket.close(1000),
  };
}

/**
 * Pings a page and gives it up after two unanswered pings: a laptop that sleeps sends no FIN. Only a pong with the bytes
 * of a ping is its answer (RFC 6455 section 5.5.3): a page that reads nothing cannot guess them.
 */
function keepAlive(webSocket: WebSocket): () => void {
  const unanswered: string[] = [];
  webSocket.on('pong', (data: Buffer) => unanswered.splice(0, unanswered.indexOf(data.toString('hex')) + 1));
  const timer = setInterval(() => {
    if (unanswered.length >= 2) return webSocket.terminate();
    const bytes = randomBytes(8);
    unanswered.push(bytes.toString('hex'));
    webSocket.ping(bytes);
  }, PING_MS);
  return () => clearInterval(timer);
}

/** Answers an upgrade with a status, and lets the connection go: the other side may never close its half. */
export function deny(socket: Duplex, status: number, body = ''): true {
  socket.once('finish', () => socket.destroy());
  const type = body === '' ? '' : 'Content-Type: application/json\r\n';
  const head = `HTTP/1.1 ${status} Refused\r\nConnection: close\r\n${type}Content-Length: ${Buffer.byteLength(body)}`;
  socket.end(`${head}\r\n\r\n${body}`);
  return true;
}
