import { spawn } from 'node:child_process';

/** How a program ended. */
export interface Ran {
  /** Exit code; null if it was killed or could not be started. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What one program may print before it is taken for broken, in characters. */
const OUTPUT_MAX = 16 * 1024 * 1024;

/** How long a program may take unless told otherwise: as long as the slowest action of a device, with time to spare. */
const RUN_MAX_MS = 120_000;

/**
 * Runs a program without stdin, in a process group of its own, to its end. Never rejects.
 * @param options.timeoutMs afterwards the whole group is killed, and stderr ends with a line that says so
 */
export function run(argv: readonly string[], options: { readonly timeoutMs?: number } = {}): Promise<Ran> {
  const { timeoutMs = RUN_MAX_MS } = options;
  const [program = '', ...args] = argv;
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let stdout = '';
    let stderr = '';
    let killed = '';
    const kill = (why: string): void => {
      if (killed) return;
      killed = why;
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // The group is gone.
      }
      // What left the group may hold them open.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const timer = setTimeout(() => kill(`it took longer than ${timeoutMs / 1000} s and was killed`), timeoutMs);
    const limit = (length: number): void => void (length > OUTPUT_MAX && kill('it printed too much and was killed'));
    child.stdout.setEncoding('utf8').on('data', (text: string) => limit((stdout += text).length));
    child.stderr.setEncoding('utf8').on('data', (text: string) => limit((stderr += text).length));
    child.on('error', (error) => (stderr += error.message));
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve(killed ? { code: null, stdout, stderr: `${stderr}${program}: ${killed}` } : { code, stdout, stderr });
    });
  });
}

/** Runs a program that must succeed. Throws its stderr otherwise. */
export async function must(argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(argv);
  if (code !== 0) throw new Error(`"${argv.join(' ')}" failed: ${stderr.trim()}`);
  return stdout;
}
