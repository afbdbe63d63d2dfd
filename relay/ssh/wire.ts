/** The data types of SSH (RFC 4251 section 5), as far as keys and agents need them. */

/** A string: its length, then its bytes. */
export function sshString(bytes: Buffer | string): Buffer {
  const content = Buffer.from(bytes);
  return Buffer.concat([sshNumber(content.length), content]);
}

/** A uint32. */
export function sshNumber(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Reads one field after the other. Past the end every field is undefined. */
export class SshReader {
  readonly #bytes: Buffer;
  #offset: number;

  constructor(bytes: Buffer, offset = 0) {
    this.#bytes = bytes;
    this.#offset = offset;
  }

  /** Where the next field begins. */
  get offset(): number {
    return this.#offset;
  }

  byte(): number | undefined {
    return this.#bytes[this.#offset++];
  }

  number(): number | undefined {
    if (this.#offset + 4 > this.#bytes.length) return undefined;
    this.#offset += 4;
    return this.#bytes.readUInt32BE(this.#offset - 4);
  }

  string(): Buffer | undefined {
    const length = this.number();
    if (length === undefined || this.#offset + length > this.#bytes.length) return undefined;
    this.#offset += length;
    return this.#bytes.subarray(this.#offset - length, this.#offset);
  }
}
