import type { Socket } from 'node:net';
import type { Problem } from '#lib/protocol/problem.ts';
import type { ExecRequest, Process } from '../transport.ts';
import { openSession, type SshClient } from './client.ts';
import { problemOf } from './problems.ts';
import { makeProcess } from './process.ts';
import { closeStream, givenUp } from './socket.ts';

/** Channels of one connection; OpenSSH takes 10 (MaxSessions), less two for other tools of the same server. */
export const CHANNELS_PER_CONNECTION = 8;

/** After a polite end the socket is destroyed, in ms: a peer that is gone does not answer. */
const END_GRACE_MS = 500;

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
  #capacity = CHANNELS_PER_CONNECTION;
  /** Places taken on the server, and by commands that someone still waits for: a killed one may linger there. */
  #channels = 0;
  #wanted = 0;
  #lost: Problem | null = null;
  #lastError: Error | null = null;
  #closing: Promise<void> | null = null;
  #onRelease: () => void = () => undefined;

  /** Resolves when the socket is closed, by whichever side. */
  readonly closed: Promise<void>;

  constructor(clients: readonly SshClient[], socket: Socket, where: string, sessionMs: number) {
    const client = clients.at(-1);
    if (!client) throw new Error('A connection has at least one client.');
    this.#clients = clients;
    this.#client = client;
    this.#socket = socket;
    this.#where = where;
    this.#sessionMs = sessionMs;
    client.on('error', (error) => (this.#lastError = error));
    client.once('close', () => {
      this.#lost ??= this.#lostProblem();
      void this.close();
    });
    this.closed = new Promise((resolve) => (socket.closed ? resolve() : socket.once('close', () => resolve())));
  }

  /** There is room for one more channel. */
  get hasRoom(): boolean {
    return this.#lost === null && this.#channels < this.#capacity;
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

  /** Starts a command in a place that was reserved. The place is free again when the command has ended, or did not start. */
  exec(request: ExecRequest, signal: AbortSignal): Promise<SessionResult> {
    return new Promise((resolve) => {
      let settled = false;
      const settle = (result: SessionResult) => {
        settled = true;
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        resolve(result);
      };
      const onAbort = () => settle({ problem: givenUp(this.#where) });
      const timer = setTimeout(() => {
        // The device slept or its network changed: new sessions go to a new connection; keepalive ends this one.
        this.#capacity = 0;
        const text = `${this.#where}: connected, but no answer to a new session within ${this.#sessionMs / 1000} s.`;
        settle({ problem: problemOf('connection-timeout', text) });
      }, this.#sessionMs);
      signal.addEventListener('abort', onAbort);
      if (signal.aborted) onAbort();

      openSession(this.#client, request.command, request.pty, (error, channel) => {
        if (error || !channel) {
          this.#channels--;
          this.#unwant();
          if (!settled) settle(this.#refusal(error));
          return;
        }
        const process = makeProcess(channel, () => this.#lost);
        channel.once('close', () => this.#channels--);
        void process.ended.then(() => this.#unwant());
        if (settled) process.kill();
        else settle({ process });
      });
    });
  }

  #refusal(error: Error | undefined): SessionResult {
    if (this.#lost) return { problem: this.#lost };
    if (this.#channels > 0 && error && /open failure/i.test(error.message)) {
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
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await endClients(this.#clients, this.#socket);
  }
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
