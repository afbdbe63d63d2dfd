import type { Socket } from 'node:net';
import type { Problem } from '#lib/protocol/problem.ts';
import type { ExecRequest, Process, StreamResult, Tunnel } from '../transport.ts';
import { inflowsOf } from './channel-flow.ts';
import { isProhibited, openForward, openSession, type SshChannel, type SshClient } from './client.ts';
import { problemOf, tunnelProblem } from './problems.ts';
import { makeProcess } from './process.ts';
import { endMarked, markedCommand, newMark, type Remains } from './remains.ts';
import { closeStream, givenUp, timedOut } from './socket.ts';
import { TcpStream } from './tcp-stream.ts';

/** Channels of one connection; OpenSSH takes 10 (MaxSessions), less two for other tools of the same server. */
export const CHANNELS_PER_CONNECTION = 8;

/** After a polite end the socket is destroyed, in ms: a peer that is gone does not answer. */
const END_GRACE_MS = 500;

/** How long what outlived its channel may take to end before a connection goes, in ms: the relay stops within 5 s. */
const REMAINS_MS = 3_000;

export type SessionResult =
  | { readonly process: Process }
  | { readonly problem: Problem }
  /** The server takes no more sessions on this connection, but others run: another connection may do. */
  | { readonly full: true };

/** A logged-in connection: the clients of all hops, the target's last, over one TCP socket. Whoever gets it closes it. */
export class Connection {
  readonly #clients: readonly SshClient[];
  readonly #client: SshClient;
  readonly #socket: Socket;
  readonly #where: string;
  readonly #sessionMs: number;
  readonly #remains: Remains;
  /** Of the commands without a terminal that run. */
  readonly #marks = new Set<string>();
  #ending: Promise<void> | null = null;
  /** Channels were closed before their commands had ended: those may still take the server's places. */
  #hasOrphans = false;
  #capacity = CHANNELS_PER_CONNECTION;
  /** Places taken on the server, and by commands that someone still waits for: a killed one may linger there. */
  #channels = 0;
  #wanted = 0;
  #lost: Problem | null = null;
  #lastError: Error | null = null;
  #closing: Promise<void> | null = null;
  #onRelease: () => void = () => undefined;
  #gone = false;
  /** Told when it carries nothing any more: whoever holds it, until they give it back. */
  readonly #holders = new Set<(reason: Problem) => void>();

  /** Resolves when the socket is closed, by whichever side. */
  readonly closed: Promise<void>;

  /** @param remains what the channels of this target leave behind, on this connection or others */
  constructor(clients: readonly SshClient[], socket: Socket, where: string, sessionMs: number, remains: Remains) {
    const client = clients.at(-1);
    if (!client) throw new Error('A connection has at least one client.');
    this.#clients = clients;
    this.#client = client;
    this.#socket = socket;
    this.#where = where;
    this.#sessionMs = sessionMs;
    this.#remains = remains;
    client.on('error', (error) => (this.#lastError = error));
    client.once('close', () => {
      this.#gone = true;
      this.#lost ??= this.#lostProblem();
      void this.close();
    });
    this.closed = new Promise((resolve) => (socket.closed ? resolve() : socket.once('close', () => resolve())));
  }

  /** There is room for one more channel. */
  get hasRoom(): boolean {
    return this.#lost === null && this.#channels < this.#capacity;
  }

  /** It can carry TCP connections: those are no sessions and need no place, but a server that answers. */
  get isUp(): boolean {
    return this.#lost === null && this.#capacity > 0;
  }

  /** Why it carries nothing any more. */
  get lost(): Problem | null {
    return this.#lost;
  }

  /** Nobody wants anything of it. */
  get isIdle(): boolean {
    return this.#wanted === 0;
  }

  /** `listener` runs when the connection may have become idle. */
  onRelease(listener: () => void): void {
    this.#onRelease = listener;
  }

  /** Takes a place for the one call of `exec` that has to follow, which gives it back. */
  reserve(): void {
    if (!this.hasRoom) throw new Error('A full or lost connection has no room.');
    this.#channels++;
    this.#wanted++;
  }

  #unwant(): void {
    this.#wanted--;
    this.#onRelease();
  }

  /** Keeps it open for TCP connections, until the tunnel is closed. */
  hold(): Tunnel {
    this.#wanted++;
    let tell: (reason: Problem) => void = () => undefined;
    const lost = new Promise<Problem>((resolve) => (tell = resolve));
    this.#holders.add(tell);
    return {
      connect: (host, port, signal) => this.#connect(host, port, signal),
      lost,
      close: () => {
        if (this.#holders.delete(tell)) this.#unwant();
      },
    };
  }

  #connect(host: string, port: number, signal: AbortSignal): Promise<StreamResult> {
    const late = () => ({ problem: { ...timedOut(this.#where, this.#sessionMs), code: 'forward-refused' as const } });
    return this.#inTime<StreamResult>(signal, late, (settle, isSettled) => {
      if (isSettled()) return;
      openForward(this.#client, host, port, (channel) => new TcpStream(channel, () => this.#lost !== null)).then(
        (stream) => {
          if (isSettled()) stream.destroy();
          else settle({ stream });
        },
        (error: Error) =>
          settle({ problem: this.#lost ?? tunnelProblem(error, isProhibited(error), this.#where, host, port) }),
      );
    });
  }

  /** Starts a command in a place that was reserved. The place is free again when the command has ended, or did not start. */
  exec(request: ExecRequest, signal: AbortSignal): Promise<SessionResult> {
    const late = () => {
      // The device slept or its network changed: new sessions go to a new connection; keepalive ends this one.
      this.#capacity = 0;
      const text = `${this.#where}: connected, but no answer to a new session within ${this.#sessionMs / 1000} s.`;
      return { problem: problemOf('connection-timeout', text) };
    };
    return this.#inTime<SessionResult>(signal, late, (settle, isSettled) => {
      const mark = request.command === null || request.pty ? null : newMark();
      const command =
        mark === null || request.command === null ? request.command : markedCommand(mark, request.command);
      if (mark !== null) this.#remains.start(mark);
      const open = () =>
        openSession(this.#client, command, request.pty, (error, channel) => {
          if (channel && !error) {
            const process = this.#watch(channel, mark);
            return isSettled() ? process.kill() : settle({ process });
          }
          // The server's last place may be taken, for a moment, by what ends the remains of another command.
          if (!isSettled() && this.#ending && !this.#lost) return void this.#ending.then(open);
          // With the connection the answer may be lost, and not the command.
          if (mark !== null && this.#lost) this.#remains.add(mark);
          else if (mark !== null) this.#remains.finish(mark);
          this.#channels--;
          this.#unwant();
          if (!isSettled()) settle(this.#refusal(error));
        });
      open();
    });
  }

  /** What `start` settles with first, unless it is given up or the server takes too long before. */
  #inTime<Result>(
    signal: AbortSignal,
    late: () => Result,
    start: (settle: (result: Result) => void, isSettled: () => boolean) => void,
  ): Promise<Result | { readonly problem: Problem }> {
    return new Promise((resolve) => {
      let settled = false;
      const settle = (result: Result | { readonly problem: Problem }) => {
        settled = true;
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        resolve(result);
      };
      const onAbort = () => settle({ problem: givenUp(this.#where) });
      const timer = setTimeout(() => settle(late()), this.#sessionMs);
      signal.addEventListener('abort', onAbort);
      if (signal.aborted) onAbort();
      start(settle, () => settled);
    });
  }

  #watch(channel: SshChannel, mark: string | null): Process {
    const onOrphaned = () => {
      if (mark !== null) this.#remains.add(mark);
      this.#hasOrphans = true;
      void this.endRemains();
    };
    const process = makeProcess(channel, () => this.#lost, onOrphaned);
    if (mark !== null) this.#marks.add(mark);
    channel.once('close', () => {
      this.#channels--;
      if (mark !== null) {
        this.#marks.delete(mark);
        this.#remains.finish(mark);
      }
      // Where the server had no place for it before.
      void this.endRemains();
    });
    void process.ended.then(() => this.#unwant());
    return process;
  }

  /**
   * Ends on the device what outlived its channel; what cannot be ended now is left to the next call or connection.
   * Never rejects.
   */
  endRemains(): Promise<void> {
    if (this.#gone || this.#remains.left.length === 0) return Promise.resolve();
    return (this.#ending ??= this.#endRemains());
  }

  async #endRemains(): Promise<void> {
    this.#wanted++;
    for (let marks = this.#remains.left; marks.length > 0 && !this.#gone; marks = this.#remains.left) {
      if (!(await succeeds(this.#client, endMarked(marks), this.#sessionMs))) break;
      this.#remains.forget(marks);
    }
    this.#ending = null;
    this.#unwant();
  }

  #refusal(error: Error | undefined): SessionResult {
    if (this.#lost) return { problem: this.#lost };
    if ((this.#channels > 0 || this.#hasOrphans) && error && /open failure/i.test(error.message)) {
      this.#capacity = this.#channels;
      return { full: true };
    }
    const reason = error?.message.replace(/^\(SSH\) /, '') ?? 'no reason given';
    return { problem: problemOf('exec-refused', `${this.#where} refused a session (${reason}).`) };
  }

  #lostProblem(): Problem {
    const reason = this.#lastError ? ` (${this.#lastError.message})` : '';
    const problem = problemOf('connection-lost', `The connection to ${this.#where} was lost${reason}.`);
    // An end that the peer sent (FIN) is no error; a reset or a missing answer is.
    return this.#lastError ? { ...problem, unclosed: true } : problem;
  }

  /** Ends all channels with `reason` and closes the sockets. Resolves when they are closed; safe to call twice. */
  close(reason?: Problem): Promise<void> {
    this.#lost ??= reason ?? this.#lostProblem();
    for (const tell of this.#holders) tell(this.#lost);
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const mark of this.#marks) this.#remains.add(mark);
    if (!this.#gone && this.#remains.left.length > 0) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, REMAINS_MS)));
      await Promise.race([this.endRemains(), late]);
      clearTimeout(timer);
    }
    await endClients(this.#clients, this.#socket);
  }
}

/**
 * Runs a command whose output nobody needs; false if it could not run, its status was not 0, or it takes longer than
 * `ms`. Never rejects.
 */
function succeeds(client: SshClient, command: string, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    let opened: SshChannel | undefined;
    let late = false;
    const settle = (success: boolean) => {
      clearTimeout(timer);
      resolve(success);
    };
    const timer = setTimeout(() => {
      late = true;
      opened?.close();
      resolve(false);
    }, ms);
    openSession(client, command, null, (error, channel) => {
      if (!channel) return settle(false);
      opened = channel;
      let status: number | null = null;
      channel.on('exit', (code: number | null) => (status = code));
      channel.once('close', () => settle(status === 0));
      const { stdout, stderr } = inflowsOf(channel);
      stdout.discard();
      stderr.discard();
      channel.end();
      if (late) channel.close();
    });
  });
}

/** Ends the clients of a chain, the target's first, and closes the socket below them. */
export async function endClients(clients: readonly SshClient[], socket: Socket): Promise<void> {
  for (const client of clients.toReversed()) client.end();
  if (socket.closed) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => void closeStream(socket).then(resolve), END_GRACE_MS);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
