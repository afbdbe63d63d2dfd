/** An Upstart job, as `status JOB` tells it. */
export interface Job {
  readonly name: string;
  readonly state: 'running' | 'stopped' | 'changing' | 'unknown job';
  readonly pid?: number;
}

/**
 * Parses one or more answers of Upstart's `status` (chromeos-facts.md section 5.2):
 *
 *     vm_concierge start/running, process 2533
 *     seneschal stop/waiting
 *     status: Unknown job: vhost_user_starter
 *
 * Every other pair of goal and state (`stop/killed`, `start/pre-start`) is a job between the two: `changing`.
 */
export function parseJobs(text: string): Job[] {
  return text.split('\n').flatMap((line): Job[] => {
    const unknown = /Unknown job: *([\w.-]+)/.exec(line)?.[1];
    if (unknown) return [{ name: unknown, state: 'unknown job' }];
    const match = /^\s*([\w.-]+)(?: \([^)]*\))? (start|stop)\/([\w-]+)(?:, process (\d+))?/.exec(line);
    if (!match?.[1]) return [];
    const both = `${match[2]}/${match[3]}`;
    const state = both === 'start/running' ? 'running' : both === 'stop/waiting' ? 'stopped' : 'changing';
    return [{ name: match[1], state, ...(match[4] && { pid: Number(match[4]) }) }];
  });
}

/** `vm_concierge running, seneschal stopped`: one line for a fact row. Jobs that this image has not are left out. */
export function jobsText(jobs: readonly Job[]): string {
  return jobs
    .filter((job) => job.state !== 'unknown job')
    .map((job) => `${job.name} ${job.state}`)
    .join(', ');
}
