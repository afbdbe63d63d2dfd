import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, expect } from 'vitest';
import type { SshTransportOptions } from '../../relay/ssh/options.ts';
import { createSshTransport } from '../../relay/ssh/transport.ts';
import type { ExecRequest, Process, Prompter, Transport, TransportTarget } from '../../relay/transport.ts';
import { listenLocally } from './listen.ts';
import type { Sshd } from './sshd.ts';

/** What the tests of the SSH transport share. */

/** A home directory of its own for each test of the file, and the transports made in it, closed at the end. */
export function useTransports() {
  let home = '';
  let transports: Transport[] = [];
  let logged: string[] = [];
  const systemConfig = () => join(home, 'ssh_config');
  const knownHosts = () => join(home, 'state', 'known_hosts');

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'home-'));
    await mkdir(join(home, '.ssh'));
    logged = [];
  });

  afterEach(async () => {
    await Promise.all(transports.map((transport) => transport.close()));
    transports = [];
    await rm(home, { recursive: true, force: true });
  });

  return {
    get home() {
      return home;
    },
    /** Lines of the transports' log, as JSON. */
    get logged() {
      return logged;
    },
    /** The relay's own file. */
    knownHosts,
    make(options: Partial<SshTransportOptions> = {}): Transport {
      const transport = createSshTransport({
        knownHostsFile: knownHosts(),
        home,
        systemConfigFile: systemConfig(),
        systemKnownHostsFiles: ['ssh_known_hosts', 'ssh_known_hosts2'].map((name) => join(home, name)),
        environment: {},
        log: (level, fields, text) => logged.push(JSON.stringify({ level, text, ...fields })),
        ...options,
      });
      transports.push(transport);
      return transport;
    },
    /** As after a first visit: these keys are known. */
    async trust(...servers: Sshd[]): Promise<void> {
      await mkdir(join(home, 'state'), { recursive: true });
      await writeFile(knownHosts(), servers.map((sshd) => sshd.knownHostsLine).join(''));
    },
    /** Writes ~/.ssh/config. */
    configure: (text: string) => writeFile(join(home, '.ssh', 'config'), text),
    /** Writes what stands for /etc/ssh/ssh_config. */
    configureSystem: (text: string) => writeFile(systemConfig(), text),
  };
}

export function targetOf(sshd: Sshd, more: Partial<TransportTarget> = {}): TransportTarget {
  return { id: 'dut', address: sshd.address, ...more };
}

export const nobody: Prompter = () => Promise.reject(new Error('Nobody should be asked.'));

/** Answers every question with `answers` in turn, null when they are used up. */
export function person(...answers: (string | null)[]) {
  const asked: Parameters<Prompter>[0][] = [];
  const prompter: Prompter = (question) => {
    asked.push(question);
    const answer = answers.shift() ?? null;
    return Promise.resolve(answer === null ? null : question.questions.map(() => answer));
  };
  return { prompter, asked };
}

export const plain = (command: string | null): ExecRequest => ({ command, pty: null });

export async function start(
  transport: Transport,
  target: TransportTarget,
  request: ExecRequest | string,
  prompter: Prompter = nobody,
  signal: AbortSignal = new AbortController().signal,
): Promise<Process> {
  const result = await transport.exec(target, typeof request === 'string' ? plain(request) : request, prompter, signal);
  if ('problem' in result) throw new Error(`${result.problem.code}: ${result.problem.message}`);
  return result.process;
}

export async function problemOf(
  transport: Transport,
  target: TransportTarget,
  prompter: Prompter = nobody,
  signal: AbortSignal = new AbortController().signal,
) {
  const result = await transport.exec(target, plain('true'), prompter, signal);
  if ('process' in result) throw new Error('The command was started.');
  return result.problem;
}

export async function read(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export async function finish(process: Process) {
  const [stdout, stderr, end] = await Promise.all([read(process.stdout), read(process.stderr), process.ended]);
  return { stdout: stdout.toString(), stderr: stderr.toString(), ...end };
}

/** Resolves when the output so far matches; goes on listening until the stream ends. */
export function outputMatching(stream: Readable, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const onData = (chunk: Buffer) => {
      text += chunk.toString();
      if (!pattern.test(text)) return;
      stream.off('data', onData).off('end', onEnd);
      resolve(text);
    };
    const onEnd = () => reject(new Error(`The output ended without ${String(pattern)}: ${text}`));
    stream.on('data', onData).on('end', onEnd).resume();
  });
}

/** A TCP server on a free port, and who is connected to it. */
export async function listen(server: Server) {
  const sockets = new Set<Socket>();
  let notify: () => void = () => undefined;
  server.on('connection', (socket) => {
    sockets.add(socket);
    // Read, or the other side's end is never seen.
    socket.on('error', () => undefined).resume();
    socket.on('close', () => {
      sockets.delete(socket);
      notify();
    });
    notify();
  });
  const port = await listenLocally(server);
  const until = (condition: () => boolean) =>
    new Promise<void>((resolve) => {
      notify = () => condition() && resolve();
      notify();
    });
  return {
    port,
    connected: () => until(() => sockets.size > 0),
    empty: () => until(() => sockets.size === 0),
    count: () => sockets.size,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Polls until a value has not changed for a while: what "stands still" means. */
export async function stableValue(get: () => Promise<string>): Promise<string> {
  let last = await get();
  let since = Date.now();
  await expect
    .poll(
      async () => {
        const now = await get();
        if (now !== last || now === '') since = Date.now();
        last = now;
        return Date.now() - since;
      },
      { timeout: 15_000, interval: 50 },
    )
    .toBeGreaterThan(700);
  return last;
}

/** Resolves when a process has ended. */
export async function gone(pid: number): Promise<void> {
  await expect
    .poll(
      () => {
        try {
          return process.kill(pid, 0);
        } catch {
          return false;
        }
      },
      { timeout: 10_000 },
    )
    .toBe(false);
}
