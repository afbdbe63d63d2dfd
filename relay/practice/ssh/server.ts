import { timingSafeEqual, createHash } from 'node:crypto';
import ssh2 from 'ssh2';
import type { AuthContext, ClientInfo, Connection } from 'ssh2';
import { TEST_PASSWORD } from '../machine/identity.ts';
import { serveSession, type SessionRunner } from './session.ts';

/** As OpenSSH's MaxAuthTries. */
const MAX_AUTH_TRIES = 6;
/** As OpenSSH's MaxSessions: open channels of one connection. */
const MAX_SESSIONS = 10;
/** Connections at once; far more than a relay opens. */
const MAX_CONNECTIONS = 64;
/** As OpenSSH's LoginGraceTime: an unauthenticated connection is closed after it. */
const LOGIN_GRACE_MS = 120_000;

/** What the server tells about logins. */
export interface LoginListener {
  /** False while the device restarts: nobody gets in. */
  isUp(): boolean;
  accepted(method: string, address: string, port: number): void;
  failed(user: string, method: string, address: string, port: number): void;
  closed(address: string, port: number): void;
}

export interface SshServer {
  readonly port: number;
  /** Ends every connection; new ones are taken at once. */
  dropConnections(): void;
  close(): Promise<void>;
}

/** An SSH server on loopback that lets root in with the test password and runs sessions with `run`. */
export async function startSshServer(
  options: { hostKey: string; port: number },
  run: SessionRunner,
  listener: LoginListener,
): Promise<SshServer> {
  const connections = new Set<Connection>();
  const server = new ssh2.Server({ hostKeys: [options.hostKey], ident: 'OpenSSH_9.7' }, (connection, info) => {
    // A client that sends nonsense is its own problem: without this listener it would be the process's.
    connection.on('error', () => connection.end());
    if (connections.size >= MAX_CONNECTIONS || !listener.isUp()) {
      connection.end();
      return;
    }
    connections.add(connection);
    connection.on('close', () => {
      connections.delete(connection);
      listener.closed(info.ip, info.port);
    });
    serveConnection(connection, info, run, listener);
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  const dropConnections = () => {
    for (const connection of connections) connection.end();
  };
  return {
    port: typeof address === 'object' && address ? address.port : options.port,
    dropConnections,
    close: () => {
      dropConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function serveConnection(connection: Connection, info: ClientInfo, run: SessionRunner, listener: LoginListener): void {
  // Without it each short answer waits 40 ms for the other side's acknowledgement.
  (connection as Connection & { setNoDelay(noDelay: boolean): void }).setNoDelay(true);
  // One close listener for each session, and some of the library's own.
  connection.setMaxListeners(MAX_SESSIONS * 2 + 10);
  let tries = 0;
  const grace = setTimeout(() => connection.end(), LOGIN_GRACE_MS);
  grace.unref();
  connection.on('close', () => clearTimeout(grace));

  const decide = (context: AuthContext, method: string, right: boolean) => {
    if (right) {
      listener.accepted(method, info.ip, info.port);
      context.accept();
      return;
    }
    if (method !== 'none') listener.failed(context.username, method, info.ip, info.port);
    if (++tries >= MAX_AUTH_TRIES) connection.end();
    else context.reject(['password', 'keyboard-interactive']);
  };
  connection.on('authentication', (context) => {
    if (context.method === 'password') {
      decide(context, 'password', context.username === 'root' && isPassword(context.password));
    } else if (context.method === 'keyboard-interactive') {
      context.prompt([{ prompt: 'Password: ', echo: false }], (...answer: unknown[]) => {
        // The types say (answers); the library has at times passed (error, answers).
        const answers = answer.find((one) => Array.isArray(one)) as unknown[] | undefined;
        decide(context, 'keyboard-interactive/pam', context.username === 'root' && isPassword(answers?.[0]));
      });
    } else decide(context, context.method, false);
  });

  connection.on('ready', () => {
    clearTimeout(grace);
    let sessions = 0;
    connection.on('session', (accept, reject) => {
      if (sessions >= MAX_SESSIONS) {
        reject();
        return;
      }
      sessions++;
      const session = accept();
      session.on('close', () => sessions--);
      serveSession(session, connection, run);
    });
    // Forwarding is not what the practice device is for.
    connection.on('request', (_accept, reject) => (reject as (() => void) | undefined)?.());
    connection.on('tcpip', (_accept, reject) => reject());
  });
}

function isPassword(given: unknown): boolean {
  if (typeof given !== 'string') return false;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(TEST_PASSWORD));
}
