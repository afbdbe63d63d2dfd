/** vsh reads its stdin only when it is a pipe (chromeos-facts 1.3), so a source says what it is. */
export type SourceKind = 'pipe' | 'tty' | 'file';

/** Where a command reads. */
export interface Source {
  readonly kind: SourceKind;
  /** The next bytes; null at the end, or when `signal` is aborted (then nothing is consumed). */
  read(signal?: AbortSignal): Promise<Buffer | null>;
  /** Puts bytes back in front: what a command took but did not use belongs to the next one. */
  unread(chunk: Buffer): void;
}

/** Where a command writes. */
export interface Sink {
  readonly isTty: boolean;
  /** Resolves when there is room for more: this is the backpressure. False: nobody reads any more (EPIPE). */
  write(chunk: string | Uint8Array): Promise<boolean>;
  /** Aborted once nobody reads; for a command that waits for something else than room. */
  readonly broken?: AbortSignal;
}

/** Aborted by `signal`, or when the reader of `sink` goes. */
export function untilBroken(signal: AbortSignal, sink: Sink): AbortSignal {
  return sink.broken ? AbortSignal.any([signal, sink.broken]) : signal;
}

/** The three streams of a command. */
export interface Stdio {
  readonly stdin: Source;
  readonly stdout: Sink;
  readonly stderr: Sink;
}

/** Bytes that a pipe holds before its writer waits: as Linux. */
const PIPE_CAPACITY = 64 * 1024;

/** Ctrl-D. */
const END_KEY = Buffer.of(4);

/** A bounded queue of bytes with an end: a pipe, or the input side of a terminal. */
export class ByteQueue implements Source, Sink {
  readonly kind: SourceKind;
  readonly isTty = false;
  /** null: an end of input that is read once, as Ctrl-D at a terminal. */
  #chunks: (Buffer | null)[] = [];
  #size = 0;
  #ended = false;
  readonly #breaking = new AbortController();
  readonly #wakers = new Set<() => void>();

  constructor(kind: SourceKind = 'pipe') {
    this.kind = kind;
  }

  get broken(): AbortSignal {
    return this.#breaking.signal;
  }

  get #broken(): boolean {
    return this.#breaking.signal.aborted;
  }

  /** Bytes waiting to be read. */
  get size(): number {
    return this.#size;
  }

  async write(chunk: string | Uint8Array): Promise<boolean> {
    if (this.#broken) return false;
    this.push(chunk);
    while (this.#size > PIPE_CAPACITY && !this.#broken) await this.#change();
    return !this.#broken;
  }

  /** Adds bytes without waiting; for a writer that bounds itself. */
  push(chunk: string | Uint8Array): void {
    const bytes = toBuffer(chunk);
    if (this.#broken || this.#ended || bytes.length === 0) return;
    this.#chunks.push(bytes);
    this.#size += bytes.length;
    this.#wake();
  }

  /** An end of input that only the current reader sees. */
  pushEnd(): void {
    this.#chunks.push(null);
    this.#wake();
  }

  /** Takes all that is queued, at once; an end that was typed comes as the key for it. */
  drain(): Buffer {
    const all = Buffer.concat(this.#chunks.map((chunk) => chunk ?? END_KEY));
    this.clear();
    return all;
  }

  /** Forgets what was typed but not read. */
  clear(): void {
    this.#chunks = [];
    this.#size = 0;
    this.#wake();
  }

  /** No more will be written; what is queued can still be read. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** The reader has gone: writers see EPIPE. */
  break(): void {
    this.#breaking.abort();
    this.#chunks = [];
    this.#size = 0;
    this.#wake();
  }

  async read(signal?: AbortSignal): Promise<Buffer | null> {
    for (;;) {
      if (signal?.aborted) return null;
      const chunk = this.#chunks.shift();
      if (chunk === null) return null;
      if (chunk) {
        this.#size -= chunk.length;
        this.#wake();
        return chunk;
      }
      if (this.#ended || this.#broken) return null;
      await this.#change(signal);
    }
  }

  unread(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.unshift(chunk);
    this.#size += chunk.length;
    this.#wake();
  }

  #wake(): void {
    const wakers = [...this.#wakers];
    this.#wakers.clear();
    for (const waker of wakers) waker();
  }

  #change(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#wakers.delete(done);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      this.#wakers.add(done);
      signal?.addEventListener('abort', done, { once: true });
    });
  }
}

/** Keeps what is written, up to `limit` bytes; more is dropped and counted as written. */
export class Collector implements Sink {
  readonly isTty = false;
  readonly #chunks: Buffer[] = [];
  #size = 0;
  readonly #limit: number;

  constructor(limit = COLLECT_LIMIT) {
    this.#limit = limit;
  }

  write(chunk: string | Uint8Array): Promise<boolean> {
    const bytes = toBuffer(chunk);
    if (this.#size + bytes.length > this.#limit) return Promise.resolve(false);
    this.#size += bytes.length;
    this.#chunks.push(bytes);
    return Promise.resolve(true);
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

/** 64 MiB: the most that a one-shot command gets as stdin or leaves as output; just-bash holds both as one string. */
export const COLLECT_LIMIT = 64 * 1024 * 1024;

/** Reads to the end. Null when more than `limit` bytes came. */
export async function collect(source: Source, signal: AbortSignal, limit = COLLECT_LIMIT): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for (let chunk = await source.read(signal); chunk !== null; chunk = await source.read(signal)) {
    size += chunk.length;
    if (size > limit) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** One line with its newline (or the rest at the end); null at the end. The bytes after it stay unread. */
export async function readLine(source: Source, signal: AbortSignal): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  for (let chunk = await source.read(signal); chunk !== null; chunk = await source.read(signal)) {
    const newline = chunk.indexOf(10);
    if (newline < 0) {
      parts.push(chunk);
      continue;
    }
    source.unread(chunk.subarray(newline + 1));
    parts.push(chunk.subarray(0, newline + 1));
    break;
  }
  return parts.length > 0 ? Buffer.concat(parts) : null;
}

/** A source with fixed content. */
export function sourceOf(content: string | Uint8Array, kind: SourceKind = 'pipe'): Source {
  const queue = new ByteQueue(kind);
  queue.push(content);
  queue.end();
  return queue;
}

/** /dev/null in both directions. */
export const nullSource = (): Source => sourceOf('', 'file');
export const nullSink: Sink = { isTty: false, write: () => Promise.resolve(true) };

/** Resolves after `milliseconds`, or at once when `signal` is aborted. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    timer.unref();
    signal.addEventListener('abort', done, { once: true });
  });
}

function toBuffer(chunk: string | Uint8Array): Buffer {
  if (typeof chunk === 'string') return Buffer.from(chunk);
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
