import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { ACK_EVERY, GRACE_MS, INPUT_UNTAKEN_MAX, MESSAGE_MAX, PROMPT_DEADLINE_MS } from '#lib/protocol/limits.ts';
import {
  type Exit,
  type ForwardMessage,
  type FromPage,
  type FromRelay,
  type OpenMessage,
  type Stream,
  parseFromPage,
} from '#lib/protocol/messages.ts';
import type { Problem, ProblemCode } from '#lib/protocol/problem.ts';
import { type ForwardShare, startForward } from './forward.ts';
import { JoinedBytes } from './joined-bytes.ts';
import { Output, type Wire } from './output.ts';
import type { Process, Prompter, Question, Transport, TransportTarget } from './transport.ts';

/** How a command ended: by itself, because its page closed it or never came back, or of a problem. */
export interface Ending {
  readonly how: 'exit' | 'closed' | 'abandoned' | ProblemCode;
  readonly code: number | null;
  readonly signal: string | null;
}

export interface ChannelOptions {
  /** Names it where its id must not be known: in logs. */
  readonly number: number;
  readonly transport: Transport;
  readonly target: TransportTarget;
  /** Who opened it; only they may resume it. */
  readonly principal: string;
  readonly request: OpenMessage | ForwardMessage;
  /** What its principal may have of connections through forwards. */
  readonly share: ForwardShare;
  /** Called once, when the command is over; the channel may still have to tell its page. */
  readonly onEnded: (ending: Ending) => void;
  /** Called once, when the channel needs nothing any more. */
  readonly onDone: (channel: Channel) => void;
  /** How long it waits for a page that is gone, in ms, up to 24 h. Default GRACE_MS. */
  readonly graceMs?: number;
}

/**
 * One exec or port forward seen from a page: bytes both ways with absolute offsets, acknowledgements, and a life that outlasts its
 * socket (DESIGN.md, "The channel"). Holds at most REPLAY_RING bytes of output and INPUT_UNTAKEN_MAX of input.
 */
export class Channel {
  /** The secret that resumes it: 128 random bits. */
  readonly id = randomBytes(16).toString('base64url');
  readonly principal: string;
  readonly number: number;
  readonly #options: ChannelOptions;
  readonly #abort = new AbortController();
  readonly #output: Output;
  #wire: Wire | undefined;
  #process: Process | undefined;
  #exit: Exit | undefined;
  #endingTold = false;
  #closing: FromRelay | undefined;
  #done = false;
  #graceTimer: NodeJS.Timeout | undefined;

  // Input: received from the page → waiting → taken by the command's stdin → acknowledged to the page.
  #received = 0;
  readonly #waiting = new JoinedBytes();
  #feeding = false;
  #taken = 0;
  #takenAcknowledged = 0;
  #inputEnded = false;

  #promptCount = 0;
  #prompt: { number: number; answer: (answers: readonly string[] | null) => void } | undefined;

  constructor(options: ChannelOptions) {
    this.#options = options;
    this.principal = options.principal;
    this.number = options.number;
    const { request } = options;
    this.#output = new Output(request.type === 'open' ? request.pty : null, (paused) => {
      for (const source of [this.#process?.stdout, this.#process?.stderr]) source?.[paused ? 'pause' : 'resume']();
    });
  }

  /** Bytes sent and not acknowledged yet, to the page and to the command. */
  get unacknowledged(): { readonly output: number; readonly input: number } {
    return { output: this.#output.unacknowledged, input: this.#received - this.#taken };
  }

  /** True for a port forward of this principal, or to this target, that has not ended. */
  forwards(of: { readonly principal: string } | { readonly target: string }): boolean {
    const { request, principal, target } = this.#options;
    return (
      !this.#closing &&
      request.type === 'forward' &&
      ('principal' in of ? of.principal === principal : of.target === target.id)
    );
  }

  /** Starts the command. Problems reach the page as `close`; never rejects. */
  async open(wire: Wire): Promise<void> {
    this.#wire = wire;
    const { transport, target, request } = this.#options;
    const { principal } = this;
    const prompter: Prompter = Object.assign((question: Question) => this.#askPage(question), { principal });
    const result = await (request.type === 'open'
      ? transport.exec(target, request, prompter, this.#abort.signal)
      : startForward(transport, target, request, prompter, this.#abort.signal, this.#options.share));
    if ('problem' in result) return this.#finish(result.problem);
    const { process } = result;
    if (this.#done) return process.kill();
    this.#process = process;
    this.#read(process.stdout, 'stdout');
    this.#read(process.stderr, 'stderr');
    process.stdin.on('error', () => undefined);
    this.#attach(wire, 0);
    const { code, signal, problem } = await process.ended;
    this.#output.flush();
    if (!problem) this.#exit = { type: 'exit', code, signal };
    if (this.#exit) this.#wire?.send(this.#exit);
    this.#finish(problem);
  }

  /**
   * Attaches a page that comes back with `received` bytes of output. A page attached before is told and let go.
   * False, with nothing changed, for a page that claims more than there was.
   */
  resume(wire: Wire, received: number): boolean {
    if (received > this.#output.end) return false;
    clearTimeout(this.#graceTimer);
    const former = this.#wire;
    former?.send({
      type: 'close',
      problem: { code: 'channel-taken', message: 'This session was opened in another window.' },
    });
    former?.close();
    this.#wire = wire;
    this.#attach(wire, received);
    if (this.#exit) wire.send(this.#exit);
    if (this.#closing) wire.send(this.#closing);
    return true;
  }

  /** The page's socket is gone. Unless the page said `close`, the channel waits for it to come back. */
  detach(wire: Wire): void {
    if (this.#wire !== wire) return;
    this.#wire = undefined;
    this.#output.detach();
    this.#prompt?.answer(null);
    if (!this.#process) return this.end('abandoned');
    this.#graceTimer = setTimeout(() => this.end('abandoned'), this.#options.graceMs ?? GRACE_MS);
    this.#graceTimer.unref();
  }

  /**
   * A text frame from a page. A malformed one ends this channel and nothing else (invariant 5). A page that was let go
   * for another has nothing to say any more: its farewell must not end the other's command.
   */
  receive(wire: Wire, bytes: Buffer): void {
    if (wire !== this.#wire) return;
    if (this.#process && bytes.length > MESSAGE_MAX) return this.#reject('The page sent a message that is too large.');
    const message = parseFromPage(bytes.toString('utf8'));
    if (message) this.#handle(message);
    else this.#reject('The relay got a message that it does not know.');
  }

  /** A frame from the page that is none: as `receive` of a malformed message. */
  receiveGarbage(wire: Wire): void {
    if (wire === this.#wire) this.#reject('The page sent a frame that is too large or broken.');
  }

  /** A binary frame from the attached page: stdin. */
  receiveBytes(wire: Wire, bytes: Buffer): void {
    if (wire !== this.#wire) return;
    const process = this.#process;
    if (!process || this.#inputEnded) return this.#reject('The relay got input for a command that takes none now.');
    if (bytes.length === 0) return;
    this.#received += bytes.length;
    // The socket is never paused: acknowledgements, Ctrl-C and `close` come on it too. The page stops by itself at
    // its window; one that does not is no page of ours.
    if (this.#received - this.#taken > INPUT_UNTAKEN_MAX)
      return this.#reject('The page sent more input than the command takes.');
    this.#waiting.add(bytes);
    this.#feed(process);
  }

  /** Writes what waits, a piece at a time, and then the end: keys that a stalled command gets one by one are joined. */
  #feed(process: Process): void {
    if (this.#feeding) return;
    const bytes = this.#waiting.take();
    if (!bytes) {
      if (this.#inputEnded) process.stdin.end();
      return;
    }
    // The command may have ended already; what is typed then has nowhere to go.
    if (!process.stdin.writable) {
      this.#taken = this.#received;
      while (this.#waiting.take());
      return this.#acknowledgeInput();
    }
    this.#feeding = true;
    process.stdin.write(bytes, () => {
      this.#feeding = false;
      this.#taken += bytes.length;
      this.#acknowledgeInput();
      this.#feed(process);
    });
  }

  /** Ends the command and forgets the channel. Safe to call twice. */
  end(how: Ending['how'] = 'closed'): void {
    if (this.#done) return;
    this.#done = true;
    this.#tellEnding(how);
    clearTimeout(this.#graceTimer);
    // Input that is given up is acknowledged: not behind the last message.
    const wire = this.#wire;
    this.#wire = undefined;
    this.#abort.abort();
    this.#prompt?.answer(null);
    this.#process?.kill();
    this.#output.detach();
    wire?.close();
    this.#options.onDone(this);
  }

  /** Tells the page why, then ends. For the relay's own reasons: it stops, or the page broke the protocol. */
  endWith(problem: Problem): void {
    if (this.#done) return;
    this.#wire?.send({ type: 'close', problem });
    this.end(problem.code);
  }

  #handle(message: FromPage): void {
    const process = this.#process;
    if (message.type === 'close') return this.end();
    if (message.type === 'answer') {
      if (this.#prompt?.number === message.prompt) this.#prompt.answer(message.answers);
      return;
    }
    if (!process) return this.#reject(`The page sent "${message.type}" before the command ran.`);
    switch (message.type) {
      case 'ack':
        if (message.received > this.#output.end)
          return this.#reject('The page acknowledged output that was never sent.');
        return this.#output.acknowledge(message.received);
      case 'resize':
        process.resize(message.columns, message.rows);
        return this.#output.resize(message);
      case 'signal':
        return process.signal(message.signal);
      case 'end':
        this.#inputEnded = true;
        return this.#feed(process);
      case 'open':
      case 'forward':
      case 'resume':
        return this.#reject(`The page sent "${message.type}" twice.`);
    }
  }

  #read(source: Readable, stream: Stream): void {
    source.on('data', (bytes: Buffer) => this.#output.push(stream, bytes));
  }

  #attach(wire: Wire, received: number): void {
    this.#output.attach(wire, received, (offsets) => {
      wire.send({ type: 'ready', channel: this.id, received: this.#received, ...offsets });
      if (this.#taken > 0) wire.send({ type: 'ack', received: this.#taken });
    });
  }

  #acknowledgeInput(): void {
    const behind = this.#taken - this.#takenAcknowledged;
    if (behind === 0 || (behind < ACK_EVERY && this.#taken < this.#received)) return;
    this.#takenAcknowledged = this.#taken;
    this.#wire?.send({ type: 'ack', received: this.#taken });
  }

  /** Asks the attached page; without one, or without an answer in time, the answer is null. */
  #askPage(question: Question): ReturnType<Prompter> {
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
  }

  /** The page broke the protocol. */
  #reject(message: string): void {
    this.endWith({ code: 'malformed-message', message });
  }

  #tellEnding(how: Ending['how']): void {
    if (this.#endingTold) return;
    this.#endingTold = true;
    this.#options.onEnded({ how, code: this.#exit?.code ?? null, signal: this.#exit?.signal ?? null });
  }

  /** The command is over. The page confirms with `close`; one that is away gets the rest when it comes back. */
  #finish(problem: Problem | null): void {
    if (this.#done) return;
    this.#tellEnding(problem ? problem.code : 'exit');
    this.#closing = { type: 'close', problem };
    this.#wire?.send(this.#closing);
    if (!this.#process) this.end();
  }
}
