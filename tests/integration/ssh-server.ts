import { once } from 'node:events';
import ssh2, { type ServerChannel } from 'ssh2';
import { generateHostKey } from '../../relay/practice/device.ts';

/** An SSH server that lets everybody in and does with each command what the test says. Whoever started it closes it. */
export interface SshServer {
  readonly address: string;
  /** Connections that are open now. */
  count(): number;
  close(): Promise<void>;
}

/** @param run gets each command's channel; the command line still has what the relay puts before it */
export async function startSshServer(run: (channel: ServerChannel, command: string) => void): Promise<SshServer> {
  const open = new Set<ssh2.Connection>();
  const server = new ssh2.Server({ hostKeys: [generateHostKey()] }, (connection) => {
    open.add(connection);
    connection.on('close', () => open.delete(connection));
    connection.on('error', () => undefined);
    connection.on('authentication', (context) => context.accept());
    connection.on('session', (accept) => {
      const session = accept();
      session.on('exec', (acceptExec, _reject, { command }) => {
        const channel = acceptExec();
        channel.on('error', () => undefined);
        run(channel, command);
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has a port.');
  return {
    address: `root@127.0.0.1:${address.port}`,
    count: () => open.size,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const connection of open) connection.end();
      await closed;
    },
  };
}

/** The part of a server's channel that says how much its client may get; hostile servers do not look at it. */
export function ignoreWindow(channel: ServerChannel): void {
  (channel as unknown as { outgoing: { window: number } }).outgoing.window = Number.MAX_SAFE_INTEGER;
}
