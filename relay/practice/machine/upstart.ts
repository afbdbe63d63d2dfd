/** An upstart job of the device. */
export interface Job {
  readonly name: string;
  /** Emitted by another job's change, as `start on` / `stop on` of its conf file. */
  readonly startOn?: JobEvent;
  readonly stopOn?: JobEvent;
  /** Running after boot with this process; absent: stopped. */
  readonly bootPid?: number;
  /** A task without a process of its own shows none. */
  readonly processless?: boolean;
}

export interface JobEvent {
  readonly event: 'starting' | 'started' | 'stopping' | 'stopped';
  readonly job: string;
}

export interface JobState {
  readonly job: Job;
  pid: number | null;
  running: boolean;
}

const afterConcierge: JobEvent = { event: 'started', job: 'vm_concierge' };
const beforeConcierge: JobEvent = { event: 'starting', job: 'vm_concierge' };
const withoutConcierge: JobEvent = { event: 'stopped', job: 'vm_concierge' };

/** The VM jobs and their conditions are chromeos-facts 6; the others give `initctl list` its company. */
export const jobs: readonly Job[] = [
  { name: 'anomaly-detector', bootPid: 1377 },
  { name: 'boot-services', processless: true, bootPid: 0 },
  { name: 'chapsd', bootPid: 1402 },
  { name: 'chunneld', bootPid: 2610, startOn: afterConcierge, stopOn: withoutConcierge },
  { name: 'cras', bootPid: 1466 },
  { name: 'crosdns', bootPid: 2571, startOn: beforeConcierge, stopOn: withoutConcierge },
  { name: 'dbus', bootPid: 902 },
  { name: 'dlcservice', bootPid: 1702 },
  { name: 'failsafe', processless: true, bootPid: 0 },
  { name: 'log-rotate', bootPid: 1288 },
  { name: 'metrics_daemon', bootPid: 1811 },
  { name: 'openssh-server', bootPid: 1993 },
  { name: 'patchpanel', bootPid: 1490 },
  { name: 'permission_broker', bootPid: 1398 },
  { name: 'powerd', bootPid: 1244 },
  { name: 'seneschal', bootPid: 2561, startOn: beforeConcierge, stopOn: withoutConcierge },
  // Its conditions also need an event of system-services, which after boot neither starts nor stops again.
  { name: 'shadercached', bootPid: 2622 },
  { name: 'shill', bootPid: 1320 },
  { name: 'syslog', bootPid: 921 },
  { name: 'system-services', processless: true, bootPid: 0 },
  { name: 'ui', bootPid: 1571 },
  { name: 'vhost_user_starter', bootPid: 2615, startOn: afterConcierge, stopOn: withoutConcierge },
  { name: 'vm_cicerone', bootPid: 2601, startOn: afterConcierge, stopOn: withoutConcierge },
  { name: 'vm_concierge', bootPid: 2533, stopOn: { event: 'stopping', job: 'ui' } },
  { name: 'vm_concierge_nodefer' },
  { name: 'vmlog_forwarder', bootPid: 2590, startOn: beforeConcierge, stopOn: withoutConcierge },
];

/** What upstart tells about each change, in order. */
export interface UpstartListener {
  /** The process of `job` has ended; its own clean-up (VMs of concierge) is due. */
  onStop(job: string, pid: number | null): void;
  onStart(job: string, pid: number | null): void;
}

/** The jobs and their event rules. */
export class Upstart {
  readonly #states = new Map<string, JobState>();
  readonly #listener: UpstartListener;
  readonly #nextPid: () => number;

  constructor(listener: UpstartListener, nextPid: () => number) {
    this.#listener = listener;
    this.#nextPid = nextPid;
    this.boot();
  }

  /** Every job as it is after boot and sign-in. */
  boot(): void {
    this.#states.clear();
    for (const job of jobs) {
      const running = job.bootPid !== undefined;
      this.#states.set(job.name, { job, running, pid: running && !job.processless ? (job.bootPid ?? null) : null });
    }
  }

  get all(): readonly JobState[] {
    return [...this.#states.values()];
  }

  find(name: string): JobState | undefined {
    return this.#states.get(name);
  }

  isRunning(name: string): boolean {
    return this.#states.get(name)?.running ?? false;
  }

  /** The job's process; 0 when it has none. */
  pid(name: string): number {
    return this.#states.get(name)?.pid ?? 0;
  }

  /** False: it was running already. */
  start(name: string): boolean {
    const state = this.#states.get(name);
    if (!state || state.running) return false;
    this.#emit({ event: 'starting', job: name });
    this.#run(state);
    this.#emit({ event: 'started', job: name });
    return true;
  }

  /** False: it was not running. */
  stop(name: string): boolean {
    const state = this.#states.get(name);
    if (!state || !state.running) return false;
    this.#emit({ event: 'stopping', job: name });
    this.#halt(state);
    this.#emit({ event: 'stopped', job: name });
    return true;
  }

  /**
   * The trap of chromeos-facts 5.2: a restarted job never enters "waiting", so `stopped` is not emitted and the
   * siblings that stop on it keep running with their old state. Nor is `started` news to a job that runs already.
   */
  restart(name: string): boolean {
    const state = this.#states.get(name);
    if (!state || !state.running) return false;
    this.#emit({ event: 'stopping', job: name });
    this.#halt(state);
    this.#run(state);
    this.#emit({ event: 'started', job: name });
    return true;
  }

  #run(state: JobState): void {
    state.running = true;
    state.pid = state.job.processless ? null : this.#nextPid();
    this.#listener.onStart(state.job.name, state.pid);
  }

  #halt(state: JobState): void {
    const { pid } = state;
    state.running = false;
    state.pid = null;
    this.#listener.onStop(state.job.name, pid);
  }

  #emit(event: JobEvent): void {
    for (const { job } of this.all) {
      if (matches(job.startOn, event)) this.start(job.name);
      if (matches(job.stopOn, event)) this.stop(job.name);
    }
  }
}

function matches(condition: JobEvent | undefined, event: JobEvent): boolean {
  return condition?.event === event.event && condition.job === event.job;
}
