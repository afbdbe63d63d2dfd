import type { Stream } from '#lib/protocol/messages.ts';

/** A run of output bytes of one stream at an absolute offset. */
export interface OutputRecord {
  readonly stream: Stream;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/**
 * The latest output of a channel, in order, at most `capacity` bytes: what a page that comes back is sent again.
 * Whole records fall out at the old end, so the ring may hold a frame less than its capacity.
 */
export class ReplayRing {
  readonly #records: OutputRecord[] = [];
  readonly #capacity: number;
  #held = 0;
  #end = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Offset of the oldest byte that is still held; equals `end` when nothing is. */
  get start(): number {
    return this.#end - this.#held;
  }

  /** Offset of the next byte: the count of all bytes ever appended. */
  get end(): number {
    return this.#end;
  }

  append(stream: Stream, bytes: Uint8Array): OutputRecord {
    const record = { stream, offset: this.#end, bytes };
    this.#records.push(record);
    this.#end += bytes.length;
    this.#held += bytes.length;
    while (this.#held > this.#capacity) {
      const oldest = this.#records.shift();
      if (!oldest) throw new Error('replay ring counts bytes that it does not hold');
      this.#held -= oldest.bytes.length;
    }
    return record;
  }

  /** The records from `offset` on, the first one cut to start there. `offset` must not be past the end. */
  from(offset: number): OutputRecord[] {
    return this.#records
      .filter((record) => record.offset + record.bytes.length > offset)
      .map((record) =>
        record.offset >= offset ? record : { ...record, offset, bytes: record.bytes.subarray(offset - record.offset) },
      );
  }
}
