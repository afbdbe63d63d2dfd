import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import * as v from 'valibot';
import { lineOf, readMessages } from './practice/lines.ts';
import { type DeviceToStart, type ToProcess, fromProcessSchema } from './practice/messages.ts';
import { spawnPractice } from './practice-spawn.ts';

/** The bounds on the process of the practice devices. Tests set smaller ones. */
export interface PracticeLimits {
  /** Resident memory, in bytes. */
  readonly memoryMax: number;
  /** How long it may answer nothing, in ms. */
  readonly answerMs: number;
  /** How long its start may take, in ms. */
  readonly startMs: number;
}

export const PRACTICE_LIMITS: PracticeLimits = {
  // The simulation takes 90 MB, and its six file systems 64 MiB each.
  memoryMax: 512 * 1024 * 1024,
  // A loop in just-bash lasts a second at most; a command that takes ten times that has hung.
  answerMs: 10_000,
  // The start takes a quarter of a second on a machine with nothing else to do.
  startMs: 20_000,
};

/**
 * The relay asks so many times within `answerMs`. It counts unanswered questions and not time: a relay that was itself
 * stopped for a while finds the answers that came meanwhile before it has asked so many.
 */
const QUESTIONS = 5;

/** The relay keeps the end of the process's stderr, in bytes: V8 says there why it gave up. */
const OUTPUT_MAX = 4096;

/** More on stderr than this, in bytes, is no complaint of V8 or Node: reading it would cost the real shells their time. */
const PRINTED_MAX = 1024 * 1024;

/** Its last words come after its end; a process that it started may keep stderr open, in ms. */
const LAST_WORDS_MS = 500;

/** V8 ends its process with one of these when there is no memory; the watchdog uses the first. */
const NO_MEMORY: readonly unknown[] = ['SIGABRT', 'SIGTRAP', 'SIGILL'];

/** The end of the process. */
export interface Death {
  /** As the predicate of a sentence. */
  readonly reason: string;
  /** How long its devices were there, in ms; 0 where they never were. */
  readonly upMs: number;
  /** The end of what it printed. */
  readonly output: string;
}

/** The devices of one start. */
export interface ToStart {
  readonly devices: readonly DeviceToStart[];
  readonly password: string;
}

/**
 * One life of the process: starts it, watches it and resolves with its end. `signal` ends it. `onListening` gets the
 * ports, in the order of the devices. Never rejects.
 */
export function runPractice(
  program: string,
  { devices, password }: ToStart,
  limits: PracticeLimits,
  signal: AbortSignal,
  onListening: (ports: readonly number[]) => void,
): Promise<Death> {
  let child: ChildProcessWithoutNullStreams;
  try {
    child = spawnPractice(program, limits.memoryMax);
  } catch (error) {
    const reason = `could not start (${error instanceof Error ? error.message : String(error)})`;
    return Promise.resolve({ reason, upMs: 0, output: '' });
  }
  let upSince: number | undefined;
  let unanswered = 0;
  /** The relay's own reason for killing the process, which the signal does not tell. */
  let fault: string | undefined;

  const kill = (why: string): void => {
    fault ??= why;
    child.stdout.destroy();
    child.kill('SIGKILL');
  };
  const output = keepEnd(child, () => kill('printed more than it should'));
  const tell = (message: ToProcess): void => {
    child.stdin.write(lineOf(message));
  };
  // The process is gone or reads no more; `exit` or the missing answer says so.
  child.stdin.on('error', () => undefined);
  child.stdout.on('error', () => undefined);
  const stop = (): void => kill('were stopped');
  signal.addEventListener('abort', stop, { once: true });
  const startTimer = setTimeout(() => kill(`did not start within ${limits.startMs / 1000} s`), limits.startMs);
  const beat = setInterval(() => {
    if (upSince === undefined) return;
    if (unanswered >= QUESTIONS) return kill(`did not answer for ${limits.answerMs / 1000} s`);
    unanswered++;
    tell({ type: 'ping' });
  }, limits.answerMs / QUESTIONS);

  const refuse = (): void => kill('sent what the relay does not know');
  const take = (message: unknown): void => {
    const parsed = v.safeParse(fromProcessSchema, message);
    if (!parsed.success) return refuse();
    const told = parsed.output;
    if (told.type === 'failed') return kill(`could not start (${told.reason})`);
    if (told.type === 'pong') {
      // Nobody asked for that many.
      if (unanswered === 0) refuse();
      else unanswered--;
    } else if (upSince !== undefined || told.ports.length !== devices.length) refuse();
    else {
      clearTimeout(startTimer);
      upSince = performance.now();
      onListening(told.ports);
    }
  };
  readMessages(child.stdout, take, refuse);
  tell({ type: 'start', devices: [...devices], password, memoryMax: limits.memoryMax });

  return new Promise((resolve) => {
    const end = (how: string): void => {
      clearTimeout(startTimer);
      clearInterval(beat);
      signal.removeEventListener('abort', stop);
      const upMs = upSince === undefined ? 0 : performance.now() - upSince;
      resolve({ reason: fault ?? how, upMs, output: output() });
    };
    const ended = (code: number | null, name: NodeJS.Signals | null): void =>
      end(NO_MEMORY.includes(name) ? 'ran out of memory' : `ended (${name ?? `status ${code}`})`);
    child.once('exit', (code, name) => {
      const late = setTimeout(() => ended(code, name), LAST_WORDS_MS);
      child.once('close', () => {
        clearTimeout(late);
        ended(code, name);
      });
    });
    // A process that could not be started has no `exit`. Any other error is a signal that did not get through.
    child.on('error', (error) => {
      if (child.pid === undefined) end(`could not start (${error.message})`);
    });
    if (signal.aborted) stop();
  });
}

/** Reads what a process prints, and gives the end of it. */
function keepEnd({ stderr }: ChildProcessWithoutNullStreams, onTooMuch: () => void): () => string {
  let end: Buffer = Buffer.alloc(0);
  let printed = 0;
  stderr.on('error', () => undefined);
  stderr.on('data', (chunk: Buffer) => {
    printed += chunk.length;
    end = Buffer.from(Buffer.concat([end, chunk]).subarray(-OUTPUT_MAX));
    if (printed > PRINTED_MAX) {
      stderr.destroy();
      onTooMuch();
    }
  });
  return () => end.toString('utf8');
}
