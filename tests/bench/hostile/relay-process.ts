import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readFile, symlink } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { quoteWord } from '../../../src/lib/domain/quote.ts';
import type { Sshd } from '../../integration/sshd.ts';
import { nodeFlags, writeHome } from '../relay/server.ts';
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

/** Longest excerpt of what a relay that died has said, in characters. */
const LAST_WORDS = 160;

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
  process.once('exit', () => terminal.kill('SIGKILL'));
  const exited = once(terminal, 'exit') as Promise<[number | null, string | null]>;
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
      const said = (await readFile(errors, 'utf8')).split('\n').find((line) => /error|fatal|terminate/i.test(line));
      return `exit ${code}${said === undefined ? '' : `, ${said.trim().slice(0, LAST_WORDS)}`}`;
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
  let text = '';
  let read = 0;
  let look: () => void = () => undefined;
  stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    look();
  });
  return () =>
    new Promise((resolve) => {
      look = () => {
        // The line end belongs to it: what came may be a part.
        const found = /http:\/\/\S+#token=\S+(?=\s)/.exec(text.slice(read));
        if (!found) return;
        read += found.index + found[0].length;
        look = () => undefined;
        resolve(new URL(found[0]));
      };
      look();
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
