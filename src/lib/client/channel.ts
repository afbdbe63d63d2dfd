import { KEY_SUBPROTOCOL, SUBPROTOCOL } from '#lib/protocol/key.ts';
import { ACK_EVERY } from '#lib/protocol/limits.ts';
import {
  type Exit,
  type ForwardMessage,
  type FromPage,
  type FromRelay,
  type OpenMessage,
  type Prompt,
  type Size,
  type Stream,
  parseFromRelay,
} from '#lib/protocol/messages.ts';
import type { Problem } from '#lib/protocol/problem.ts';
import { type BackOff, createBackOff } from './back-off.ts';
import { InputQueue } from './input-queue.ts';
import { loadKey } from './key.ts';

/** What to run: the `open` message without its type. */
export type OpenRequest = Omit<OpenMessage, 'type'>;

/** What to forward: the `forward` message without its type. */
export type ForwardRequest = Omit<ForwardMessage, 'type'>;

/** `connecting`: never been ready; `waiting`: the socket dropped, the command goes on, the page comes back by itself. */
export type ChannelState = 'connecting' | 'open' | 'waiting' | 'ended';

/** How a channel ended: with the command's exit, or with a problem. */
export type ChannelEnd = { readonly exit: Exit } | { readonly problem: Problem };

export interface ChannelHandlers {
  /** Output. The receiver calls `consumed` when it has dealt with the bytes; until then they count against flow control. */
  onData(bytes: Uint8Array, stream: Stream): void;
  /** Output between two offsets is gone for good; shown to the person as a gap. */
  onGap?(from: number, to: number): void;
  /** The output that follows was made for this size; null: for the size that this page gave. */
  onSize?(size: Size | null): void;
  /** A password or another question; `answer(null)` cancels. */
  onPrompt?(prompt: Prompt, answer: (answers: string[] | null) => void): void;
  onState?(state: ChannelState): void;
  onEnd(end: ChannelEnd): void;
}

export interface ChannelOptions {
  /** Opens the socket; tests bring their own. */
  readonly createSocket?: () => WebSocket;
  /** Why a socket could not be opened: not signed in, or no relay. */
  readonly explain: () => Promise<Problem>;
  readonly backOff?: BackOff;
  /** The sign-in is over, and this channel ended with it. */
  readonly onSignedOut?: (problem: Problem) => void;
}

/**
 * One exec on a target, seen from the page: bytes both ways, acknowledged, over a socket that may drop and come back.
 * Whoever opens it closes it. Input that the relay has not acknowledged is kept, at most INPUT_MAX bytes.
 */
export class Channel {
  readonly #handlers: ChannelHandlers;
  readonly #options: ChannelOptions;
  readonly #input = new InputQueue();
  readonly #backOff: BackOff;
  #first: OpenMessage | ForwardMessage | undefined;
  #socket: WebSocket | undefined;
  #state: ChannelState = 'connecting';
  #id: string | undefined;
  #stream: Stream = 'stdout';
  #received = 0;
  #consumed = 0;
  #acknowledged = 0;
  /** A reloaded page has seen nothing below, and the page before it may have answered all. */
  #replayUntil = 0;
  /** Below, output may have been made for another size. */
  #ownSizeFrom = 0;
  #otherSize = false;
  #attached = false;
  /** A channel of an earlier page load, whose input offsets are not known before its first `ready`. */
  #taking = false;
  #inputEnded = false;
  #endSent = false;
  #size: { columns: number; rows: number } | undefined;
  #exit: Exit | undefined;

  private constructor(handlers: ChannelHandlers, options: ChannelOptions) {
    this.#handlers = handlers;
    this.#options = options;
    this.#backOff = options.backOff ?? createBackOff();
  }

  /** Starts a command. */
  static open(request: OpenRequest, handlers: ChannelHandlers, options: ChannelOptions): Channel {
    return Channel.#begin({ type: 'open', ...request }, handlers, options);
  }

  /** Opens a port forward. Its output is reports: see `forward.ts`. */
  static forward(request: ForwardRequest, handlers: ChannelHandlers, options: ChannelOptions): Channel {
    return Channel.#begin({ type: 'forward', ...request }, handlers, options);
  }

  static #begin(first: OpenMessage | ForwardMessage, handlers: ChannelHandlers, options: ChannelOptions): Channel {
    const channel = new Channel(handlers, options);
    channel.#first = first;
    channel.#connect();
    return channel;
  }

  /** Goes on with a channel of an earlier page load, from the oldest output that the relay still has. */
  static resume(id: string, handlers: ChannelHandlers, options: ChannelOptions): Channel {
    const channel = new Channel(handlers, options);
    channel.#id = id;
    channel.#taking = true;
    channel.#connect();
    return channel;
  }

  /** The secret to resume with; undefined until the command runs. Never part of a link. */
  get id(): string | undefined {
    return this.#id;
  }

  get state(): ChannelState {
    return this.#state;
  }

  /** True while the output is a repetition for a reloaded page: a terminal must not answer its queries again. */
  get replaying(): boolean {
    return this.#consumed < this.#replayUntil;
  }

  /** Sends input. False if so much waits already that it was refused, whole: nothing is ever sent in part. */
  write(bytes: Uint8Array): boolean {
    if (this.#inputEnded || this.#state === 'ended') return false;
    if (!this.#input.add(bytes)) return false;
    this.#sendInput();
    return true;
  }

  /** No more input. */
  end(): void {
    this.#inputEnded = true;
    this.#sendInput();
  }

  resize(columns: number, rows: number): void {
    this.#size = { columns, rows };
    if (this.#first?.type === 'open' && this.#first.pty)
      this.#first = { ...this.#first, pty: { ...this.#first.pty, columns, rows } };
    if (this.#attached) this.#send({ type: 'resize', columns, rows });
  }

  signal(signal: Extract<FromPage, { type: 'signal' }>['signal']): void {
    if (this.#attached) this.#send({ type: 'signal', signal });
  }

  /** The receiver has dealt with this many more bytes. Acknowledged every ACK_EVERY bytes, and when nothing is left. */
  consumed(count: number): void {
    this.#consumed += count;
    if (this.#consumed - this.#acknowledged < ACK_EVERY && this.#consumed < this.#received) return;
    this.#acknowledged = this.#consumed;
    if (this.#attached) this.#send({ type: 'ack', received: this.#consumed });
  }

  /** Tries to come back now, instead of when the back-off says. */
  reconnect(): void {
    if (this.#state === 'waiting') this.#backOff.now();
  }

  /** Ends the command, wherever it is. */
  close(): void {
    if (this.#state === 'ended') return;
    this.#backOff.stop();
    this.#setState('ended');
    this.#dropSocket({ type: 'close' });
  }

  #connect(): void {
    const socket = this.#options.createSocket?.() ?? openSocket();
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      if (this.#id !== undefined) this.#send({ type: 'resume', channel: this.#id, received: this.#received });
      else if (this.#first) this.#send(this.#first);
    };
    socket.onmessage = (event: MessageEvent<unknown>) => {
      if (socket !== this.#socket) return; // closed here, still talking
      if (event.data instanceof ArrayBuffer) this.#receiveBytes(new Uint8Array(event.data));
      else this.#receive(parseFromRelay(String(event.data)));
    };
    socket.onclose = () => this.#lost(socket);
  }

  #receive(message: FromRelay | undefined): void {
    switch (message?.type) {
      case 'ready':
        return this.#ready(message);
      case 'data':
        this.#stream = message.stream;
        return;
      case 'resize':
        this.#otherSize = true;
        return this.#handlers.onSize?.({ columns: message.columns, rows: message.rows });
      case 'ack':
        if (!this.#input.acknowledge(message.received)) return this.#finish(BROKEN_RELAY);
        return this.#sendInput();
      case 'prompt': {
        const answer = (answers: string[] | null): void =>
          this.#send({ type: 'answer', prompt: message.prompt, answers });
        if (this.#handlers.onPrompt) this.#handlers.onPrompt(message, answer);
        else answer(null);
        return;
      }
      case 'exit':
        this.#exit = message;
        return;
      case 'close':
        return this.#finish(message.problem);
      case undefined:
        return this.#finish(BROKEN_RELAY);
    }
  }

  #ready(message: Extract<FromRelay, { type: 'ready' }>): void {
    if (message.sent > this.#received) this.#handlers.onGap?.(this.#received, message.sent);
    if (this.#taking) {
      this.#replayUntil = message.live;
      this.#input.startAt(message.received);
      this.#taking = false;
    } else if (!this.#input.rewind(message.received)) return this.#finish(BROKEN_RELAY);
    this.#id = message.channel;
    // Bytes of a gap will never be consumed: count them as dealt with, or flow control would wait for them.
    this.#consumed += Math.max(0, message.sent - this.#received);
    this.#received = message.sent;
    this.#ownSizeFrom = message.end;
    this.#checkSize();
    this.#stream = 'stdout';
    this.#attached = true;
    this.#endSent = false;
    // Not when the socket opens: a relay that takes sockets and drops them is not back.
    this.#backOff.reset();
    this.#setState('open');
    if (this.#size) this.#send({ type: 'resize', ...this.#size });
    this.#send({ type: 'ack', received: this.#consumed });
    this.#sendInput();
  }

  #receiveBytes(bytes: Uint8Array): void {
    this.#received += bytes.length;
    this.#handlers.onData(bytes, this.#stream);
    this.#checkSize();
  }

  #checkSize(): void {
    if (!this.#otherSize || this.#received < this.#ownSizeFrom) return;
    this.#otherSize = false;
    this.#handlers.onSize?.(null);
  }

  #sendInput(): void {
    if (!this.#attached) return;
    for (let next = this.#input.take(); next; next = this.#input.take()) this.#socket?.send(next);
    if (!this.#inputEnded || this.#endSent || !this.#input.allTaken) return;
    this.#endSent = true;
    this.#send({ type: 'end' });
  }

  #lost(socket: WebSocket): void {
    if (socket !== this.#socket || this.#state === 'ended') return;
    this.#socket = undefined;
    this.#attached = false;
    if (this.#id === undefined) {
      // Never ran: nothing to come back to, so say why.
      void this.#options.explain().then((problem) => this.#finish(problem));
      return;
    }
    this.#setState('waiting');
    this.#backOff.wait(() => this.#connect());
    // Waiting helps against a network, not against a sign-in that is over.
    void this.#options.explain().then((problem) => {
      if (problem.code === 'signed-out' && this.#state === 'waiting') this.#finish(problem);
    });
  }

  #finish(problem: Problem | null): void {
    if (this.#state === 'ended') return;
    this.#backOff.stop();
    this.#setState('ended');
    this.#dropSocket({ type: 'close' });
    if (problem?.code === 'signed-out') this.#options.onSignedOut?.(problem);
    if (problem) this.#handlers.onEnd({ problem });
    else this.#handlers.onEnd({ exit: this.#exit ?? { type: 'exit', code: null, signal: null } });
  }

  #dropSocket(farewell: FromPage): void {
    this.#attached = false;
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket?.readyState === 1) socket.send(JSON.stringify(farewell));
    socket?.close();
  }

  #send(message: FromPage): void {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(message));
  }

  #setState(state: ChannelState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#handlers.onState?.(state);
  }
}

const BROKEN_RELAY: Problem = {
  code: 'malformed-message',
  message: 'The relay sent something that this page does not understand.',
};

/** The relay that served this page. */
function openSocket(): WebSocket {
  const address = new URL('/channel', location.href);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  address.hash = '';
  return new WebSocket(address, [SUBPROTOCOL, KEY_SUBPROTOCOL + loadKey()]);
}
