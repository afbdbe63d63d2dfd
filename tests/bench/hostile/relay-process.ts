import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readFile, symlink } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { quoteWord } from '../../../src/lib/domain/quote.ts';
import type { Sshd } from '../../integration/sshd.ts';
import { nodeFlags, writeHome } from '../relay/server.ts';
import { LINK } from '../relay/sign-in.ts';
import type { AttackedRelay, RelayDemands } from './case.ts';

/** A built relay as a process of its own, in a terminal: there Enter makes it print one more link. */
export interface RelayProcess extends AttackedRelay {
  readonly pid: number;
  /** Of the device that it was started with. */
  readonly target: string;
  /** Of the first link that it printed. */
  readonly link: URL;
  /** One more link. Links are made one after the other, for each may end the one before. */
  newLink(): Promise<URL>;
  readonly isRunning: () => boolean;
  /** How it ended and its last words; for one that runs no more. */
  lastWords(): Promise<string>;
  /** Kills it. */
  stop(): Promise<void>;
}

/** How Node, V8 and C++ begin the line that says why a process ends. */
const LAST_WORDS = /^\w*Error: |FATAL ERROR|terminate called/;

/** Longest excerpt of it, in characters. */
const LAST_WORDS_MAX = 120;

/**
 * @param root the checkout whose build is run @param directory a fresh one, for its home and its state
 * @param victims the server that it is started with, as its device @param others further ones that it knows
 */
export async function startRelayProcess(
  root: string,
  directory: string,
  victims: Sshd,
  others: readonly Sshd[],
  { copied, descriptors }: RelayDemands = {},
): Promise<RelayProcess> {
  await writeHome(directory, [victims, ...others]);
  const own = copied ? await copyOf(root, join(directory, 'checkout')) : root;
  const state = join(directory, 'state');
  const errors = join(directory, 'stderr');
  const words = [
    process.execPath,
    ...nodeFlags(own),
    join(own, 'build', 'relay', 'main.js'),
    ...['--port', '0', '--no-open', '--state', state, '--device', victims.address],
  ];
  const limit = descriptors === undefined ? '' : `ulimit -n ${descriptors}; `;
  const command = `${limit}exec ${words.map(quoteWord).join(' ')} 2>${quoteWord(errors)}`;
  const terminal = spawn('script', ['-qefc', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, HOME: directory, SSH_AUTH_SOCK: '', SHELL: '/bin/sh' },
  });
  const killAtExit = (): void => void terminal.kill('SIGKILL');
  process.once('exit', killAtExit);
  const exited = once(terminal, 'exit') as Promise<[number | null, string | null]>;
  void exited.then(() => process.off('exit', killAtExit));
  const nextLink = linksOf(terminal);
  const failed = exited.then(async ([code]): Promise<never> => {
    throw new Error(`the relay ended with ${code}: ${await readFile(errors, 'utf8')}`);
  });
  failed.catch(() => undefined);
  const link = await Promise.race([nextLink(), failed]);
  const [pid = 0] = readFileSync(`/proc/${terminal.pid}/task/${terminal.pid}/children`, 'utf8').split(' ').map(Number);
  return {
    pid,
    link,
    origin: link.origin,
    port: Number(link.port),
    root: own,
    state,
    target: link.searchParams.get('device') ?? '',
    newLink: () => {
      terminal.stdin.write('\n');
      return Promise.race([nextLink(), failed]);
    },
    isRunning: () => terminal.exitCode === null && terminal.signalCode === null,
    lastWords: async () => {
      const [code] = await exited;
      const said = (await readFile(errors, 'utf8')).split('\n').find((line) => LAST_WORDS.test(line));
      return `exit ${code}${said === undefined ? '' : `, ${said.trim().slice(0, LAST_WORDS_MAX)}`}`;
    },
    stop: async () => {
      // `script` waits for what it runs, and ends with it.
      if (terminal.exitCode === null && terminal.signalCode === null) process.kill(pid, 'SIGKILL');
      await exited;
    },
  };
}

/** What it prints, link by link. */
function linksOf({ stdout }: ChildProcess): () => Promise<URL> {
  if (!stdout) throw new Error('the relay has no stdout');
  const links: URL[] = [];
  let onLink: (link: URL) => void = (link) => void links.push(link);
  createInterface({ input: stdout }).on('line', (line) => {
    const link = LINK.exec(line)?.[0];
    if (link !== undefined) onLink(new URL(link));
  });
  return () =>
    new Promise((resolve) => {
      const early = links.shift();
      if (early) return resolve(early);
      onLink = (link) => {
        onLink = (next) => void links.push(next);
        resolve(link);
      };
    });
}

/** What it needs of a checkout to run. */
async function copyOf(root: string, folder: string): Promise<string> {
  await cp(join(root, 'package.json'), join(folder, 'package.json'));
  for (const part of ['app', 'relay'])
    await cp(join(root, 'build', part), join(folder, 'build', part), { recursive: true });
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}
