import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import {
  ACK_EVERY,
  FRAME_MAX,
  GRACE_MS,
  HIGH_WATER,
  LOW_WATER,
  PROMPT_DEADLINE_MS,
  REPLAY_RING,
} from '#lib/protocol/limits.ts';
import { type FromPage, type FromRelay, type OpenMessage, type Stream, parseFromPage } from '#lib/protocol/messages.ts';
import type { Problem } from '#lib/protocol/problem.ts';
import { type OutputRecord, ReplayRing } from './replay-ring.ts';
import type { Process, Prompter, Transport, TransportTarget } from './transport.ts';

/** Input that a command has not taken, in bytes: above what any page of ours has on the way (client/input-queue.ts). */
const INPUT_UNTAKEN_MAX = 1024 * 1024;

/** A page's socket as the channel sees it. */
export interface Wire {
  send(message: FromRelay): void;
  sendBytes(bytes: Uint8Array): void;
  /** After everything sent so far. */
  close(): void;
}

export interface ChannelOptions {
  readonly transport: Transport;
  readonly target: TransportTarget;
  /** Who opened it; only they may resume it. */
  readonly principal: string;
  /** Called once, when the channel needs nothing any more. */
  readonly onDone: (channel: Channel) => void;
  readonly graceMs?: number;
}

/**
 * One exec seen from a page: bytes both ways with absolute offsets, acknowledgements, and a life that outlasts its
 * socket (DESIGN.md, "The channel"). Holds at most REPLAY_RING bytes of output and INPUT_UNTAKEN_MAX of input.
 */
export class Channel {
  /** The secret that resumes it: 128 random bits. */
  readonly id = randomBytes(16).toString('base64url');
  readonly principal: string;
  readonly #options: ChannelOptions;
  readonly #ring = new ReplayRing(REPLAY_RING);
  readonly #abort = new AbortController();
  #wire: Wire | undefined;
  #process: Process | undefined;
  #exit: FromRelay | undefined;
  #closing: FromRelay | undefined;
  #done = false;
  #graceTimer: NodeJS.Timeout | undefined;

  // Output: produced by the process → ring.end → sent on this wire → acknowledged by the page.
  #pending: { stream: Stream; bytes: Buffer }[] = [];
  #flushScheduled = false;
  #wireStream: Stream = 'stdout';
  #acknowledged = 0;
  #sourcesPaused = false;

  // Input.
  #received = 0;
  /** What the command's stdin has taken: only this is acknowledged. */
  #taken = 0;
  #takenAcknowledged = 0;
  #inputEnded = false;

  #promptCount = 0;
  #prompt: { number: number; answer: (answers: readonly string[] | null) => void } | undefined;

  constructor(options: ChannelOptions) {
    this.#options = options;
    this.principal = options.principal;
  }

  /** Starts the command. Problems reach the page as `close`; never rejects. */
  async open(wire: Wire, message: OpenMessage): Promise<void> {
    this.#wire = wire;
    const { transport, target } = this.#options;
    const result = await transport.exec(target, message, this.#ask, this.#abort.signal);
    if ('problem' in result) return this.#finish(result.problem);
    if (this.#done) return result.process.kill();
    this.#process = result.process;
    this.#read(result.process.stdout, 'stdout');
    this.#read(result.process.stderr, 'stderr');
    result.process.stdin.on('error', () => undefined);
    this.#sendReady(0);
    const { code, signal, problem } = await result.process.ended;
    this.#flush();
    if (!problem) this.#exit = { type: 'exit', code, signal };
    if (this.#exit) this.#wire?.send(this.#exit);
    this.#finish(problem);
  }

  /** Attaches a page that comes back with `received` bytes of output. A page attached before is told and let go. */
  resume(wire: Wire, received: number): void {
    clearTimeout(this.#graceTimer);
    const former = this.#wire;
    former?.send({
      type: 'close',
      problem: { code: 'channel-taken', message: 'This session was opened in another window.' },
    });
    this.#wire = undefined;
    former?.close();
    this.#wire = wire;
    this.#wireStream = 'stdout';
    const from = Math.min(Math.max(received, this.#ring.start), this.#ring.end);
    this.#acknowledged = from;
    if (this.#process) {
      this.#sendReady(from);
      for (const record of this.#ring.from(from)) this.#sendRecord(record);
      this.#applyFlowControl();
    }
    if (this.#exit) wire.send(this.#exit);
    if (this.#closing) wire.send(this.#closing);
  }

  /** The page's socket is gone. Unless the page said `close`, the channel waits for it to come back. */
  detach(wire: Wire): void {
    if (this.#wire !== wire) return;
    this.#wire = undefined;
    this.#prompt?.answer(null);
    if (!this.#process) return this.end();
    this.#graceTimer = setTimeout(() => this.end(), this.#options.graceMs ?? GRACE_MS);
    this.#graceTimer.unref();
  }

  /**
   * A text frame from a page. A malformed one ends this channel and nothing else (invariant 5). A page that was let go
   * for another has nothing to say any more: its farewell must not end the other's command.
   */
  receive(wire: Wire, text: string): void {
    if (wire !== this.#wire) return;
    const message = parseFromPage(text);
    if (!message)
      return this.#fail({ code: 'malformed-message', message: 'The relay got a message that it does not know.' });
    this.#handle(message);
  }

  /** A binary frame from the attached page: stdin. */
  receiveBytes(wire: Wire, bytes: Buffer): void {
    if (wire !== this.#wire) return;
    const process = this.#process;
    if (!process || this.#inputEnded)
      return this.#fail({
        code: 'malformed-message',
        message: 'The relay got input for a command that takes none now.',
      });
    this.#received += bytes.length;
    // The command may have ended already; what is typed then has nowhere to go.
    if (!process.stdin.writable) {
      this.#taken += bytes.length;
      return this.#acknowledgeInput();
    }
    // The socket is never paused: acknowledgements, Ctrl-C and `close` come on it too. The page stops by itself at
    // its window; one that does not is no page of ours.
    if (this.#received - this.#taken > INPUT_UNTAKEN_MAX)
      return this.#fail({ code: 'malformed-message', message: 'The page sent more input than the command takes.' });
    process.stdin.write(bytes, () => {
      this.#taken += bytes.length;
      this.#acknowledgeInput();
    });
  }

  /** Ends the command and forgets the channel. Safe to call twice. */
  end(): void {
    if (this.#done) return;
    this.#done = true;
    clearTimeout(this.#graceTimer);
    this.#abort.abort();
    this.#prompt?.answer(null);
    this.#process?.kill();
    this.#wire?.close();
    this.#wire = undefined;
    this.#options.onDone(this);
  }

  /** Tells the page why, then ends. For the relay's own reasons: it stops, or the page broke the protocol. */
  endWith(problem: Problem): void {
    this.#fail(problem);
  }

  #handle(message: FromPage): void {
    switch (message.type) {
      case 'ack':
        if (message.received > this.#ring.end)
          return this.#fail({
            code: 'malformed-message',
            message: 'The page acknowledged output that was never sent.',
          });
        this.#acknowledged = Math.max(this.#acknowledged, message.received);
        return this.#applyFlowControl();
      case 'resize':
        return this.#process?.resize(message.columns, message.rows);
      case 'signal':
        return this.#process?.signal(message.signal);
      case 'end':
        this.#inputEnded = true;
        this.#process?.stdin.end();
        return;
      case 'close':
        return this.end();
      case 'answer':
        if (this.#prompt?.number === message.prompt) this.#prompt.answer(message.answers);
        return;
      case 'open':
      case 'resume':
        return this.#fail({ code: 'malformed-message', message: `The page sent "${message.type}" twice.` });
    }
  }

  #read(source: Readable, stream: Stream): void {
    source.on('data', (bytes: Buffer) => {
      this.#pending.push({ stream, bytes });
      this.#applyFlowControl();
      if (this.#flushScheduled) return;
      this.#flushScheduled = true;
      // One frame per event-loop turn, not per SSH packet: 65 % fewer frames at the same latency, where a timer
      // would add its length to every keystroke (web-terminals.md 3.2, 3.3).
      setImmediate(() => this.#flush());
    });
  }

  #flush(): void {
    this.#flushScheduled = false;
    const pending = this.#pending;
    this.#pending = [];
    for (let index = 0; index < pending.length;) {
      const stream = pending[index]?.stream ?? 'stdout';
      const run: Buffer[] = [];
      for (; pending[index]?.stream === stream; index++) run.push(pending[index]?.bytes ?? Buffer.alloc(0));
      const joined = run.length === 1 && run[0] ? run[0] : Buffer.concat(run);
      for (let from = 0; from < joined.length; from += FRAME_MAX)
        this.#sendRecord(this.#ring.append(stream, joined.subarray(from, from + FRAME_MAX)));
    }
    this.#applyFlowControl();
  }

  #sendRecord(record: OutputRecord): void {
    if (!this.#wire) return;
    if (record.stream !== this.#wireStream) {
      this.#wireStream = record.stream;
      this.#wire.send({ type: 'data', stream: record.stream });
    }
    this.#wire.sendBytes(record.bytes);
  }

  #sendReady(sent: number): void {
    this.#wire?.send({ type: 'ready', channel: this.id, received: this.#received, sent, live: this.#ring.end });
    if (this.#taken > 0) this.#wire?.send({ type: 'ack', received: this.#taken });
  }

  /** Without a page nothing is acknowledged, so a waiting channel's command stops at the high-water mark: no byte is lost. */
  #applyFlowControl(): void {
    const waiting = this.#pending.reduce((sum, { bytes }) => sum + bytes.length, 0);
    const unacknowledged = this.#ring.end + waiting - this.#acknowledged;
    if (!this.#sourcesPaused && unacknowledged > HIGH_WATER) {
      this.#sourcesPaused = true;
      this.#process?.stdout.pause();
      this.#process?.stderr.pause();
    } else if (this.#sourcesPaused && unacknowledged < LOW_WATER) {
      this.#sourcesPaused = false;
      this.#process?.stdout.resume();
      this.#process?.stderr.resume();
    }
  }

  #acknowledgeInput(): void {
    const behind = this.#taken - this.#takenAcknowledged;
    if (behind === 0 || (behind < ACK_EVERY && this.#taken < this.#received)) return;
    this.#takenAcknowledged = this.#taken;
    this.#wire?.send({ type: 'ack', received: this.#taken });
  }

  /** Asks the attached page; without one, or without an answer in time, the answer is null. */
  readonly #ask: Prompter = (question) => {
    const wire = this.#wire;
    if (!wire || this.#done) return Promise.resolve(null);
    this.#prompt?.answer(null);
    const number = this.#promptCount++;
    return new Promise((resolve) => {
      const answer = (answers: readonly string[] | null): void => {
        clearTimeout(deadline);
        if (this.#prompt?.number === number) this.#prompt = undefined;
        resolve(answers);
      };
      const deadline = setTimeout(() => answer(null), PROMPT_DEADLINE_MS);
      this.#prompt = { number, answer };
      wire.send({ type: 'prompt', prompt: number, ...question, questions: [...question.questions] });
    });
  };

  #fail(problem: Problem): void {
    if (this.#done) return;
    this.#wire?.send({ type: 'close', problem });
    this.end();
  }

  /** The command is over. The page confirms with `close`; one that is away gets the rest when it comes back. */
  #finish(problem: Problem | null): void {
    if (this.#done) return;
    this.#closing = { type: 'close', problem };
    this.#wire?.send(this.#closing);
    if (!this.#process) this.end();
  }
}
