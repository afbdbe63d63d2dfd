import type { Duplex } from 'node:stream';

/**
 * What a connection may have to send that its peer doesn't take, in bytes, each packet counted with PACKET_COST more. Above
 * it the connection ends: commands and forwards stop at CLEAR_BYTES, so the rest is answers to a peer that asks and
 * doesn't read.
 */
export const UNSENT_MAX = 4 * 1024 * 1024;

/** What a packet that waits costs beside its bytes: its buffer and its request to the kernel, as measured. */
const PACKET_COST = 256;

/** Input, sizes and signals wait above this: a key then waits behind no more than that (1 s of a link of 2 Mbit/s). */
const CLEAR_BYTES = 256 * 1024;
const CLEAR_PACKETS = 1024;

/** More than this is not encrypted in one turn of the event loop, in bytes: 2 ms. A kernel next door takes all at once. */
const TURN_BYTES = 256 * 1024;

/** During a key exchange packets wait inside ssh2 (protocol.js, `sendPacket`); this many of 32 KiB are CLEAR_BYTES. */
const CLEAR_IN_EXCHANGE = 8;

/** ssh2 1.17.0: a client, as far as an outbox needs to see into it. */
interface OwnerInternals {
  readonly _protocol?: { readonly _queue?: readonly unknown[] };
}

/** By the stream that the protocol writes to. */
const OUTBOXES = new WeakMap<object, Outbox>();

/** What one SSH connection has to send. The protocol itself writes without looking (ssh2, `onWrite`). */
export class Outbox {
  readonly #stream: Duplex;
  readonly #owner: OwnerInternals;
  #packets = 0;
  /** Of this turn. */
  #bytes = 0;
  readonly #waiting = new Set<() => void>();

  /** @param owner by which `outboxOf` finds it @param onOverflow called when more than UNSENT_MAX waits */
  constructor(owner: object, stream: Duplex, onOverflow: () => void) {
    this.#stream = stream;
    this.#owner = owner;
    OUTBOXES.set(owner, this);
    const write = stream.write.bind(stream) as (chunk: Buffer, done: () => void) => boolean;
    // One function for all: Node then calls back for many writes at once.
    const onSent = (): void => {
      this.#packets--;
      this.#release();
    };
    const nextTurn = (): void => {
      this.#bytes = 0;
      this.#release();
    };
    stream.write = (chunk: Buffer) => {
      this.#packets++;
      if (this.#bytes === 0) setImmediate(nextTurn);
      this.#bytes += chunk.length;
      const goOn = write(chunk, onSent);
      if (stream.writableLength + this.#packets * PACKET_COST > UNSENT_MAX) onOverflow();
      return goOn;
    };
  }

  get #isClear(): boolean {
    const inExchange = this.#owner._protocol?._queue?.length ?? 0;
    return (
      inExchange < CLEAR_IN_EXCHANGE &&
      this.#bytes < TURN_BYTES &&
      this.#stream.writableLength < CLEAR_BYTES &&
      this.#packets < CLEAR_PACKETS
    );
  }

  /** Runs `send` when little waits, in turn: now or later. Returns how to call it off; safe to call afterwards. */
  whenClear(send: () => void): () => void {
    if (this.#waiting.size === 0 && this.#isClear) send();
    else this.#waiting.add(send);
    return () => this.#waiting.delete(send);
  }

  #release(): void {
    for (const send of this.#waiting) {
      if (!this.#isClear) return;
      this.#waiting.delete(send);
      send();
    }
  }
}

/** The outbox that was made for this owner. */
export function outboxOf(owner: object): Outbox {
  const outbox = OUTBOXES.get(owner);
  if (!outbox) throw new Error('A connection has an outbox from its start.');
  return outbox;
}
