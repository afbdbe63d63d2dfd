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
  const ssh = join(directory, '.ssh');
  await mkdir(ssh, { recursive: true, mode: 0o700 });
  await writeFile(join(ssh, 'config'), `Host *\n  IdentityFile ${sshd.keyFile}\n  IdentitiesOnly yes\n`);
  // A person who has used `ssh` before: no key is asked about.
  await writeFile(join(ssh, 'known_hosts'), sshd.knownHostsLine);
  const child = spawn(
    process.execPath,
    [
      ...nodeFlags(),
      join(ROOT, 'build', 'relay', 'main.js'),
      ...['--port', '0', '--no-open', '--state', join(directory, 'state'), '--device', sshd.address],
      ...flags,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, HOME: directory, SSH_AUTH_SOCK: '' } },
  );
  process.once('exit', () => child.kill());
  const link = await firstLink(child);
  const response = await fetch(`${link.origin}/session`, {
    method: 'POST',
    headers: { origin: link.origin },
    body: JSON.stringify({ token: link.hash.replace('#token=', '') }),
  });
  const cookie = (response.headers.get('set-cookie') ?? '').replace(/;.*/, '');
  const port = Number(link.port);
  return {
    pid: child.pid ?? 0,
    target: link.searchParams.get('device') ?? '',
    endpoint: { host: '127.0.0.1', port, path: '/channel', headers: { cookie, origin: link.origin } },
    stop: async () => {
      const exited = once(child, 'exit');
      child.kill();
      await exited;
    },
  };
}

/** What `npm start` tells Node. */
function nodeFlags(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: { start: string } };
  return scripts.start.split(' ').filter((word) => word.startsWith('--'));
}

async function firstLink(child: ChildProcess): Promise<URL> {
  if (!child.stdout) throw new Error('the relay has no stdout');
  for await (const line of createInterface({ input: child.stdout })) {
    const link = /http:\/\/\S+#token=\S+/.exec(line)?.[0];
    if (link === undefined) continue;
    child.stdout.resume();
    return new URL(link);
  }
  throw new Error('the relay printed no link');
}

/** The relay as one of the ways that are compared. */
export function relayWay(relay: RelayServer): Way {
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
