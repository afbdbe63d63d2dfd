import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../integration/openssh.ts';
import { quoteWord } from '../../../src/lib/domain/quote.ts';
import type { Sshd } from '../../integration/sshd.ts';
import { NullSocket } from './null-socket.ts';
import { CIPHER } from './openssh.ts';
import { treeCpuSeconds } from './process-cost.ts';
import { COLUMNS, ROWS, type Session, type Way } from './session.ts';

/** The version that is compared; installed outside the checkout, for it is no dependency: 135 MB with its own. */
export const WETTY_VERSION = '3.2.0';

const FOLDER = join(
  process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'),
  'crostini-workbench',
  'bench',
  `wetty-${WETTY_VERSION}`,
);

/** wetty's page acknowledges every this many characters. */
const COMMIT_EVERY = 262_144;

/** A peer's server and its way. Whoever started it stops it. */
export interface WettyServer {
  readonly way: Way;
  stop(): Promise<void>;
}

/**
 * Installs wetty, once, and starts it in front of the server.
 * @param say told what is done, for a person
 * @param install false: only if it is there already
 * @returns a sentence when there is none
 */
export async function startWetty(
  sshd: Sshd,
  install: boolean,
  say: (text: string) => void,
): Promise<WettyServer | string> {
  const program = join(FOLDER, 'node_modules', 'wetty', 'build', 'main.js');
  if (!existsSync(program)) {
    if (!install) return `wetty ${WETTY_VERSION} is left out: it is not installed, and a quick run installs nothing`;
    say(`Installing wetty ${WETTY_VERSION} to compare with, in ${FOLDER} (once, 135 MB) …`);
    await mkdir(FOLDER, { recursive: true });
    const args = [
      'install',
      '--prefix',
      FOLDER,
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      `wetty@${WETTY_VERSION}`,
    ];
    const { status, stderr } = spawnSync('npm', args, { encoding: 'utf8' });
    if (status !== 0) {
      await rm(FOLDER, { recursive: true, force: true });
      const reason = stderr.split('\n').find((line) => line.includes('npm error')) ?? 'npm install failed';
      return `wetty ${WETTY_VERSION} is left out: it cannot be installed (${reason})`;
    }
  }
  const port = await freePort();
  // The same cipher for all, and no farewell of ssh in the output.
  const config = join(sshd.directory, 'config_of_wetty');
  await writeFile(config, `Ciphers ${CIPHER}\nLogLevel ERROR\n`);
  const child = spawn(
    process.execPath,
    [
      ...[program, '--host', '127.0.0.1', '--port', String(port), '--force-ssh', '--log-level', 'error'],
      ...['--ssh-host', sshd.host, '--ssh-port', String(sshd.port), '--ssh-user', sshd.user],
      ...['--ssh-auth', 'publickey', '--ssh-key', sshd.keyFile, '--ssh-config', config],
    ],
    { stdio: 'ignore', cwd: FOLDER, env: { ...process.env, HOME: FOLDER } },
  );
  process.once('exit', () => child.kill());
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null) return;
    const exited = once(child, 'exit');
    child.kill();
    await exited;
  };
  while (!(await answers(port)))
    if (child.exitCode !== null) return `wetty ${WETTY_VERSION} is left out: it ended with ${child.exitCode}`;
  const way: Way = {
    name: 'wetty',
    open: async (command) => {
      const session = await openWetty(port);
      // There is a login shell only; it waits for its first line.
      session.write(`exec sh -c ${quoteWord(command)}\n`);
      return session;
    },
    cpuSeconds: () => treeCpuSeconds(child.pid ?? 0),
  };
  return { way, stop };
}

async function answers(port: number): Promise<boolean> {
  try {
    await fetch(`http://127.0.0.1:${port}/`);
    return true;
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return false;
  }
}

/** What wetty's own page says, over Engine.IO 4 and Socket.IO 5: 0 open, 2 ping, 40 connect, 42 an event. */
async function openWetty(port: number): Promise<Session> {
  const path = '/socket.io/?EIO=4&transport=websocket';
  const headers = { referer: `http://127.0.0.1:${port}/`, origin: `http://127.0.0.1:${port}` };
  const socket = await NullSocket.open({ host: '127.0.0.1', port, path, headers });
  const emit = (name: string, value: unknown): void => socket.sendText(`42${JSON.stringify([name, value])}`);
  let uncommitted = 0;
  let loggedIn: () => void = () => undefined;
  const login = new Promise<void>((resolve) => (loggedIn = resolve));
  let settle: () => void = () => undefined;
  const session: Session = {
    onData: () => undefined,
    write: (bytes) => emit('input', bytes.toString()),
    ended: new Promise((resolve) => (settle = resolve)),
    close: async () => {
      socket.close();
      await session.ended;
    },
  };
  socket.onClose = settle;
  socket.onText = (text) => {
    if (text.startsWith('0')) return socket.sendText('40');
    if (text === '2') return socket.sendText('3');
    if (!text.startsWith('42')) return;
    const [name, value] = JSON.parse(text.slice(2)) as [string, unknown];
    if (name === 'login') {
      emit('resize', { cols: COLUMNS, rows: ROWS });
      return loggedIn();
    }
    if (name === 'logout') return socket.close();
    if (name !== 'data') return;
    const data = String(value);
    session.onData(Buffer.from(data));
    uncommitted += data.length;
    if (uncommitted < COMMIT_EVERY) return;
    emit('commit', COMMIT_EVERY);
    uncommitted -= COMMIT_EVERY;
  };
  await login;
  return session;
}
