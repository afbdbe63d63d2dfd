import type { Problem } from '#lib/protocol/problem.ts';
import type { ExecRequest, ExecResult, Prompter, TunnelResult } from '../transport.ts';
import type { ConnectResult } from './connect.ts';
import type { Connection } from './connection.ts';
import type { Deadlines } from './options.ts';
import { problemOf, unanswered } from './problems.ts';
import { Askers, type Ask } from './questions.ts';
import { givenUp } from './socket.ts';

/** Makes a connection to one target. Never rejects for what a network may do; aborting leaves nothing open. */
export type Connect = (ask: Ask, password: string | null, signal: AbortSignal) => Promise<ConnectResult>;

interface RunningAttempt {
  readonly askers: Askers;
  readonly abort: AbortController;
  readonly done: Promise<ConnectResult>;
}

/**
 * The connections to one target. Its channels share a connection up to that one's room; only one attempt runs at a
 * time, so that twenty log views that open together ask for one password.
 */
export class Connections {
  readonly #connect: Connect;
  readonly #deadlines: Deadlines;
  readonly #name: string;
  readonly #onEmpty: () => void;
  readonly #open = new Set<Connection>();
  readonly #idleTimers = new Map<Connection, NodeJS.Timeout>();
  #attempt: RunningAttempt | null = null;
  /** With those that nobody waits for any more, until they are gone. */
  readonly #attempts = new Set<RunningAttempt>();
  /** What the person typed and the server took, for as long as a connection is open: the ninth channel asks nothing. */
  #password: string | null = null;
  #stopped: Problem | null = null;
  /** Calls of `exec` that have no connection yet. */
  #waiting = 0;

  /** @param onEmpty neither a connection nor an attempt is left */
  constructor(name: string, connect: Connect, deadlines: Deadlines, onEmpty: () => void) {
    this.#name = name;
    this.#connect = connect;
    this.#deadlines = deadlines;
    this.#onEmpty = onEmpty;
  }

  /** How many are open. */
  get size(): number {
    return this.#open.size;
  }

  async exec(request: ExecRequest, prompter: Prompter, signal: AbortSignal): Promise<ExecResult> {
    for (;;) {
      const acquired = await this.#acquire(takePlace, prompter, signal);
      if ('problem' in acquired) return acquired;
      const result = await acquired.taken.exec(request, signal);
      // Its capacity is lower now, so each turn either finds room elsewhere or makes a connection of its own.
      if (!('full' in result)) return result;
    }
  }

  /** Holds a connection for TCP connections. */
  async tunnel(prompter: Prompter, signal: AbortSignal): Promise<TunnelResult> {
    const acquired = await this.#acquire((connection) => connection.isUp && connection.hold(), prompter, signal);
    return 'problem' in acquired ? acquired : { tunnel: acquired.taken };
  }

  /** What `take` takes of the first connection that has it; one is made where none has. */
  async #acquire<Taken extends object>(
    take: (connection: Connection) => Taken | false,
    prompter: Prompter,
    signal: AbortSignal,
  ): Promise<{ readonly taken: Taken } | { readonly problem: Problem }> {
    this.#waiting++;
    const acquired = await this.#find(take, prompter, signal).finally(() => this.#waiting--);
    if ('problem' in acquired) this.#checkEmpty();
    return acquired;
  }

  async #find<Taken extends object>(
    take: (connection: Connection) => Taken | false,
    prompter: Prompter,
    signal: AbortSignal,
  ): Promise<{ readonly taken: Taken } | { readonly problem: Problem }> {
    for (;;) {
      if (this.#stopped) return { problem: this.#stopped };
      if (signal.aborted) return { problem: givenUp(this.#name) };
      for (const connection of this.#open) {
        const taken = take(connection);
        if (!taken) continue;
        clearTimeout(this.#idleTimers.get(connection));
        return { taken };
      }
      const result = await this.#join(prompter, signal);
      if (result === 'aborted') return { problem: givenUp(this.#name) };
      if ('problem' in result) return result;
      // Others may have taken its places; a server that lets in and hangs up would be asked again for ever.
      const { connection } = result;
      if (connection.lost) return { problem: connection.lost };
      if (!this.#open.has(connection)) return { problem: hungUp(this.#name) };
    }
  }

  /** Waits for the running attempt, or starts one. The last one to leave it ends it. */
  #join(prompter: Prompter, signal: AbortSignal): Promise<ConnectResult | 'aborted'> {
    const attempt = (this.#attempt ??= this.#start());
    return new Promise((resolve, reject) => {
      const leave = attempt.askers.join(prompter, signal, () => {
        finish();
        resolve({ problem: unanswered(this.#name) });
      });
      const finish = () => {
        signal.removeEventListener('abort', onAbort);
        leave();
      };
      const onAbort = () => {
        finish();
        if (attempt.askers.size === 0) {
          attempt.abort.abort();
          // Who comes next does not wait for the end of what nobody wants.
          if (this.#attempt === attempt) this.#attempt = null;
        }
        resolve('aborted');
      };
      signal.addEventListener('abort', onAbort);
      attempt.done.then(
        (result) => {
          finish();
          resolve(result);
        },
        (error: unknown) => {
          finish();
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      );
    });
  }

  #start(): RunningAttempt {
    const askers = new Askers(this.#deadlines.prompt);
    const abort = new AbortController();
    const done = this.#connect(askers.ask, this.#password, abort.signal).then((result) => {
      if ('connection' in result) this.#add(result.connection, result.acceptedPassword);
      return result;
    });
    const attempt: RunningAttempt = { askers, abort, done };
    this.#attempts.add(attempt);
    const end = () => {
      this.#attempts.delete(attempt);
      if (this.#attempt === attempt) this.#attempt = null;
      this.#checkEmpty();
    };
    // Before those who wait go on: one of them may be the first of the next attempt.
    done.then(end, end);
    return attempt;
  }

  #add(connection: Connection, password: string | null): void {
    this.#open.add(connection);
    this.#password = password ?? this.#password;
    connection.onRelease(() => this.#watchIdle(connection));
    void connection.closed.then(() => {
      clearTimeout(this.#idleTimers.get(connection));
      this.#idleTimers.delete(connection);
      this.#open.delete(connection);
      if (this.#open.size === 0) this.#password = null;
      this.#checkEmpty();
    });
    this.#watchIdle(connection);
    void connection.endRemains();
    if (this.#stopped) void connection.close(this.#stopped);
  }

  #watchIdle(connection: Connection): void {
    clearTimeout(this.#idleTimers.get(connection));
    if (!connection.isIdle || !this.#open.has(connection)) return;
    const timer = setTimeout(() => void connection.close(), this.#deadlines.idle);
    // An idle connection is no reason for the relay to stay.
    this.#idleTimers.set(connection, timer.unref());
  }

  #checkEmpty(): void {
    if (this.#open.size === 0 && this.#attempts.size === 0 && this.#waiting === 0) this.#onEmpty();
  }

  /** Ends everything with `reason`; resolves when all sockets are closed. */
  async close(reason: Problem): Promise<void> {
    this.#stopped = reason;
    const attempts = [...this.#attempts];
    for (const { abort } of attempts) abort.abort();
    await Promise.allSettled(attempts.map(({ done }) => done));
    await Promise.all(
      [...this.#open].map(async (connection) => {
        await connection.close(reason);
        await connection.closed;
      }),
    );
  }
}

function hungUp(name: string): Problem {
  return problemOf('connection-lost', `${name} ended the connection after the login.`);
}

/** A place for one command, reserved. */
function takePlace(connection: Connection): Connection | false {
  if (!connection.hasRoom) return false;
  connection.reserve();
  return connection;
}
