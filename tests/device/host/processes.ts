import { type ChildProcess, spawn } from 'node:child_process';
import type { Upstart } from './upstart.ts';

/** How long a stopping job may take before it is killed: upstart's `kill timeout` of vm_concierge (chromeos-facts.md section 5.2). */
const KILL_TIMEOUT_MS = 30_000;

/**
 * The main processes of jobs: each sleeps under its job's name, so pids, ps and kill are real. What the job does is
 * done by the daemon that owns them.
 */
export class JobProcesses {
  readonly #running = new Map<string, ChildProcess>();
  readonly #beforeEnd: (job: string) => Promise<void>;
  #upstart: Upstart | undefined;

  /** @param beforeEnd what a job does between being told to stop and ending */
  constructor(beforeEnd: (job: string) => Promise<void>) {
    this.#beforeEnd = beforeEnd;
  }

  attach(upstart: Upstart): void {
    this.#upstart = upstart;
  }

  readonly spawn = (job: string): number => {
    const child = spawn('sleep', ['infinity'], { argv0: job, stdio: 'ignore' });
    this.#running.set(job, child);
    const pid = child.pid ?? 0;
    child.on('exit', (code, signal) => {
      if (this.#running.get(job) === child) this.#running.delete(job);
      const how = signal === null ? `terminated with status ${code}` : `killed by ${signal.slice(3)} signal`;
      this.#upstart?.hasEnded(job, pid, signal === 'SIGTERM' ? null : how);
    });
    // Later, as a process would say it.
    setImmediate(() => this.#upstart?.isUp(job, pid));
    return pid;
  };

  readonly end = (job: string): void => {
    const child = this.#running.get(job);
    const timer = setTimeout(() => child?.kill('SIGKILL'), KILL_TIMEOUT_MS);
    child?.on('exit', () => clearTimeout(timer));
    void this.#beforeEnd(job).finally(() => child?.kill('SIGTERM'));
  };

  /** Ends all at once, without telling anybody: the device goes down. */
  close(): void {
    for (const child of this.#running.values()) {
      child.removeAllListeners('exit');
      child.kill('SIGKILL');
    }
  }
}
