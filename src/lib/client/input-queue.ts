import { INPUT_FRAME_MAX, INPUT_WINDOW } from '#lib/protocol/limits.ts';

/** Unacknowledged input that a channel keeps, in bytes: a large paste, not a file. */
export const INPUT_MAX = 8 * 1024 * 1024;

/**
 * Small input that isn't on its way is joined to its neighbour up to this many bytes: keys that are typed while nothing
 * can be sent cost no more than their bytes, and go in few frames, for the relay bounds how many come at once.
 */
const JOINED_MAX = 4 * 1024;

/**
 * A channel's input, with absolute offsets: what was added, sent, received by the relay, and dealt with by the
 * command. Keeps what the relay may not have, so that after a reconnect it goes on from exactly that byte.
 */
export class InputQueue {
  #chunks: { offset: number; bytes: Uint8Array<ArrayBuffer> }[] = [];
  /** The relay has everything below; it need not be kept. */
  #received = 0;
  /** The command's stdin took everything below; only this lets more be sent. */
  #acknowledged = 0;
  #taken = 0;
  #end = 0;

  /** False, with nothing added, when the queue would grow past INPUT_MAX. */
  add(bytes: Uint8Array): boolean {
    if (this.#end - this.#received + bytes.length > INPUT_MAX) return false;
    const last = this.#chunks.at(-1);
    if (last && last.offset >= this.#taken && last.bytes.length + bytes.length <= JOINED_MAX) {
      const joined = new Uint8Array(last.bytes.length + bytes.length);
      joined.set(last.bytes);
      joined.set(bytes, last.bytes.length);
      last.bytes = joined;
      this.#end += bytes.length;
      return true;
    }
    for (let from = 0; from < bytes.length; from += INPUT_FRAME_MAX) {
      const chunk = bytes.slice(from, from + INPUT_FRAME_MAX);
      this.#chunks.push({ offset: this.#end, bytes: chunk });
      this.#end += chunk.length;
    }
    return true;
  }

  /** The next bytes to send, or undefined: nothing left, or enough on the way. */
  take(): Uint8Array<ArrayBuffer> | undefined {
    if (this.#taken - this.#acknowledged >= INPUT_WINDOW) return undefined;
    const next = this.#chunks.find(({ offset, bytes }) => offset + bytes.length > this.#taken);
    if (!next) return undefined;
    const bytes = next.bytes.slice(this.#taken - next.offset);
    this.#taken += bytes.length;
    return bytes;
  }

  /** True when everything added was taken. */
  get allTaken(): boolean {
    return this.#taken === this.#end;
  }

  /** The command dealt with everything below `offset`. False for an offset that was never sent. */
  acknowledge(offset: number): boolean {
    if (offset > this.#taken) return false;
    this.#acknowledged = Math.max(this.#acknowledged, offset);
    this.#drop(offset);
    return true;
  }

  /** After a reconnect: the relay has `offset` bytes, and the next byte to take is that one. False if that cannot be. */
  rewind(offset: number): boolean {
    if (offset > this.#taken || offset < this.#received) return false;
    this.#drop(offset);
    this.#taken = offset;
    return true;
  }

  /** A reloaded page goes on with a channel that had `offset` bytes of input from the page before: those come first. */
  startAt(offset: number): void {
    this.#chunks = this.#chunks.map((chunk) => ({ ...chunk, offset: chunk.offset + offset }));
    this.#received += offset;
    this.#acknowledged += offset;
    this.#taken += offset;
    this.#end += offset;
  }

  #drop(offset: number): void {
    this.#received = Math.max(this.#received, offset);
    this.#chunks = this.#chunks.filter((chunk) => chunk.offset + chunk.bytes.length > this.#received);
  }
}
