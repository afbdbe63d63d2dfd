/** A command in the background of a shell. */
export interface BackgroundJob {
  readonly number: number;
  readonly pid: number;
  readonly text: string;
  /** Abort with a signal's name to end it. */
  readonly controller: AbortController;
  /** Its exit status. Never rejects. */
  readonly done: Promise<number>;
  status: number | null;
}

/** The most jobs a shell keeps at once; a further `&` is refused. */
export const JOB_LIMIT = 64;

/** The background jobs of one shell. */
export class JobTable {
  #jobs: BackgroundJob[] = [];
  #lastPid = 0;

  /** `$!`; 0 before the first. */
  get lastPid(): number {
    return this.#lastPid;
  }

  get all(): readonly BackgroundJob[] {
    return this.#jobs;
  }

  get running(): readonly BackgroundJob[] {
    return this.#jobs.filter(({ status }) => status === null);
  }

  add(pid: number, text: string, controller: AbortController, done: Promise<number>): BackgroundJob {
    const number = Math.max(0, ...this.#jobs.map((job) => job.number)) + 1;
    const job: BackgroundJob = { number, pid, text, controller, done, status: null };
    void done.then((status) => {
      job.status = status;
    });
    this.#jobs.push(job);
    this.#lastPid = pid;
    return job;
  }

  /** By `%n`, `%%`, `%+` or a pid. */
  find(spec: string): BackgroundJob | undefined {
    if (/^%[%+]?$/.test(spec)) return this.#jobs.at(-1);
    const job = /^%(\d+)$/.exec(spec);
    if (job) return this.#jobs.find(({ number }) => number === Number(job[1]));
    return this.#jobs.find(({ pid }) => pid === Number(spec));
  }

  remove(job: BackgroundJob): void {
    this.#jobs = this.#jobs.filter((other) => other !== job);
  }

  /** Jobs that have ended and were not reported yet; forgets them. */
  takeEnded(): readonly BackgroundJob[] {
    const ended = this.#jobs.filter(({ status }) => status !== null);
    this.#jobs = this.#jobs.filter(({ status }) => status === null);
    return ended;
  }

  endAll(signal: string): void {
    for (const job of this.#jobs) job.controller.abort(signal);
  }
}
