import type { Duplex } from 'node:stream';
import type { Problem } from '#lib/protocol/problem.ts';
import type { Authentication } from './authentication.ts';
import { startClient, type SshClient } from './client.ts';
import type { HostKeyCheck } from './host-keys.ts';
import type { Deadlines, Log } from './options.ts';
import { handshakeProblem, problemOf } from './problems.ts';
import { givenUp } from './socket.ts';
import type { Windows } from './windows.ts';

/**
 * What a server may send before the login is over, in bytes: a key exchange has some KB, and the largest banner that
 * sshd reads from a file 1 MiB (auth2.c). Banners, SSH_MSG_IGNORE and the like have no bound in ssh2, and none of time
 * while a person is asked.
 */
const LOGIN_BYTES_MAX = 4 * 1024 * 1024;

export type LoginResult =
  | { readonly client: SshClient }
  | { readonly problem: Problem }
  /** The server counts too many failures; the same login goes on over a new stream. */
  | { readonly again: true };

/** Watches how long a server takes. A person's time at a question does not count. */
export class Patience {
  #timer: NodeJS.Timeout | undefined;
  #ms = 0;
  #paused = 0;
  #onEnd: () => void = () => undefined;

  start(ms: number, onEnd: () => void): void {
    this.#ms = ms;
    this.#onEnd = onEnd;
    this.restart();
  }

  restart(): void {
    clearTimeout(this.#timer);
    if (this.#ms > 0 && this.#paused === 0) this.#timer = setTimeout(() => this.#onEnd(), this.#ms);
  }

  /** Runs `task` with the clock stopped. */
  async during<Result>(task: () => Promise<Result>): Promise<Result> {
    this.#paused++;
    clearTimeout(this.#timer);
    try {
      return await task();
    } finally {
      this.#paused--;
      this.restart();
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#ms = 0;
  }
}

/**
 * Brings an open stream to a logged-in client: key exchange, host key, authentication, in this order. On any other
 * result the stream is destroyed.
 */
export function logIn(options: {
  readonly stream: Duplex;
  readonly user: string;
  readonly where: string;
  readonly hostKey: HostKeyCheck;
  readonly oldAlgorithms: boolean;
  readonly authentication: Authentication;
  readonly patience: Patience;
  readonly deadlines: Deadlines;
  readonly windows: Windows;
  /** What is left of `deadlines.connect`, in ms. */
  readonly handshakeMs: number;
  readonly signal: AbortSignal;
  readonly log: Log;
}): Promise<LoginResult> {
  const { stream, where, authentication, patience, deadlines, signal, log } = options;
  return new Promise((resolve) => {
    let stage: 'handshake' | 'authentication' | 'settled' = 'handshake';
    let hostKeyProblem: Problem | null = null;
    let lastError: Error | null = null;
    let sawBanner = false;

    const settle = (result: LoginResult) => {
      if (stage === 'settled') return;
      stage = 'settled';
      patience.stop();
      signal.removeEventListener('abort', onAbort);
      stream.off('data', onBytes);
      if (!('client' in result)) stream.destroy();
      resolve(result);
    };
    const onAbort = () => settle({ problem: givenUp(where) });

    /** The connection is over, or its server does not go on. */
    const onEnd = () => {
      if (stage === 'settled') return;
      if (hostKeyProblem) settle({ problem: hostKeyProblem });
      else if (stage === 'handshake')
        settle({ problem: handshakeProblem(lastError, where, sawBanner, options.oldAlgorithms) });
      else if (authentication.again) settle({ again: true });
      else settle({ problem: authentication.isOver ? authentication.failure() : lostDuringLogin(where, lastError) });
    };
    const onError = (error: Error & { level?: string }) => {
      log(stage === 'settled' ? 'debug' : 'info', { where, stage, level: error.level, error: error.message }, 'ssh');
      // An agent or key that does not sign: ssh2 goes on with the next step.
      if (error.level === 'agent') return;
      lastError = error;
      if (stage === 'handshake') onEnd();
    };

    patience.start(options.handshakeMs, () =>
      settle({
        problem: problemOf(
          'connection-timeout',
          `${where}: connected, but no SSH server answered within ${deadlines.connect / 1000} s.`,
        ),
      }),
    );
    signal.addEventListener('abort', onAbort);
    authentication.connectionStarted();

    let received = 0;
    const onBytes = (chunk: Buffer) => {
      if (received === 0) sawBanner = chunk.toString('latin1', 0, 4) === 'SSH-';
      received += chunk.length;
      if (received > LOGIN_BYTES_MAX) settle({ problem: tooMuch(where) });
    };
    stream.on('data', onBytes);
    const client = startClient({
      stream,
      user: options.user,
      keyTypes: options.hostKey.keyTypes,
      oldAlgorithms: options.oldAlgorithms,
      keepalive: deadlines.keepalive,
      windows: options.windows,
      verifyHostKey: (blob) => {
        hostKeyProblem = options.hostKey.judge(blob, where);
        return hostKeyProblem === null;
      },
      nextStep: async (left, partial) => {
        if (stage === 'settled') return null;
        const step = await patience.during(() => authentication.next(left, partial));
        // ssh2 reports the end as an error like any other; here is where it is known for sure.
        if (step === null) onEnd();
        return step;
      },
      onRound: () => {
        const goesOn = stage !== 'settled' && authentication.takeRound();
        if (!goesOn) onEnd();
        return goesOn;
      },
      onError,
    });
    client.once('change password', () => settle({ problem: passwordExpired(where) }));
    client.once('handshake', () => {
      stage = stage === 'handshake' ? 'authentication' : stage;
      patience.start(deadlines.authenticate, () =>
        settle({
          problem: problemOf(
            'connection-timeout',
            `${where}: no answer to the login within ${deadlines.authenticate / 1000} s.`,
          ),
        }),
      );
    });
    client.once('ready', () => settle({ client }));
    client.once('close', onEnd);
    if (signal.aborted) onAbort();
  });
}

function lostDuringLogin(where: string, error: Error | null): Problem {
  return problemOf(
    'connection-lost',
    `${where}: the connection ended during the login${error ? ` (${error.message})` : ''}.`,
  );
}

function tooMuch(where: string): Problem {
  const text = `${where} sent more than ${LOGIN_BYTES_MAX} bytes before the login was over, so the relay ended it.`;
  return problemOf('authentication-failed', text);
}

/** SSH_MSG_USERAUTH_PASSWD_CHANGEREQ; OpenSSH's client asks for the old and the new password. */
function passwordExpired(where: string): Problem {
  const text = `${where} wants a new password before it lets anybody in. Set one with ssh, then try again.`;
  return problemOf('authentication-failed', text);
}
