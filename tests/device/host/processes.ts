import { type ChildProcess, spawn } from 'node:child_process';
import type { Upstart } from './upstart.ts';

/** How long a stopping job may take before it is killed: upstart's `kill timeout` of vm_concierge (chromeos-facts.md section 5.2). */
const KILL_TIMEOUT_MS = 30_000;

/** What the daemon does for jobs, by name; what a job does not name is nothing. */
export interface JobWork {
  /** After its process is there. The job counts as up when it has resolved. */
  readonly started?: () => Promise<void> | void;
  /** Between being told to stop and ending. */
  readonly stopping?: () => Promise<void>;
  /** After its process is gone, however it went, and before anybody hears of that. */
  readonly ended?: () => Promise<void> | void;
}

/**
 * The main processes of jobs: each sleeps under its job's name, so pids, ps and kill are real. What the job does is
 * done by the daemon that owns them.
 */
export class JobProcesses {
  readonly #running = new Map<string, ChildProcess>();
  readonly #work: Readonly<Record<string, JobWork>>;
  #upstart: Upstart | undefined;

  constructor(work: Readonly<Record<string, JobWork>>) {
    this.#work = work;
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
      void this.#do(job, 'ended').finally(() => this.#upstart?.hasEnded(job, pid, signal === 'SIGTERM' ? null : how));
    });
    // Later, as a process would say it.
    setImmediate(() => void this.#do(job, 'started').finally(() => this.#upstart?.isUp(job, pid)));
    return pid;
  };

  readonly end = (job: string): void => {
    const child = this.#running.get(job);
    const timer = setTimeout(() => child?.kill('SIGKILL'), KILL_TIMEOUT_MS);
    child?.on('exit', () => clearTimeout(timer));
    void this.#do(job, 'stopping').finally(() => child?.kill('SIGTERM'));
  };

  async #do(job: string, what: keyof JobWork): Promise<void> {
    try {
      await this.#work[job]?.[what]?.();
    } catch (error) {
      console.error(`${job}, ${what}:`, error);
    }
  }

  /** Ends all at once, without telling anybody: the device goes down. */
  close(): void {
    for (const child of this.#running.values()) {
      child.removeAllListeners('exit');
      child.kill('SIGKILL');
    }
  }
}
