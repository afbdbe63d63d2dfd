import type { Readable, Writable } from 'node:stream';
import type { Sink, Source } from '../io.ts';

/** The input of an SSH channel: read on demand, so that the SSH window is the bound. */
export class ChannelSource implements Source {
  // sshd gives pipes to a command without a pty (chromeos-facts 1.3, 10).
  readonly kind = 'pipe';
  readonly #stream: Readable;
  #ahead: Buffer[] = [];

  constructor(stream: Readable) {
    this.#stream = stream;
  }

  async read(signal?: AbortSignal): Promise<Buffer | null> {
    for (;;) {
      if (signal?.aborted) return null;
      const chunk = this.#ahead.shift() ?? (this.#stream.read() as Buffer | null);
      if (chunk !== null) return chunk;
      if (this.#stream.readableEnded || this.#stream.destroyed) return null;
      await nextEvent(this.#stream, ['readable', 'end', 'close', 'error'], signal);
    }
  }

  unread(chunk: Buffer): void {
    if (chunk.length > 0) this.#ahead.unshift(chunk);
  }
}

/** An output of an SSH channel. */
export class ChannelSink implements Sink {
  readonly isTty = false;
  readonly #stream: Writable;
  readonly broken: AbortSignal;

  /** `closed`: aborted when the channel is gone. */
  constructor(stream: Writable, closed: AbortSignal) {
    this.#stream = stream;
    this.broken = closed;
  }

  async write(chunk: string | Uint8Array): Promise<boolean> {
    if (this.broken.aborted || this.#stream.destroyed || this.#stream.writableEnded) return false;
    // False means that the SSH window or the socket is full: wait, hold nothing more.
    if (!this.#stream.write(chunk)) await nextEvent(this.#stream, ['drain', 'close', 'error'], this.broken);
    return !this.broken.aborted;
  }
}

function nextEvent(stream: Readable | Writable, events: readonly string[], signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const event of events) stream.off(event, done);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    for (const event of events) stream.on(event, done);
    signal?.addEventListener('abort', done, { once: true });
  });
}
