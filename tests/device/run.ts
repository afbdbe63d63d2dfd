import { execFile } from 'node:child_process';

/** How a program ended. */
export interface Ran {
  /** Exit code; null if it was killed or could not be started. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What one program may print before it is taken for broken. */
const OUTPUT_MAX = 16 * 1024 * 1024;

/** Runs a program to its end. Never rejects. */
export function run(argv: readonly string[], options: { readonly timeoutMs?: number } = {}): Promise<Ran> {
  const [program = '', ...args] = argv;
  return new Promise((resolve) => {
    const child = execFile(
      program,
      args,
      {
        maxBuffer: OUTPUT_MAX,
        ...(options.timeoutMs !== undefined && { timeout: options.timeoutMs, killSignal: 'SIGKILL' }),
      },
      (error, stdout, stderr) =>
        resolve({ code: error ? (child.exitCode ?? null) : 0, stdout, stderr: stderr || (error?.message ?? '') }),
    );
    child.stdin?.end();
  });
}

/** Runs a program that must succeed. Throws its stderr otherwise. */
export async function must(argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(argv);
  if (code !== 0) throw new Error(`"${argv.join(' ')}" failed: ${stderr.trim()}`);
  return stdout;
}
