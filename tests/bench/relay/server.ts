import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from '../../../relay/prepare.mjs';
import type { Sshd } from '../../integration/sshd.ts';
import { cpuSeconds } from './process-cost.ts';
import { NullPage } from './null-page.ts';
import type { Endpoint } from './null-socket.ts';
import { COLUMNS, ROWS, type Session, type Way } from './session.ts';
import { LINK, signIn } from './sign-in.ts';

/** The built relay as a process of its own, as `npm start` runs it, with one target. Whoever started it stops it. */
export interface RelayServer {
  readonly pid: number;
  readonly endpoint: Endpoint;
  readonly target: string;
  stop(): Promise<void>;
}

/** The terminal that every way asks for. */
export const PTY = { term: 'xterm-256color', columns: COLUMNS, rows: ROWS };

/** @param directory a fresh one, for its home and its state @param flags more of `npm start`'s */
export async function startRelay(sshd: Sshd, directory: string, flags: readonly string[] = []): Promise<RelayServer> {
  await writeHome(directory, [sshd]);
  const child = spawn(
    process.execPath,
    [
      ...nodeFlags(ROOT),
      join(ROOT, 'build', 'relay', 'main.js'),
      ...['--port', '0', '--no-open', '--state', join(directory, 'state'), '--device', sshd.address],
      ...flags,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, HOME: directory, SSH_AUTH_SOCK: '' } },
  );
  process.once('exit', () => child.kill());
  const link = await firstLink(child);
  return {
    pid: child.pid ?? 0,
    target: link.searchParams.get('device') ?? '',
    endpoint: await signIn(link),
    stop: async () => {
      const exited = once(child, 'exit');
      child.kill();
      await exited;
    },
  };
}

/** The home of a person who has used `ssh` with these servers before: no key is asked about. @param directory a fresh one */
export async function writeHome(directory: string, servers: readonly Sshd[]): Promise<void> {
  const ssh = join(directory, '.ssh');
  const keys = servers.map(({ keyFile }) => `  IdentityFile ${keyFile}\n`);
  await mkdir(ssh, { recursive: true, mode: 0o700 });
  await writeFile(join(ssh, 'config'), `Host *\n${keys.join('')}  IdentitiesOnly yes\n`);
  await writeFile(join(ssh, 'known_hosts'), servers.map(({ knownHostsLine }) => knownHostsLine).join(''));
}

/** What `npm start` of a checkout tells Node. */
export function nodeFlags(root: string): string[] {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: { start: string } };
  return scripts.start.split(' ').filter((word) => word.startsWith('--'));
}

async function firstLink(child: ChildProcess): Promise<URL> {
  if (!child.stdout) throw new Error('the relay has no stdout');
  for await (const line of createInterface({ input: child.stdout })) {
    const link = LINK.exec(line)?.[0];
    if (link === undefined) continue;
    child.stdout.resume();
    return new URL(link);
  }
  throw new Error('the relay printed no link');
}

/** The relay as one of the ways that are compared. */
export function relayWay(relay: Pick<RelayServer, 'pid' | 'endpoint' | 'target'>): Way {
  return {
    name: 'relay',
    open: async (command, pty) => {
      const request = { target: relay.target, command, pty: pty ? PTY : null };
      return sessionOf(await NullPage.open(relay.endpoint, request));
    },
    cpuSeconds: () => cpuSeconds(relay.pid),
  };
}

function sessionOf(page: NullPage): Session {
  const session: Session = {
    set onData(listener: (chunk: Buffer) => void) {
      page.onData = listener;
    },
    write: (bytes) => page.socket.sendBytes(Buffer.from(bytes)),
    ended: page.closed.then((problem) => {
      if (problem !== null) throw new Error(problem);
    }),
    close: async () => {
      page.close();
      await page.closed;
    },
  };
  session.ended.catch(() => undefined);
  return session;
}
