import { FRAMES_HIGH, HIGH_WATER, LOW_WATER, REPLAY_RING } from '#lib/protocol/limits.ts';
import type { FromRelay, Size, Stream } from '#lib/protocol/messages.ts';
import { type Chunk, framesOf } from './frames.ts';
import { ReplayRing } from './replay-ring.ts';

/** A page's socket as the channel sees it. */
export interface Wire {
  send(message: FromRelay): void;
  sendBytes(bytes: Uint8Array): void;
  /** What `send` sends goes out at once, in one call of the kernel. */
  together(send: () => void): void;
  /** After everything sent so far. */
  close(): void;
}

/**
 * The way of a command's output to its page: produced → in the ring → sent on this wire → acknowledged by the page.
 * Holds at most REPLAY_RING, and above HIGH_WATER unacknowledged it asks for a pause of the source.
 */
export class Output {
  readonly #ring: ReplayRing;
  readonly #onPause: (paused: boolean) => void;
  #size: Size | null;
  #wire: Wire | undefined;
  #wireStream: Stream = 'stdout';
  #pending: Chunk[] = [];
  #pendingBytes = 0;
  /** The frames that it makes at least: one each time the stream changes. */
  #pendingRuns = 0;
  #flushScheduled = false;
  /** The highest offset that any wire got. */
  #sent = 0;
  #acknowledged = 0;
  /** Where each frame above #acknowledged ends. */
  #frames: number[] = [];
  #paused = false;

  /** @param size of the terminal; null without one. @param onPause true: read the source no further until it is false */
  constructor(size: Size | null, onPause: (paused: boolean) => void) {
    this.#ring = new ReplayRing(REPLAY_RING, size);
    this.#size = size;
    this.#onPause = onPause;
  }

  /** The count of bytes that could have been sent. */
  get end(): number {
    return this.#ring.end;
  }

  /** What the page has not dealt with yet, bytes. */
  get unacknowledged(): number {
    return this.#ring.end - this.#acknowledged;
  }

  /** Takes output of the command; sent at the end of this turn of the event loop. */
  push(stream: Stream, bytes: Uint8Array): void {
    if (this.#pending.at(-1)?.stream !== stream) this.#pendingRuns++;
    this.#pending.push({ stream, bytes });
    this.#pendingBytes += bytes.length;
    this.#applyFlowControl();
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    // One frame per event-loop turn, not per SSH packet: 65 % fewer frames at the same latency, where a timer
    // would add its length to every keystroke (web-terminals.md 3.2, 3.3).
    setImmediate(() => this.flush());
  }

  /** Sends what waits for the end of the turn. */
  flush(): void {
    this.#flushScheduled = false;
    const frames = framesOf(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#pendingRuns = 0;
    const send = (): void => {
      for (const { stream, bytes } of frames) {
        this.#ring.append(stream, bytes);
        this.#send(stream, bytes, this.#ring.end);
      }
    };
    if (this.#wire && frames.length > 1) this.#wire.together(send);
    else send();
    this.#applyFlowControl();
  }

  /** Output from here on is made for this size. */
  resize(size: Size): void {
    if (this.#size === null || (size.columns === this.#size.columns && size.rows === this.#size.rows)) return;
    this.flush();
    this.#size = size;
    this.#ring.resize(size);
  }

  /** The page has dealt with everything below `received`. */
  acknowledge(received: number): void {
    this.#acknowledged = Math.max(this.#acknowledged, received);
    let done = 0;
    while ((this.#frames[done] ?? Infinity) <= this.#acknowledged) done++;
    this.#frames.splice(0, done);
    this.#applyFlowControl();
  }

  /**
   * For a page that has everything below `received`, which must not be above `end`: tells it with `ready` where the
   * output goes on, and sends it what the ring has from there on.
   */
  attach(wire: Wire, received: number, ready: (offsets: { sent: number; live: number; end: number }) => void): void {
    const sent = Math.max(received, this.#ring.start);
    const live = this.#sent;
    this.#acknowledged = sent;
    this.#frames = [];
    this.#wire = wire;
    this.#wireStream = 'stdout';
    ready({ sent, live, end: this.#ring.end });
    for (const record of this.#ring.from(sent)) {
      if ('size' in record) {
        wire.send({ type: 'resize', ...record.size });
        continue;
      }
      // No frame lies on both sides of `live`.
      const { stream, bytes, offset } = record;
      const cut = Math.min(Math.max(live - offset, 0), bytes.length);
      if (cut > 0) this.#send(stream, bytes.subarray(0, cut), offset + cut);
      if (cut < bytes.length) this.#send(stream, bytes.subarray(cut), offset + bytes.length);
    }
    this.#applyFlowControl();
  }

  /** Nothing is sent any more; what the page has not acknowledged waits for the next. */
  detach(): void {
    this.#wire = undefined;
  }

  #send(stream: Stream, bytes: Uint8Array, end: number): void {
    this.#frames.push(end);
    if (!this.#wire) return;
    this.#sent = Math.max(this.#sent, end);
    if (stream !== this.#wireStream) {
      this.#wireStream = stream;
      this.#wire.send({ type: 'data', stream });
    }
    this.#wire.sendBytes(bytes);
  }

  /** Without a page nothing is acknowledged, so a waiting channel's command stops at the high-water mark: no byte is lost. */
  #applyFlowControl(): void {
    const bytes = this.#ring.end - this.#acknowledged + this.#pendingBytes;
    const frames = this.#frames.length + this.#pendingRuns;
    if (!this.#paused && (bytes > HIGH_WATER || frames > FRAMES_HIGH)) this.#onPause((this.#paused = true));
    else if (this.#paused && bytes < LOW_WATER && frames < FRAMES_HIGH / 4) this.#onPause((this.#paused = false));
  }
}
