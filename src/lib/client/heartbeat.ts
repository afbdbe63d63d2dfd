/**
 * How often a connection is asked for a sign of life, and how long an answer may take, in ms. A person notices a dead
 * terminal after some seconds; a slow Wi-Fi takes one or two to answer.
 */
export const BEAT_MS = 5_000;

export interface HeartbeatOptions {
  /** Asks for a sign of life. At most one question is open at a time. */
  readonly ask: () => void;
  /** No answer for `BEAT_MS`. Gets the Unix time in ms of the last sign of life. */
  readonly onSilent: (since: number) => void;
  /** An answer after silence. */
  readonly onBack: () => void;
}

/** Watches over a connection that answers. Whoever starts it stops it. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #timer: ReturnType<typeof setInterval>;
  #asked = false;
  #silent = false;
  #lastSign = Date.now();

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#beat(), BEAT_MS);
  }

  #beat(): void {
    if (!this.#asked) {
      this.#asked = true;
      this.#options.ask();
    } else if (!this.#silent) {
      this.#silent = true;
      this.#options.onSilent(this.#lastSign);
    }
  }

  /** Something came: an answer, or anything else. */
  answered(): void {
    this.#asked = false;
    this.#lastSign = Date.now();
    if (!this.#silent) return;
    this.#silent = false;
    this.#options.onBack();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
