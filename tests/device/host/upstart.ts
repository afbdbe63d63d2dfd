import { EventWatch, parseExpression, type EventExpression, type UpstartEvent } from './event-expression.ts';

/** A job as its .conf file describes it. */
export interface JobDefinition {
  readonly name: string;
  readonly startOn?: string;
  readonly stopOn?: string;
  /** Whether a main process that ends by itself is started again. */
  readonly respawn?: boolean;
  /** Whether the job counts as running only when `isUp` says so, as with `expect fork` and `expect daemon`. */
  readonly expect?: boolean;
  /** A job without a main process is only a state. */
  readonly hasProcess: boolean;
}

export type Goal = 'start' | 'stop';
/** Upstart's states, without those of the scripts around the main process: nothing here has such scripts. */
export type State = 'waiting' | 'starting' | 'spawned' | 'running' | 'stopping' | 'killed';

export interface JobStatus {
  readonly goal: Goal;
  readonly state: State;
  readonly pid: number | null;
}

/** What the engine has done to processes. Answers come later, never during the call: `isUp` and `hasEnded`. */
export interface ProcessActions {
  /** Starts a job's main process and gives its pid. */
  spawn(job: string): number;
  /** Has it end, by force after its kill timeout. */
  end(job: string, pid: number): void;
}

/** How a command to upstart ended; the error is upstart's own text. */
export type CommandResult = { readonly ok: true } | { readonly ok: false; readonly error: string };

/** Upstart's respawn limit: more often within so many milliseconds, and the job is stopped. */
const RESPAWN_LIMIT = { times: 10, milliseconds: 5000 } as const;

interface QueuedEvent extends UpstartEvent {
  state: 'pending' | 'handled';
  /** How many jobs it waits for: those it started to be running, those it stopped to be waiting. */
  blockers: number;
  readonly whenFinished: () => void;
}

interface Job extends JobDefinition {
  readonly startWatch: EventWatch<QueuedEvent> | null;
  readonly stopExpression: EventExpression | null;
  /** Of this run of the job; a new one remembers nothing. */
  stopWatch: EventWatch<QueuedEvent> | null;
  goal: Goal;
  state: State;
  pid: number | null;
  /** Who waits for the job to come to rest: events that it blocks, and commands. */
  waiters: ((error: string | null) => void)[];
  respawns: number[];
}

/**
 * Upstart's rules (chromeos-facts.md section 5.2), checked against init/job.c and init/event.c of ChromeOS' fork: jobs
 * have a goal and a state; events start and stop them; `starting` and `stopping` hold up the job that they are of.
 */
export class Upstart {
  readonly #jobs: Map<string, Job>;
  readonly #actions: ProcessActions;
  readonly #log: (text: string, severity: 'info' | 'warning') => void;
  readonly #now: () => number;
  #events: QueuedEvent[] = [];
  #settled: (() => void)[] = [];

  constructor(
    definitions: readonly JobDefinition[],
    actions: ProcessActions,
    log: (text: string, severity: 'info' | 'warning') => void = () => undefined,
    now: () => number = Date.now,
  ) {
    this.#actions = actions;
    this.#log = log;
    this.#now = now;
    this.#jobs = new Map(
      definitions.map((definition) => [
        definition.name,
        {
          ...definition,
          startWatch: definition.startOn ? new EventWatch<QueuedEvent>(parseExpression(definition.startOn)) : null,
          stopExpression: definition.stopOn ? parseExpression(definition.stopOn) : null,
          stopWatch: null,
          goal: 'stop',
          state: 'waiting',
          pid: null,
          waiters: [],
          respawns: [],
        },
      ]),
    );
  }

  get names(): string[] {
    return [...this.#jobs.keys()];
  }

  /** Null for a job that there is not. */
  status(name: string): JobStatus | null {
    const job = this.#jobs.get(name);
    return job ? { goal: job.goal, state: job.state, pid: job.pid } : null;
  }

  /** Resolves when the job runs, or could not be made to. */
  async start(name: string): Promise<CommandResult> {
    const job = this.#jobs.get(name);
    if (!job) return unknownJob(name);
    if (job.goal === 'start') return { ok: false, error: `Job is already running: ${name}` };
    return this.#command(job, () => this.#setGoal(job, 'start'), 'Job failed to start');
  }

  /** Resolves when the job has stopped: before the jobs that stop on its `stopped` event have. */
  async stop(name: string): Promise<CommandResult> {
    const job = this.#jobs.get(name);
    const refusal = refuseUnlessStarted(name, job);
    if (!job || refusal) return refusal ?? unknownJob(name);
    return this.#command(job, () => this.#setGoal(job, 'stop'), 'Job failed while stopping');
  }

  /**
   * Stops the job and turns its goal round at once, so that it comes up again without ever being stopped: whatever
   * waits for its `stopped` event never hears of it.
   */
  async restart(name: string): Promise<CommandResult> {
    const job = this.#jobs.get(name);
    const refusal = refuseUnlessStarted(name, job);
    if (!job || refusal) return refusal ?? unknownJob(name);
    const turnRound = () => {
      this.#setGoal(job, 'stop');
      this.#setGoal(job, 'start');
    };
    return this.#command(job, turnRound, 'Job failed to restart');
  }

  /** Resolves when the jobs that the event starts and stops have come to rest. */
  emit(name: string, args: readonly string[] = []): Promise<void> {
    return new Promise((resolve) => {
      this.#queue(name, args, resolve);
      this.#poll();
    });
  }

  /** Resolves when no event is left and every job rests. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      this.#settled.push(resolve);
      this.#poll();
    });
  }

  /** A process that was expected to make itself known has. */
  isUp(name: string, pid: number): void {
    const job = this.#jobs.get(name);
    if (job?.pid !== pid || job.state !== 'spawned') return;
    this.#advance(job);
    this.#poll();
  }

  /** A main process is gone. `how` is upstart's word for it, null if it was told to end or ended well. */
  hasEnded(name: string, pid: number, how: string | null): void {
    const job = this.#jobs.get(name);
    if (job?.pid !== pid) return;
    job.pid = null;
    if (job.state === 'killed') this.#advance(job);
    else if (job.state === 'running' || job.state === 'spawned') this.#lost(job, pid, how);
    this.#poll();
  }

  #lost(job: Job, pid: number, how: string | null): void {
    if (how) this.#log(`${job.name} main process (${pid}) ${how}`, 'warning');
    const now = this.#now();
    job.respawns = job.respawns.filter((time) => now - time < RESPAWN_LIMIT.milliseconds);
    if (job.respawn && job.respawns.length < RESPAWN_LIMIT.times) {
      job.respawns.push(now);
      this.#log(`${job.name} main process ended, respawning`, 'warning');
    } else {
      if (job.respawn) this.#log(`${job.name} respawning too fast, stopped`, 'warning');
      if (job.respawn || how) this.#rest(job, 'failed');
      job.goal = 'stop';
    }
    this.#enter(job, 'stopping');
  }

  #command(job: Job, act: () => void, failure: string): Promise<CommandResult> {
    return new Promise((resolve) => {
      this.#rest(job, null);
      job.waiters.push((error) => resolve(error === null ? { ok: true } : { ok: false, error: failure }));
      act();
      this.#poll();
    });
  }

  /** A job at rest is set going; any other turns round when what it waits for has come. */
  #setGoal(job: Job, goal: Goal): void {
    if (job.goal === goal) return;
    this.#log(`${job.name} goal changed from ${job.goal} to ${goal}`, 'info');
    job.goal = goal;
    if (job.state === (goal === 'start' ? 'waiting' : 'running')) this.#advance(job);
  }

  #advance(job: Job): void {
    this.#enter(job, nextState(job));
  }

  #enter(job: Job, state: State): void {
    this.#log(`${job.name} state changed from ${job.state} to ${state}`, 'info');
    job.state = state;
    switch (state) {
      case 'starting':
        job.stopWatch ??= job.stopExpression && new EventWatch<QueuedEvent>(job.stopExpression);
        this.#queue('starting', [job.name], () => this.#advance(job));
        break;
      case 'spawned':
        if (job.hasProcess) job.pid = this.#actions.spawn(job.name);
        if (!job.hasProcess || !job.expect) this.#advance(job);
        break;
      case 'running':
        this.#queue('started', [job.name]);
        this.#rest(job, null);
        break;
      case 'stopping':
        this.#queue('stopping', [job.name], () => this.#advance(job));
        break;
      case 'killed':
        if (job.pid === null) this.#advance(job);
        else this.#actions.end(job.name, job.pid);
        break;
      case 'waiting':
        job.stopWatch = null;
        this.#queue('stopped', [job.name]);
        this.#rest(job, null);
        break;
    }
  }

  #rest(job: Job, error: string | null): void {
    for (const waiter of job.waiters.splice(0)) waiter(error);
  }

  #queue(name: string, args: readonly string[], whenFinished: () => void = () => undefined): void {
    this.#events.push({ name, args, state: 'pending', blockers: 0, whenFinished });
  }

  /** Goes on until every event that is left waits for a job. */
  #poll(): void {
    for (let event = this.#nextEvent(); event; event = this.#nextEvent()) {
      if (event.state === 'pending') {
        event.state = 'handled';
        this.#handle(event);
      } else {
        this.#events = this.#events.filter((each) => each !== event);
        event.whenFinished();
      }
    }
    const isSettled = [...this.#jobs.values()].every(({ state }) => state === 'waiting' || state === 'running');
    if (isSettled && this.#events.length === 0) for (const resolve of this.#settled.splice(0)) resolve();
  }

  #nextEvent(): QueuedEvent | undefined {
    return this.#events.find(({ state, blockers }) => state === 'pending' || blockers === 0);
  }

  /** Stops before it starts, so that an event can restart a job. */
  #handle(event: QueuedEvent): void {
    for (const job of this.#jobs.values()) {
      const stopping = job.stopWatch?.take(event);
      if (stopping && job.goal === 'start') this.#moveFor(job, 'stop', stopping);
      const starting = job.startWatch?.take(event);
      if (starting && job.goal === 'stop') this.#moveFor(job, 'start', starting);
    }
  }

  #moveFor(job: Job, goal: Goal, events: readonly QueuedEvent[]): void {
    this.#rest(job, null);
    for (const event of events) {
      event.blockers += 1;
      job.waiters.push(() => (event.blockers -= 1));
    }
    this.#setGoal(job, goal);
  }
}

function nextState({ goal, state }: Job): State {
  switch (state) {
    case 'waiting':
      return 'starting';
    case 'starting':
      return goal === 'start' ? 'spawned' : 'stopping';
    case 'spawned':
      return goal === 'start' ? 'running' : 'stopping';
    case 'running':
      return 'stopping';
    case 'stopping':
      return 'killed';
    case 'killed':
      return goal === 'start' ? 'starting' : 'waiting';
  }
}

const unknownJob = (name: string): CommandResult => ({ ok: false, error: `Unknown job: ${name}` });

/** A stopped job has no instance any more, and its one instance has no name: the text ends in a space. */
function refuseUnlessStarted(name: string, job: Job | undefined): CommandResult | null {
  if (!job) return unknownJob(name);
  if (job.state === 'waiting') return { ok: false, error: 'Unknown instance: ' };
  return job.goal === 'stop' ? { ok: false, error: `Job has already been stopped: ${name}` } : null;
}
