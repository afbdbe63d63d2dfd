import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { ROOT, buildApp } from '../../relay/prepare.mjs';

/** The relay as `npm start` runs it: a process of its own, with a home and a state of its own. */
export interface RelayProcess {
  readonly child: ChildProcess;
  readonly port: number;
  readonly origin: string;
  /** Of the link that it printed. */
  readonly token: string;
  readonly home: string;
  readonly state: string;
  /** What it has printed so far, on both outputs. */
  readonly printed: () => { readonly stdout: string; readonly stderr: string };
  /** Signs in with the printed link; gives the headers of a page. */
  signIn(): Promise<{ readonly cookie: string; readonly 'workbench-key': string; readonly origin: string }>;
  /** Its exit code, or the signal that killed it. */
  readonly exited: Promise<number | NodeJS.Signals | null>;
  /** Ends it if it still runs, and removes its folders. */
  close(): Promise<void>;
}

/** Runs it to its end; for flags that it refuses. */
export function runRelay(...flags: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return runProgram(process.execPath, MAIN, ...flags);
}

/**
 * The same within a shell script that ends in `exec "$@"`, which starts the relay.
 * @param inside a program that runs the shell, such as `unshare --mount` or `setpriv`
 */
export function runRelayWithin(script: string, flags: readonly string[], inside: readonly string[]) {
  return runProgram(...inside, 'sh', '-c', script, 'sh', process.execPath, MAIN, ...flags);
}

async function runProgram(...[program = '', ...args]: string[]) {
  // One that starts after all must not outlive the test.
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 50_000 });
  const outputs = collect(child);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...outputs() };
}

const MAIN = join(ROOT, 'build/relay/main.js');

/** Builds the relay if its sources changed. */
export { buildApp as buildRelay };

function collect(child: ChildProcess): () => { stdout: string; stderr: string } {
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return () => ({ stdout, stderr });
}

export function startRelayProcess(...flags: string[]): Promise<RelayProcess> {
  return startRelayProcessWith({}, ...flags);
}

export interface ProcessOptions {
  /** A folder with a build of its own; default: the project's. */
  readonly root?: string;
  /** Before Node's own program, as `sh -c 'ulimit -n 64; exec "$@"' sh`. */
  readonly wrapper?: readonly string[];
  readonly nodeFlags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export async function startRelayProcessWith(
  { root = ROOT, wrapper = [], nodeFlags = [], environment = {} }: ProcessOptions,
  ...flags: string[]
): Promise<RelayProcess> {
  const home = await mkdtemp(join(tmpdir(), 'workbench-process-'));
  await mkdir(join(home, '.ssh'), { mode: 0o700 });
  const state = join(home, 'state');
  const main = root === ROOT ? MAIN : join(root, 'build/relay/main.js');
  const node = [...wrapper, process.execPath, ...nodeFlags, main];
  const [program = '', ...args] = [...node, '--no-open', '--port', '0', '--state', state, ...flags];
  const child = spawn(program, args, {
    env: { ...process.env, HOME: home, SSH_AUTH_SOCK: '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = collect(child);
  const exited = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.on('close', (code, signal) => resolve(code ?? signal)),
  );
  const link = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', () => {
      const found = /http:\/\/\S+/.exec(printed().stdout)?.[0];
      if (found !== undefined) resolve(found);
    });
    void exited.then(() => reject(new Error(`the relay did not start: ${JSON.stringify(printed())}`)));
  });
  const { origin, port, hash } = new URL(link);
  const token = hash.replace('#token=', '');
  return {
    child,
    port: Number(port),
    origin,
    token,
    home,
    state,
    printed,
    exited,
    signIn: async () => {
      const response = await fetch(`${origin}/session`, {
        method: 'POST',
        headers: { origin },
        body: JSON.stringify({ token }),
      });
      const { key } = (await response.json()) as { key: string };
      return { 'workbench-key': key, cookie: (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '', origin };
    },
    close: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await exited;
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** A page's socket: what it was told so far, and its output as text. Whoever opened it terminates it. */
export interface PageSocket {
  readonly socket: WebSocket;
  readonly told: Record<string, unknown>[];
  readonly output: () => string;
  /** Resolves to the first message that has all of this. */
  message(wanted: Record<string, unknown>): Promise<Record<string, unknown>>;
  send(message: object): void;
}

export function openPageSocket(
  { port }: { readonly port: number },
  headers: Record<string, string>,
  onPrompt?: (questions: number) => readonly string[],
): PageSocket {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/channel`, { headers });
  const told: Record<string, unknown>[] = [];
  const checks = new Set<() => void>();
  let output = '';
  socket.on('error', () => undefined);
  const send = (message: object): void => socket.send(JSON.stringify(message));
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) output += data.toString();
    else told.push(JSON.parse(data.toString()) as Record<string, unknown>);
    const last = told.at(-1);
    if (!isBinary && last?.['type'] === 'prompt' && onPrompt)
      send({ type: 'answer', prompt: last['prompt'], answers: onPrompt((last['questions'] as unknown[]).length) });
    for (const check of checks) check();
  });
  return {
    socket,
    told,
    output: () => output,
    send,
    message: (wanted) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          const found = told.find((message) => Object.entries(wanted).every(([key, value]) => message[key] === value));
          if (found) resolve(found);
        };
        checks.add(check);
        socket.on('close', () => reject(new Error(`closed before ${JSON.stringify(wanted)}: ${JSON.stringify(told)}`)));
        check();
      }),
  };
}
