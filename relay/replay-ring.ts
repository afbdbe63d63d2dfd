import { RECORD_COST } from '#lib/protocol/limits.ts';
import type { Size, Stream } from '#lib/protocol/messages.ts';
import type { Chunk } from './frames.ts';
import { ownedBytes } from './joined-bytes.ts';

/** Small output is joined to its neighbour up to this many bytes, or a typed line would be a record for each key. */
const JOINED_MAX = 4 * 1024;

/** A run of output bytes of one stream at an absolute offset, or the size that the output from there on was made for. */
export type ReplayRecord = (Chunk & { readonly offset: number }) | { readonly offset: number; readonly size: Size };

/**
 * The latest output of a channel, in order, with the terminal's sizes: what a page that comes back is sent again.
 * Each record counts with its bytes and RECORD_COST, and all of them for at most `capacity`. Whole records fall out at
 * the old end. Large chunks are kept as they came, unless they would keep twice their size of memory alive.
 */
export class ReplayRing {
  readonly #records: ReplayRecord[] = [];
  readonly #capacity: number;
  /** The size at `start`; null without a terminal. */
  #firstSize: Size | null;
  #held = 0;
  #end = 0;

  constructor(capacity: number, size: Size | null) {
    this.#capacity = capacity;
    this.#firstSize = size;
  }

  /** Offset of the oldest byte that is still held; equals `end` when nothing is. */
  get start(): number {
    return this.#records[0]?.offset ?? this.#end;
  }

  /** Offset of the next byte: the count of all bytes ever appended. */
  get end(): number {
    return this.#end;
  }

  append(stream: Stream, bytes: Uint8Array): void {
    const last = this.#records.at(-1);
    if (last && 'bytes' in last && last.stream === stream && last.bytes.length + bytes.length <= JOINED_MAX) {
      const joined = new Uint8Array(last.bytes.length + bytes.length);
      joined.set(last.bytes);
      joined.set(bytes, last.bytes.length);
      this.#records[this.#records.length - 1] = { ...last, bytes: joined };
      this.#held += bytes.length;
    } else this.#add({ stream, offset: this.#end, bytes: ownedBytes(bytes) });
    this.#end += bytes.length;
    this.#trim();
  }

  /** What is appended from now on was made for this size. */
  resize(size: Size): void {
    const last = this.#records.at(-1);
    if (last && 'size' in last) this.#records[this.#records.length - 1] = { ...last, size };
    else if (last) this.#add({ offset: this.#end, size });
    else this.#firstSize = size;
    this.#trim();
  }

  /**
   * The records from `offset` on, the first one cut to start there, each change of size before the output that was
   * made for it; the first is one. `offset` must lie between `start` and `end`.
   */
  from(offset: number): ReplayRecord[] {
    const found: ReplayRecord[] = [];
    let size = this.#firstSize;
    let told: Size | null = null;
    for (const record of this.#records) {
      if ('size' in record) {
        size = record.size;
        continue;
      }
      const skipped = Math.max(0, offset - record.offset);
      if (skipped >= record.bytes.length) continue;
      const at = record.offset + skipped;
      if (size && size !== told) found.push({ offset: at, size });
      told = size;
      found.push(skipped === 0 ? record : { ...record, offset: at, bytes: record.bytes.subarray(skipped) });
    }
    return found;
  }

  #add(record: ReplayRecord): void {
    this.#records.push(record);
    this.#held += costOf(record);
  }

  #trim(): void {
    for (let [oldest] = this.#records; oldest; [oldest] = this.#records) {
      // A size at the old end is that of `start`, and needs no record of its own.
      if ('size' in oldest) this.#firstSize = oldest.size;
      else if (this.#held <= this.#capacity) return;
      this.#records.shift();
      this.#held -= costOf(oldest);
    }
  }
}

function costOf(record: ReplayRecord): number {
  return RECORD_COST + ('bytes' in record ? record.bytes.length : 0);
}
