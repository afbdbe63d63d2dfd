import { Collector, nullSource, type Stdio } from '../io.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { User, World } from '../worlds/world.ts';
import { Batch } from './batch.ts';
import { JobTable } from './job-table.ts';
import type { Program } from './program.ts';
import { runScript } from './run-script.ts';
import { parseScript, quoteWord } from './syntax.ts';

/** Where a shell stands: fixed for its life. */
export interface Seat {
  readonly world: World;
  readonly user: User;
  /** The terminal it was started on; null without a pty. */
  readonly terminal: Terminal | null;
  /** Reads lines from a person. */
  readonly interactive?: boolean;
  /** Added to the login environment. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly directory?: string;
}

/** One shell: variables, directory, functions, jobs, and how to run text in it. */
export class Shell {
  readonly seat: Seat;
  readonly pid: number;
  variables: Record<string, string>;
  exported: Set<string>;
  directory: string;
  /** Source text by name. */
  functions = new Map<string, string>();
  /** Names of functions that read stdin. */
  readingFunctions = new Set<string>();
  /** `declare` lines of arrays; empty when there are none. */
  arrays = '';
  options = new Set<string>();
  positional: readonly string[] = [];
  status = 0;
  /** Set by `exit`, by errexit, and when the input is over. */
  exited = false;
  exitTrap = '';
  jobs = new JobTable();
  readonly batch: Batch;

  constructor(seat: Seat, pid = seat.world.machine.processes.nextPid()) {
    this.seat = seat;
    this.pid = pid;
    this.directory = seat.directory ?? seat.user.home;
    this.variables = { ...seat.world.environment(seat.user), ...seat.environment };
    this.exported = new Set(Object.keys(this.variables));
    this.batch = new Batch(this);
  }

  get world(): World {
    return this.seat.world;
  }

  /** Exported variables. */
  get environment(): Record<string, string> {
    const exported: Record<string, string> = {};
    for (const name of this.exported) {
      const value = this.variables[name];
      if (value !== undefined) exported[name] = value;
    }
    return { ...exported, PWD: this.directory };
  }

  findProgram(name: string): Program | undefined {
    return this.world.programs.get(name.startsWith('/') ? name.slice(name.lastIndexOf('/') + 1) : name);
  }

  /** A copy of this shell for `( )`, `&` and the parts of a pipeline: it sees everything and changes nothing here. */
  fork(changes: Partial<Seat> = {}): Shell {
    const copy = new Shell({ ...this.seat, ...changes }, this.pid);
    copy.variables = { ...this.variables };
    copy.exported = new Set(this.exported);
    copy.directory = this.directory;
    copy.functions = new Map(this.functions);
    copy.readingFunctions = new Set(this.readingFunctions);
    copy.arrays = this.arrays;
    copy.options = new Set(this.options);
    copy.positional = this.positional;
    copy.status = this.status;
    return copy;
  }

  /** A new process of its own: exported variables only. */
  spawn(environment: Readonly<Record<string, string>> = this.environment, directory = this.directory): Shell {
    const { PWD: _directory, ...rest } = environment;
    const child = new Shell({ ...this.seat, interactive: false });
    child.variables = { ...rest };
    child.exported = new Set(Object.keys(rest));
    child.directory = directory;
    return child;
  }

  /** Runs shell text; resolves with its status. Never rejects. */
  async execute(source: string, io: Stdio, signal: AbortSignal): Promise<number> {
    const parsed = parseScript(source);
    if ('error' in parsed) {
      await io.stderr.write(`bash: ${parsed.error.replace(/^Parse error at (\d+):\d+: /, 'line $1: ')}\n`);
      this.status = 2;
      return 2;
    }
    await runScript(this, parsed.script, io, signal);
    return this.status;
  }

  /** Runs a script as a shell of its own does: to the end, then its EXIT trap. */
  async executeAll(source: string, io: Stdio, signal: AbortSignal): Promise<number> {
    const status = await this.execute(source, io, signal);
    if (this.exitTrap === '') return status;
    const trap = this.exitTrap;
    this.exitTrap = '';
    this.exited = false;
    await this.execute(trap, io, signal);
    return status;
  }

  /** Runs a program by its argv, without a shell's expansions. */
  executeArgv(argv: readonly string[], io: Stdio, signal: AbortSignal): Promise<number> {
    return this.execute(argv.map(quoteWord).join(' '), io, signal);
  }

  /** The stdout of a command, for completion and for programs that need another one's answer. */
  async output(source: string, signal: AbortSignal): Promise<string> {
    const stdout = new Collector();
    await this.fork().execute(source, { stdin: nullSource(), stdout, stderr: new Collector() }, signal);
    return stdout.bytes.toString('utf8');
  }
}
