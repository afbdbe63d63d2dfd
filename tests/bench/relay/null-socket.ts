import { randomBytes } from 'node:crypto';
import { type Socket, connect } from 'node:net';

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
export const TEXT = 1;
export const BINARY = 2;
const CLOSE = 8;
export const PING = 9;
const PONG = 10;

/**
 * A WebSocket client that costs next to nothing, so that a benchmark measures the server: it walks over the frames in
 * its read buffer and hands out views of them. One that does not belong to a page, for the relay's peers too.
 */
export class NullSocket {
  onBytes: (part: Buffer, isEnd: boolean) => void = () => undefined;
  onText: (text: string) => void = () => undefined;
  /** The end of the socket, by whichever side. */
  onClose: () => void = () => undefined;
  /** The server's closing handshake; a client that behaves lets go. */
  onCloseFrame: () => void = () => this.close();
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

  /** Sends frames of `frame`, or any bytes. Resolves when the kernel has taken them, or the socket is closed. */
  sendAll(bytes: Buffer): Promise<void> {
    return new Promise((resolve) => this.#socket.write(bytes, () => resolve()));
  }

  /** Nothing can be sent any more. */
  get isClosed(): boolean {
    return this.#socket.destroyed;
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
    if (this.#opcode === BINARY) return this.onBytes(part, this.#missing === 0);
    this.#texts.push(Buffer.from(part));
    if (this.#missing > 0) return;
    const whole = Buffer.concat(this.#texts);
    this.#texts = [];
    if (this.#opcode === PING) this.#socket.write(this.frame(PONG, whole));
    else if (this.#opcode === CLOSE) this.onCloseFrame();
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
