/** What a command of the command line comes to. 0: done. 1: a check found something. 2: it was called wrongly. */
export interface Outcome {
  readonly code: 0 | 1 | 2;
  /** The answer; ends with a line end. */
  readonly stdout?: string;
  /** What a person should know besides, one sentence a line. */
  readonly stderr?: string;
}

/** A command that was called wrongly: what is wrong, and what would be right. */
export function usageError(...lines: readonly string[]): Outcome {
  return { code: 2, stderr: lines.map((line) => `${line}\n`).join('') };
}
