import { timingSafeEqual, createHash } from 'node:crypto';
import ssh2 from 'ssh2';
import type { AuthContext, ClientInfo, Connection } from 'ssh2';
import { Door } from './door.ts';
import { serveSession, type SessionRunner } from './session.ts';

/** As OpenSSH's MaxAuthTries. */
const MAX_AUTH_TRIES = 6;
/** As OpenSSH's MaxSessions: open channels of one connection. */
const MAX_SESSIONS = 10;

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

/** An SSH server on loopback that lets root in with `password` and runs sessions with `run`. */
export async function startSshServer(
  options: { hostKey: string; port: number; password: string },
  run: SessionRunner,
  listener: LoginListener,
): Promise<SshServer> {
  const server = new ssh2.Server({ hostKeys: [options.hostKey], ident: 'OpenSSH_9.7' }, (connection, info) => {
    // A client that sends nonsense is its own problem: without this listener it would be the process's.
    connection.on('error', () => door.drop(info));
    if (!listener.isUp()) {
      connection.end();
      return door.drop(info);
    }
    connection.on('close', () => listener.closed(info.ip, info.port));
    serveConnection(connection, info, door, options.password, run, listener);
  });
  server.on('error', () => undefined);
  const door = await Door.open(options.port, (socket) => server.injectSocket(socket));
  return { port: door.port, dropConnections: () => door.dropAll(), close: () => door.close() };
}

function serveConnection(
  connection: Connection,
  info: ClientInfo,
  door: Door,
  password: string,
  run: SessionRunner,
  listener: LoginListener,
): void {
  // One close listener for each session, and some of the library's own.
  connection.setMaxListeners(MAX_SESSIONS * 2 + 10);
  let tries = 0;

  const decide = (context: AuthContext, method: string, right: boolean) => {
    if (right) {
      if (!door.admit(info)) return;
      listener.accepted(method, info.ip, info.port);
      context.accept();
      return;
    }
    if (method !== 'none') listener.failed(context.username, method, info.ip, info.port);
    if (++tries < MAX_AUTH_TRIES) return context.reject(['password', 'keyboard-interactive']);
    connection.end();
    door.drop(info);
  };
  connection.on('authentication', (context) => {
    if (context.method === 'password') {
      decide(context, 'password', context.username === 'root' && isPassword(context.password, password));
    } else if (context.method === 'keyboard-interactive') {
      context.prompt([{ prompt: 'Password: ', echo: false }], (...answer: unknown[]) => {
        // The types say (answers); the library has at times passed (error, answers).
        const answers = answer.find((one) => Array.isArray(one)) as unknown[] | undefined;
        decide(context, 'keyboard-interactive/pam', context.username === 'root' && isPassword(answers?.[0], password));
      });
    } else decide(context, context.method, false);
  });

  connection.on('ready', () => {
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

function isPassword(given: unknown, password: string): boolean {
  if (typeof given !== 'string') return false;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(password));
}
