import { ACK_EVERY, INPUT_FRAME_MAX, INPUT_WINDOW } from '../../../src/lib/protocol/limits.ts';
import { BINARY, type Endpoint, NullSocket } from './null-socket.ts';

/** What a client says first (PROTOCOL.md, "open"). */
export interface OpenRequest {
  readonly target: string;
  readonly command: string | null;
  readonly pty: { readonly term: string; readonly columns: number; readonly rows: number } | null;
}

/** Or this, for a port forward (PROTOCOL.md, "forward"). */
export interface ForwardRequest {
  readonly target: string;
  readonly host: string;
  readonly port: number;
  readonly localPort: number;
}

/** The first message on a socket, as text: every page of a benchmark sends the one that is made here. */
export function firstMessage(
  message: { readonly type: 'open' | 'forward' | 'resume' } & Record<string, unknown>,
): string {
  return JSON.stringify(message);
}

/** A page without a screen: counts output and acknowledges it as a real one does. */
export class NullPage {
  #onData: ((part: Buffer) => void) | null = null;
  /** What came before anybody wanted it. */
  #early: Buffer[] = [];
  /** Bytes of input that the relay has acknowledged. */
  #taken = 0;
  #sent = 0;
  #onTaken: () => void = () => undefined;
  readonly socket: NullSocket;
  /** Settles with `close` of the relay, null without a problem. */
  readonly closed: Promise<string | null>;
  /** The secret that resumes it. */
  channel = '';
  /** Bytes of output so far. */
  received = 0;
  #consumed = 0;
  #acknowledged = 0;
  #stalled = false;
  readonly #bytesPerMs: number;
  #timer: NodeJS.Timeout | undefined;
  #ready: () => void = () => undefined;

  private constructor(socket: NullSocket, bytesPerMs: number) {
    this.socket = socket;
    this.#bytesPerMs = bytesPerMs;
    this.closed = new Promise((resolve) => {
      socket.onText = (text) => this.#receive(JSON.parse(text) as Message, resolve);
      socket.onClose = () => resolve('the relay closed the socket');
    });
    socket.onBytes = (part, isEnd) => {
      this.received += part.length;
      if (this.#onData) this.#onData(part);
      else this.#early.push(Buffer.from(part));
      // A browser gives its page whole frames.
      if (isEnd && bytesPerMs === Infinity) this.#consume(this.received);
    };
    if (bytesPerMs !== Infinity) this.#pace();
  }

  /** @param bytesPerMs what its consumer can deal with; Infinity: all that comes */
  static open(endpoint: Endpoint, request: OpenRequest, bytesPerMs = Infinity): Promise<NullPage> {
    return NullPage.#begin(endpoint, firstMessage({ type: 'open', ...request }), bytesPerMs);
  }

  /** Its output are reports. */
  static forward(endpoint: Endpoint, request: ForwardRequest): Promise<NullPage> {
    return NullPage.#begin(endpoint, firstMessage({ type: 'forward', ...request }), Infinity);
  }

  static async #begin(endpoint: Endpoint, first: string, bytesPerMs: number): Promise<NullPage> {
    const page = new NullPage(await NullSocket.open(endpoint), bytesPerMs);
    const ready = new Promise<void>((resolve) => (page.#ready = resolve));
    page.socket.sendText(first);
    const problem = await Promise.race([ready.then(() => null), page.closed]);
    if (problem !== null) throw new Error(problem);
    return page;
  }

  /** Bytes of input that the command has taken, as far as the relay has said. */
  get taken(): number {
    return this.#taken;
  }

  /** Gets all output; a part is good only until it returns. */
  set onData(listener: (part: Buffer) => void) {
    this.#onData = listener;
    for (const part of this.#early.splice(0)) listener(part);
  }

  /** Hangs: reads nothing and acknowledges nothing. */
  stall(): void {
    this.#stalled = true;
    this.socket.pause();
  }

  goOn(): void {
    this.#stalled = false;
    this.socket.resume();
  }

  /** Sends input that was all made before: as fast as the window lets it. Resolves when the command has taken it. */
  sendZeros(bytes: number): Promise<void> {
    const full = this.socket.frame(BINARY, Buffer.alloc(INPUT_FRAME_MAX));
    const end = this.#sent + bytes;
    return new Promise((resolve, reject) => {
      this.#onTaken = () => {
        while (this.#sent < end && this.#sent - this.#taken + INPUT_FRAME_MAX <= INPUT_WINDOW) {
          const length = Math.min(INPUT_FRAME_MAX, end - this.#sent);
          this.socket.sendFrame(length === INPUT_FRAME_MAX ? full : this.socket.frame(BINARY, Buffer.alloc(length)));
          this.#sent += length;
        }
        if (this.#taken === end) resolve();
      };
      void this.closed.then((problem) => reject(new Error(`the end after ${this.#taken} bytes: ${problem}`)));
      this.#onTaken();
    });
  }

  /** No more input. */
  end(): void {
    this.socket.sendText('{"type":"end"}');
  }

  close(): void {
    clearInterval(this.#timer);
    this.socket.sendText('{"type":"close"}');
  }

  #receive(message: Message, resolveClosed: (problem: string | null) => void): void {
    if (message.type === 'ready') {
      this.channel = message.channel ?? '';
      this.#ready();
    }
    if (message.type === 'ack') {
      this.#taken = message.received ?? 0;
      this.#onTaken();
    } else if (message.type === 'close') {
      clearInterval(this.#timer);
      resolveClosed(message.problem ? `${message.problem.code}: ${message.problem.message}` : null);
      this.socket.sendText('{"type":"close"}');
    }
  }

  #pace(): void {
    let last = performance.now();
    this.#timer = setInterval(() => {
      const now = performance.now();
      this.#consume(Math.min(this.received, this.#consumed + Math.floor((now - last) * this.#bytesPerMs)));
      last = now;
    }, 2);
  }

  #consume(upTo: number): void {
    if (this.#stalled) return;
    this.#consumed = upTo;
    if (upTo === this.#acknowledged || (upTo - this.#acknowledged < ACK_EVERY && upTo < this.received)) return;
    this.#acknowledged = upTo;
    this.socket.sendText(`{"type":"ack","received":${upTo}}`);
  }
}

interface Message {
  readonly type: string;
  readonly channel?: string;
  readonly received?: number;
  readonly problem?: { readonly code: string; readonly message: string } | null;
}
