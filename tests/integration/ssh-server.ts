import { connect } from 'node:net';
import ssh2, { type AuthContext, type ServerChannel } from 'ssh2';
import { generateHostKey } from '../../relay/practice/device.ts';
import { listenLocally } from './listen.ts';

/** An SSH server that does with each login and each command what the test says. Whoever started it closes it. */
export interface SshServer {
  readonly port: number;
  readonly address: string;
  /** Connections that are open now. */
  count(): number;
  /**
   * What clients asked for, of all that belongs to a login: SERVICE_REQUEST and USERAUTH_REQUEST messages, as ssh2's
   * protocol reports them.
   */
  readonly logins: readonly string[];
  close(): Promise<void>;
}

export interface SshServerOptions {
  /** Default: a new ed25519 key. */
  readonly hostKey?: Buffer | string;
  /** Default: everybody is let in. */
  readonly authenticate?: (context: AuthContext) => void;
  /** False: it does not say which signatures it takes (RFC 8308), like an sshd before 7.2. */
  readonly extInfo?: boolean;
  /** Gets the channel of each login shell; without it there is none. */
  readonly onTerminal?: (channel: ServerChannel) => void;
  /** Default: what ssh2 takes. */
  readonly algorithms?: ssh2.Algorithms;
  /** Told of each connection, before its login. */
  readonly onConnection?: (connection: ssh2.Connection) => void;
  /** Told what ssh2's protocol says of each message. */
  readonly onDebug?: (line: string) => void;
}

/**
 * @param run gets each command's channel; the command line still has what the relay puts before it. As a jump host the
 * server connects wherever it is asked to.
 */
export async function startSshServer(
  run: (channel: ServerChannel, command: string) => void,
  {
    hostKey = generateHostKey(),
    authenticate = (context) => context.accept(),
    extInfo = true,
    onTerminal,
    algorithms,
    onConnection,
    onDebug,
  }: SshServerOptions = {},
): Promise<SshServer> {
  const open = new Set<ssh2.Connection>();
  const logins: string[] = [];
  const debug = (line: string) => {
    const login = /Inbound: Received ((?:SERVICE|USERAUTH)_REQUEST.*)/.exec(line)?.[1];
    if (login !== undefined) logins.push(login);
    onDebug?.(line);
  };
  const server = new ssh2.Server({ hostKeys: [hostKey], debug, ...(algorithms && { algorithms }) }, (connection) => {
    open.add(connection);
    onConnection?.(connection);
    if (!extInfo) withoutExtInfo(connection);
    connection.on('close', () => open.delete(connection));
    connection.on('error', () => undefined);
    connection.on('authentication', authenticate);
    connection.on('tcpip', (accept, reject, { destIP, destPort }) => {
      const socket = connect(destPort, destIP);
      socket.once('error', () => reject());
      socket.once('connect', () => {
        const channel = accept();
        channel.on('error', () => undefined);
        channel.on('close', () => socket.destroy());
        socket.on('close', () => channel.end());
        socket.pipe(channel).pipe(socket);
      });
    });
    connection.on('session', (accept) => {
      const session = accept();
      session.on('pty', (acceptPty) => acceptPty());
      if (onTerminal) session.on('shell', (acceptShell) => onTerminal(acceptShell()));
      session.on('exec', (acceptExec, _reject, { command }) => {
        const channel = acceptExec();
        channel.on('error', () => undefined);
        run(channel, command);
      });
    });
  });
  const port = await listenLocally(server);
  return {
    port,
    address: `root@127.0.0.1:${port}`,
    count: () => open.size,
    logins,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const connection of open) connection.end();
      await closed;
    },
  };
}

/** ssh2's server answers a client that asks; here it never sees that it was asked. */
function withoutExtInfo(connection: ssh2.Connection): void {
  const { _protocol: protocol } = connection as unknown as { _protocol: { _kex: object | undefined } };
  let exchange = protocol._kex;
  Object.defineProperty(protocol, '_kex', {
    get: () => exchange,
    set: (next: object | undefined) => {
      exchange = next;
      if (next) Object.defineProperty(next, 'remoteExtInfoEnabled', { get: () => false, set: () => undefined });
    },
  });
}

/** The part of a server's channel that says how much its client may get; hostile servers do not look at it. */
export function ignoreWindow(channel: ServerChannel): void {
  (channel as unknown as { outgoing: { window: number } }).outgoing.window = Number.MAX_SAFE_INTEGER;
}
