import { JoinedBytes } from '../joined-bytes.ts';

/** Who reads an inflow. */
export interface InflowReader {
  /** True while it takes what comes at once; then `take` gets nothing. */
  readonly wantsMore: boolean;
  /** More has come, or the end: `take` has it. */
  onArrival(): void;
}

/**
 * One incoming stream of a channel, between the protocol and its reader. ssh2 keeps each packet as a piece of its own
 * however small it is, and a window of 1-byte packets then costs a hundred times its bytes; here small ones are joined.
 * The window of the channel is the bound.
 */
export class Inflow {
  readonly #waiting = new JoinedBytes();
  readonly #onTaken: () => void;
  #reader: InflowReader | undefined;
  #direct: Buffer | undefined;
  #ended = false;
  #discarded = false;

  /** @param onTaken called after bytes were taken: the peer may send more */
  constructor(onTaken: () => void) {
    this.#onTaken = onTaken;
  }

  /** Bytes that its reader has not taken. */
  get length(): number {
    return this.#waiting.length + (this.#direct?.length ?? 0);
  }

  /** The one who reads it. What has come before waits. */
  readWith(reader: InflowReader): void {
    this.#reader = reader;
    if (this.length > 0 || this.#ended) reader.onArrival();
  }

  /** For the protocol: more bytes. */
  add(bytes: Buffer): void {
    if (this.#discarded || bytes.length === 0) return this.#onTaken();
    // A key's echo goes through uncopied.
    if (this.#reader?.wantsMore && this.length === 0) this.#direct = bytes;
    else this.#waiting.add(bytes);
    this.#reader?.onArrival();
  }

  /** For the protocol: no more bytes come. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#reader?.onArrival();
  }

  /** The next bytes; null at the end, undefined when nothing has come yet. */
  take(): Buffer | null | undefined {
    const bytes = this.#direct ?? this.#waiting.take();
    this.#direct = undefined;
    if (bytes) this.#onTaken();
    return bytes ?? (this.#ended ? null : undefined);
  }

  /** Drops what waits and all that comes. */
  discard(): void {
    this.#discarded = true;
    this.#direct = undefined;
    while (this.#waiting.take());
    this.#onTaken();
  }
}
