import { Readable, Writable } from 'node:stream';
import type { Problem } from '#lib/protocol/problem.ts';
import type { Process, ProcessEnd } from '../transport.ts';
import { ChannelWrite } from './channel-write.ts';
import { inflowsOf } from './channel-flow.ts';
import type { SshChannel } from './client.ts';
import type { Inflow, InflowReader } from './inflow.ts';
import { requestOn } from './ssh2-repairs.ts';

/** A stream of the process holds this many bytes; behind it stands the window of windows.ts. */
const STREAM_BYTES = 64 * 1024;

/**
 * A running command on an SSH channel. To be made in the callback that opened the channel, before any other event:
 * exit status and first data may arrive in the same packet. The channel's place on the connection is free when the
 * channel closes, which may be after `ended` if the command was killed.
 *
 * @param lostProblem why the connection ended, if it did; asked when the channel closes
 * @param onOrphaned the channel is gone before the command has ended: killed, or lost with its connection
 */
export function makeProcess(channel: SshChannel, lostProblem: () => Problem | null, onOrphaned: () => void): Process {
  const inflows = inflowsOf(channel);
  const stdout = new Output(inflows.stdout);
  const stderr = new Output(inflows.stderr);
  const stdin = new Input(channel);
  let code: number | null = null;
  let signal: string | null = null;
  let lost: Problem | null = null;
  let killed = false;

  const onExit = (exitCode: number | null, exitSignal?: string) => {
    code = exitCode;
    // ssh2 puts SIG before the protocol's name (RFC 4254 section 6.10).
    signal = exitSignal?.replace(/^SIG/, '') ?? null;
  };
  channel.on('exit', onExit);

  let settleClosed: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => (settleClosed = resolve));
  let open = true;
  channel.once('close', () => {
    open = false;
    if (!killed) lost = lostProblem();
    if (lost) onOrphaned();
    stdin.destroy();
    settleClosed();
  });
  const ended: Promise<ProcessEnd> = Promise.all([closed, stdout.closedOnce, stderr.closedOnce]).then(() =>
    // A lost connection may have taken output with it, whatever the exit status said before.
    lost ? { code: null, signal: null, problem: lost } : { code, signal, problem: null },
  );

  const requests = requestOn(channel);
  return {
    stdin,
    stdout,
    stderr,
    ended,
    resize: requests.resize,
    signal: requests.signal,
    kill: () => {
      if (killed) return;
      killed = true;
      // Closing hangs up a terminal; without one it only closes the pipes. The signal ends most of what is left at once,
      // where sshd takes signals; remains.ts has the rest.
      requests.hangUp();
      stdin.destroy();
      stdout.destroy();
      stderr.destroy();
      channel.close();
      if (open) onOrphaned();
      // sshd may confirm only when that command has ended; nobody waits for it.
      settleClosed();
    },
  };
}

/** One output stream. Not the channel itself, because destroying that closes the channel; destroyed, this one drains it. */
class Output extends Readable implements InflowReader {
  readonly #inflow: Inflow;
  wantsMore = false;
  /** Resolves when read to the end, or destroyed. */
  readonly closedOnce: Promise<void>;

  constructor(inflow: Inflow) {
    // It holds one piece: what waits stays in the inflow, where small pieces are joined and the window counts them.
    super({ highWaterMark: 1 });
    this.#inflow = inflow;
    this.closedOnce = new Promise((resolve) => this.once('close', resolve));
    // `ended` says what happened.
    this.on('error', () => undefined);
    inflow.readWith(this);
  }

  onArrival(): void {
    if (this.wantsMore || this.readableLength === 0) this._read();
  }

  override _read(): void {
    const bytes = this.#inflow.take();
    this.wantsMore = bytes === undefined;
    if (bytes !== undefined) this.push(bytes);
    // With nothing left to read this is the end, even if nobody listens (stderr of a terminal).
    if (bytes === null && this.readableLength === 0) this.read(0);
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#inflow.discard();
    callback(error);
  }
}

/** The input stream. Takes the next chunk when the channel's window has taken the last; after the end it takes none. */
class Input extends Writable {
  readonly #channel: SshChannel;
  readonly #writing: ChannelWrite;

  constructor(channel: SshChannel) {
    super({ highWaterMark: STREAM_BYTES });
    this.#channel = channel;
    this.#writing = new ChannelWrite(channel);
    // Writing to a command that has ended is no error: its end is told by `ended`.
    this.on('error', () => undefined);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#writing.start(chunk, callback);
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#channel.end();
    callback();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#channel.end();
    this.#writing.settle();
    callback(error);
  }
}
