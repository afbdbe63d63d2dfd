import { randomBytes } from 'node:crypto';
import { type Socket, connect } from 'node:net';
import { ACK_EVERY, INPUT_FRAME_MAX, INPUT_WINDOW } from '../../../src/lib/protocol/limits.ts';

/** Size of the one buffer that each client reads into, in bytes. */
const READ_BYTES = 256 * 1024;

/** The relay as its clients need it. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The message types of RFC 6455 section 5.2 that are used here. */
const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/**
 * A WebSocket client that costs next to nothing, so that a benchmark measures the server: it walks over the frames in
 * its read buffer and hands out views of them. One that does not belong to a page, for the relay's peers too.
 */
export class NullSocket {
  onBytes: (part: Buffer) => void = () => undefined;
  onText: (text: string) => void = () => undefined;
  /** The end of the socket, by whichever side. */
  onClose: () => void = () => undefined;
  readonly #socket: Socket;
  /** Masking is the client's duty, and the server's work; it is the same for one that never changes. */
  readonly #mask = randomBytes(4);
  /** Bytes of a frame's header, or of a text, that has not arrived as a whole. */
  #rest: Buffer | null = null;
  #opcode = 0;
  /** Bytes that the current frame still lacks. */
  #missing = 0;
  #texts: Buffer[] = [];
  #upgraded: (() => void) | null = null;

  private constructor(endpoint: Endpoint) {
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    this.#socket = connect({
      host: endpoint.host,
      port: endpoint.port,
      noDelay: true,
      onread: {
        buffer,
        callback: (count) => {
          this.#read(buffer.subarray(0, count));
          return true;
        },
      },
    });
    const headers = {
      host: `${endpoint.host}:${endpoint.port}`,
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': randomBytes(16).toString('base64'),
      ...endpoint.headers,
    };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    this.#socket.write(`GET ${endpoint.path} HTTP/1.1\r\n${lines.join('')}\r\n`);
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => this.onClose());
  }

  /** Rejects when the server refuses. */
  static open(endpoint: Endpoint): Promise<NullSocket> {
    return new Promise((resolve, reject) => {
      const client = new NullSocket(endpoint);
      client.onClose = () => reject(new Error(`${endpoint.path} on port ${endpoint.port} was refused`));
      client.#upgraded = () => resolve(client);
    });
  }

  sendText(text: string): void {
    this.#socket.write(this.frame(TEXT, Buffer.from(text)));
  }

  sendBytes(bytes: Buffer): void {
    this.#socket.write(this.frame(BINARY, bytes));
  }

  /** A frame of `frame`, which can be sent as often as one likes. */
  sendFrame(frame: Buffer): void {
    this.#socket.write(frame);
  }

  /** Reads nothing until `resume`: the kernel's buffers fill, as those of a page that hangs. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.destroy();
  }

  /** A whole message. */
  frame(opcode: number, payload: Buffer): Buffer {
    const { length } = payload;
    const extra = length < 126 ? 0 : length < 65536 ? 2 : 8;
    const frame = Buffer.allocUnsafe(6 + extra + length);
    frame[0] = 0x80 | opcode;
    frame[1] = 0x80 | (extra === 0 ? length : extra === 2 ? 126 : 127);
    if (extra === 2) frame.writeUInt16BE(length, 2);
    if (extra === 8) frame.writeBigUInt64BE(BigInt(length), 2);
    this.#mask.copy(frame, 2 + extra);
    for (let at = 0; at < length; at++) frame[6 + extra + at] = (payload[at] ?? 0) ^ (this.#mask[at & 3] ?? 0);
    return frame;
  }

  #read(chunk: Buffer): void {
    let bytes = chunk;
    if (this.#rest) {
      bytes = Buffer.concat([this.#rest, bytes]);
      this.#rest = null;
    }
    let at = 0;
    if (this.#upgraded) {
      const end = bytes.indexOf('\r\n\r\n');
      if (end < 0) return this.#keep(bytes, 0);
      if (!bytes.toString('latin1', 0, end).startsWith('HTTP/1.1 101 ')) return this.close();
      at = end + 4;
      this.onClose = () => undefined;
      this.#upgraded();
      this.#upgraded = null;
      // Who opened it sets its handlers first.
      if (at < bytes.length) queueMicrotask(() => this.#read(Buffer.from(bytes.subarray(at))));
      return;
    }
    while (at < bytes.length) {
      if (this.#missing === 0) {
        const header = headerAt(bytes, at);
        if (!header) return this.#keep(bytes, at);
        ({ opcode: this.#opcode, length: this.#missing } = header);
        at = header.end;
        if (this.#missing === 0) this.#part(Buffer.alloc(0));
        continue;
      }
      const part = bytes.subarray(at, at + this.#missing);
      this.#missing -= part.length;
      at += part.length;
      this.#part(part);
    }
  }

  #keep(bytes: Buffer, from: number): void {
    this.#rest = Buffer.from(bytes.subarray(from));
  }

  #part(part: Buffer): void {
    if (this.#opcode === BINARY) return this.onBytes(part);
    this.#texts.push(Buffer.from(part));
    if (this.#missing > 0) return;
    const whole = Buffer.concat(this.#texts);
    this.#texts = [];
    if (this.#opcode === PING) this.#socket.write(this.frame(PONG, whole));
    else if (this.#opcode === CLOSE) this.close();
    else if (this.#opcode === TEXT) this.onText(whole.toString('utf8'));
    else if (this.#opcode !== PONG)
      throw new Error(`a frame of type ${this.#opcode}: neither the relay nor wetty sends it`);
  }
}

/** What a frame begins with; undefined when not all of it is there. Servers do not mask. */
function headerAt(bytes: Buffer, at: number): { opcode: number; length: number; end: number } | undefined {
  const extra = [0, 2, 8][Math.max(0, ((bytes[at + 1] ?? 0) & 127) - 125)] ?? 0;
  const end = at + 2 + extra;
  if (end > bytes.length || at + 2 > bytes.length) return undefined;
  const length =
    extra === 0
      ? (bytes[at + 1] ?? 0) & 127
      : extra === 2
        ? bytes.readUInt16BE(at + 2)
        : Number(bytes.readBigUInt64BE(at + 2));
  return { opcode: (bytes[at] ?? 0) & 15, length, end };
}

/** What a client says first (PROTOCOL.md, "open"). */
export interface OpenRequest {
  readonly target: string;
  readonly command: string | null;
  readonly pty: { readonly term: string; readonly columns: number; readonly rows: number } | null;
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
    socket.onBytes = (part) => {
      this.received += part.length;
      if (this.#onData) this.#onData(part);
      else this.#early.push(Buffer.from(part));
      if (bytesPerMs === Infinity) this.#consume(this.received);
    };
    if (bytesPerMs !== Infinity) this.#pace();
  }

  /** @param bytesPerMs what its consumer can deal with; Infinity: all that comes */
  static async open(endpoint: Endpoint, request: OpenRequest, bytesPerMs = Infinity): Promise<NullPage> {
    const page = new NullPage(await NullSocket.open(endpoint), bytesPerMs);
    const ready = new Promise<void>((resolve) => (page.#ready = resolve));
    page.socket.sendText(JSON.stringify({ type: 'open', ...request }));
    const problem = await Promise.race([ready.then(() => null), page.closed]);
    if (problem !== null) throw new Error(problem);
    return page;
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
    if (message.type === 'ready') this.#ready();
    else if (message.type === 'ack') {
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
  readonly received?: number;
  readonly problem?: { readonly code: string; readonly message: string } | null;
}
