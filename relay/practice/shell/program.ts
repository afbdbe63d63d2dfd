import type { Stdio } from '../io.ts';
import type { Shell } from './shell.ts';

/** What a simulated command gets: argv, environment, streams, and the shell it was started from. */
export interface Call extends Stdio {
  readonly name: string;
  /** Without the name. */
  readonly args: readonly string[];
  /** Exported variables. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Aborted when the command is to end; the reason is a signal's name. */
  readonly signal: AbortSignal;
  readonly shell: Shell;
  /** False inside `$(…)` and other places where output is only kept: nothing can be followed there. */
  readonly live: boolean;
  /** The command of the same name that this one replaces. Only where `live` is false. */
  readonly builtin: ((args: readonly string[]) => Promise<Outcome>) | null;
}

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** A simulated command. Adding one is adding an object of this kind to a world's list. */
export interface Program {
  readonly name: string;
  /** Resolves with the exit status. */
  run(call: Call): Promise<number> | number;
  /**
   * True when the command, so called, streams, waits, reads its stdin as it comes or starts a shell: it is then run
   * beside just-bash with real streams. Absent: never. Words that are only known at run time are empty strings.
   */
  isLive?(args: readonly string[]): boolean;
  /** Words for Tab after these arguments; file names are offered where it gives none. */
  complete?(args: readonly string[], shell: Shell): readonly string[];
}

/** `isLive` of a command that always is. */
export const always = (): boolean => true;

/** Short form for a command that only prints. */
export function printing(name: string, text: (call: Call) => string): Program {
  return {
    name,
    run: async (call) => {
      await call.stdout.write(text(call));
      return 0;
    },
  };
}

/** Prints to stderr; resolves with `code`. */
export async function fail(call: Call, message: string, code = 1): Promise<number> {
  await call.stderr.write(message.endsWith('\n') ? message : message + '\n');
  return code;
}

/** Exit status of a command that a signal ended, as a shell reports it. */
export function statusOfSignal(name: string): number {
  return 128 + (signalNumbers[name] ?? 15);
}

/** Linux numbers. */
export const signalNumbers: Readonly<Record<string, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ABRT: 6,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  CHLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
};

/** A signal's name without SIG, from `TERM`, `SIGTERM`, `15` or an abort reason; null if there is none such. */
export function signalName(text: unknown): string | null {
  if (typeof text !== 'string') return null;
  const plain = text.toUpperCase().replace(/^SIG/, '');
  if (plain in signalNumbers) return plain;
  return Object.keys(signalNumbers).find((name) => String(signalNumbers[name]) === plain) ?? null;
}
