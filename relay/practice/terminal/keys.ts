import { StringDecoder } from 'node:string_decoder';
import type { Source } from '../io.ts';

/** A key: a name (`up`, `ctrl-a`, `alt-b`), or text to insert. */
export type Key = { readonly name: string } | { readonly text: string };

// prettier-ignore
const sequences: Readonly<Record<string, string>> = {
  '[A': 'up', '[B': 'down', '[C': 'right', '[D': 'left', '[H': 'home', '[F': 'end',
  OA: 'up', OB: 'down', OC: 'right', OD: 'left', OH: 'home', OF: 'end',
  '[1~': 'home', '[4~': 'end', '[7~': 'home', '[8~': 'end', '[3~': 'delete',
  '[1;5C': 'alt-f', '[1;5D': 'alt-b', '[1;3C': 'alt-f', '[1;3D': 'alt-b',
};

/** An escape sequence longer than this is dropped. */
const SEQUENCE_LIMIT = 32;

/** Turns bytes into keys, one at a time, so that bytes after Enter stay for whoever reads next. */
export class KeyReader {
  readonly #source: Source;
  #decoder = new StringDecoder('utf8');

  constructor(source: Source) {
    this.#source = source;
  }

  /** Null at the end of input or when `signal` is aborted. */
  async next(signal: AbortSignal): Promise<Key | null> {
    for (;;) {
      const byte = await this.#byte(signal);
      if (byte === null) return null;
      if (byte === 0x1b) {
        const key = await this.#escape(signal);
        if (key) return key;
        continue;
      }
      if (byte === 0x7f) return { name: 'backspace' };
      if (byte === 0x0d || byte === 0x0a) return { name: 'enter' };
      if (byte < 0x20) return { name: `ctrl-${String.fromCharCode(byte + 0x60)}` };
      const text = this.#decoder.write(Buffer.of(byte));
      if (text !== '') return { text };
    }
  }

  async #escape(signal: AbortSignal): Promise<Key | null> {
    const first = await this.#byte(signal);
    if (first === null) return null;
    let sequence = String.fromCharCode(first);
    if (sequence !== '[' && sequence !== 'O') return { name: `alt-${sequence}` };
    for (let length = 1; length < SEQUENCE_LIMIT; length++) {
      const byte = await this.#byte(signal);
      if (byte === null) return null;
      sequence += String.fromCharCode(byte);
      if (byte >= 0x40 && byte <= 0x7e) break;
    }
    // Bracketed paste is not asked for; its marks, and answers to queries, are nothing that anybody typed.
    const name = sequences[sequence];
    return name ? { name } : null;
  }

  async #byte(signal: AbortSignal): Promise<number | null> {
    const chunk = await this.#source.read(signal);
    if (chunk === null) return null;
    this.#source.unread(chunk.subarray(1));
    return chunk[0] ?? null;
  }
}
