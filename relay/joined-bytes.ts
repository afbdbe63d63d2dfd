/** Pieces below this many bytes are copied together: then the pieces that wait cost little more than their bytes. */
const SMALL = 4 * 1024;

/** Small pieces share blocks of this many bytes at most; a block is as large as what waits already, so that a key costs little. */
const BLOCK = 16 * 1024;
const BLOCK_MIN = 256;

/**
 * Bytes that wait for a reader, in order. However small the pieces are in which they come, they are held in pieces of
 * SMALL bytes and more, but for the last: a million pieces of one byte would cost a hundred times their bytes. Whoever
 * adds bounds the bytes.
 */
export class JoinedBytes {
  #pieces: Buffer[] = [];
  #block: Buffer | undefined;
  /** Where the bytes of the block begin that are not in a piece yet, and where they end. */
  #from = 0;
  #to = 0;
  #length = 0;

  /** How many bytes wait. */
  get length(): number {
    return this.#length;
  }

  add(bytes: Uint8Array): void {
    this.#length += bytes.length;
    if (bytes.length >= SMALL) {
      this.#closePiece();
      // A piece that waits must not keep the rest of what it came in.
      this.#pieces.push(ownedBytes(bytes));
      return;
    }
    if (!this.#block || this.#to + bytes.length > this.#block.length) {
      this.#closePiece();
      const size = Math.max(BLOCK_MIN, bytes.length, Math.min(BLOCK, this.#length));
      this.#block = Buffer.allocUnsafeSlow(size);
      this.#from = this.#to = 0;
    }
    this.#block.set(bytes, this.#to);
    this.#to += bytes.length;
  }

  /** The next piece, at most `max` bytes of it; undefined when nothing waits. */
  take(max = Infinity): Buffer | undefined {
    if (this.#pieces.length === 0) this.#closePiece();
    const first = this.#pieces.shift();
    if (!first) return undefined;
    const taken = first.subarray(0, max);
    if (taken.length < first.length) this.#pieces.unshift(first.subarray(taken.length));
    this.#length -= taken.length;
    if (this.#length === 0) this.#block = undefined;
    // Whoever gets it may hold it for long: a few bytes must not keep their block.
    return taken.length < BLOCK ? ownedBytes(taken) : taken;
  }

  #closePiece(): void {
    if (!this.#block || this.#to === this.#from) return;
    this.#pieces.push(this.#block.subarray(this.#from, this.#to));
    this.#from = this.#to;
  }
}

/** Bytes whose memory is theirs: a few bytes of a packet must not keep the whole packet alive. */
export function ownedBytes(bytes: Uint8Array): Buffer {
  return bytes.length * 2 < bytes.buffer.byteLength ? Buffer.from(bytes) : bufferOf(bytes);
}

/** The same bytes, not a copy. */
function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
