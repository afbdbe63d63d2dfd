import { Collector, sourceOf } from '../io.ts';
import { createUserFs, type UserFs } from '../worlds/user-fs.ts';
import {
  Bash,
  bytesOutput,
  defineCommand,
  latin1FromBytes,
  unsafeBytesFromLatin1,
  type Command,
  type CommandName,
  type ResolvedCommandContext,
} from './just-bash.ts';
import type { Program } from './program.ts';
import type { Shell } from './shell.ts';
import { quoteWord } from './syntax.ts';

// prettier-ignore
/** The commands of just-bash that a ChromeOS or Debian system has too. No curl, no interpreters, no databases. */
const builtins: CommandName[] = [
  'alias', 'awk', 'base64', 'basename', 'cat', 'chmod', 'column', 'comm', 'cp', 'cut', 'date', 'diff', 'dirname', 'du', 'echo',
  'egrep', 'env', 'expand', 'expr', 'false', 'fgrep', 'file', 'find', 'fold', 'grep', 'gunzip', 'gzip', 'head', 'join', 'jq',
  'ln', 'ls', 'md5sum', 'mkdir', 'mv', 'nl', 'od', 'paste', 'printenv', 'printf', 'pwd', 'readlink', 'rev', 'rm', 'rmdir', 'sed',
  'seq', 'sha1sum', 'sha256sum', 'sleep', 'sort', 'split', 'stat', 'strings', 'tac', 'tail', 'tar', 'tee', 'time', 'timeout', 'touch',
  'tr', 'tree', 'true', 'unalias', 'unexpand', 'uniq', 'wc', 'which', 'xargs', 'zcat',
];

/**
 * just-bash's bounds for what strangers type (profile `hardened`: 10 MiB for a string, an output or an input, 64 MiB in
 * use, 10,000 turns of sed), with what a device's own logs and scripts need more of. Commands and loops do not give way to
 * other work of this process: so many stall its other shells for 0.3 s. Loops with a live command in them (sleep) are not
 * run here. A command that comes through all bounds and does not end (sed on a string that it doubles) is ended by
 * whoever started the process.
 */
const limits = {
  maxCommandCount: 30_000,
  maxLoopIterations: 30_000,
  /** Records of a whole log. */
  maxAwkIterations: 100_000,
  /** Lines of base64 of a file of 10 MiB. */
  maxArrayElements: 200_000,
  /** A person may wait for `$(sleep 60)`. */
  maxExecutionTimeMs: 3_600_000,
};

/** Variables that just-bash sets by itself, and that say nothing about the shell. */
const ownVariables = new Set([
  '?',
  'SHELLOPTS',
  'BASHOPTS',
  'PWD',
  'OPTIND',
  'OSTYPE',
  'MACHTYPE',
  'HOSTTYPE',
  'PIPESTATUS',
]);
const defaultOptions = new Set(['braceexpand', 'hashall', 'interactive-comments']);

/** The outcome of a batch. */
export interface BatchResult {
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly status: number;
  /** False: the script ended early, by `exit`, errexit, an abort or a limit. */
  readonly finished: boolean;
}

interface Captured {
  readonly words: readonly string[];
  readonly variables: ReadonlyMap<string, string>;
  readonly exported: Readonly<Record<string, string>>;
}

/** Runs text that has no live command in it on just-bash, with the shell's state put in before and taken out after. */
export class Batch {
  readonly #shell: Shell;
  #bash: Bash | null = null;
  #files: UserFs | null = null;
  #kept: Captured | null = null;
  #words: Captured | null = null;
  #bytes: Buffer | null = null;

  constructor(shell: Shell) {
    this.#shell = shell;
  }

  get files(): UserFs {
    this.#files ??= createUserFs(this.#shell.world.fs, this.#shell.seat.user);
    return this.#files;
  }

  /** Runs statements; afterwards the shell has their variables, directory and options. */
  async run(source: string, stdin: Buffer, signal: AbortSignal): Promise<BatchResult> {
    const shell = this.#shell;
    this.#kept = null;
    const arrays = shell.arrays !== '' || /=\(|\b(?:declare|typeset|mapfile|readarray)\b|\bread\b.*-a/.test(source);
    const result = await this.#exec(`${source}\n.keep $? "${arrays ? '$(declare -p)' : ''}" "$@"`, stdin, signal);
    const kept = this.#takeKept();
    if (kept) this.#restore(kept, arrays);
    return { ...result, finished: kept !== null };
  }

  /** Runs one pipeline whose output is bytes: just-bash joins outputs as text, so they leave through one pipe more. */
  async runBytes(source: string, commands: number, stdin: Buffer, signal: AbortSignal): Promise<BatchResult> {
    this.#bytes = null;
    const result = await this.#exec(`${source} | .bytes\n.keep \${PIPESTATUS[${String(commands - 1)}]}`, stdin, signal);
    const bytes: Buffer | null = this.#bytes;
    return { ...result, stdout: bytes ?? result.stdout, finished: true };
  }

  /** Expands words as the shell would; `assignments` stand before them (`A=b cmd`). */
  async expand(
    source: string,
    signal: AbortSignal,
  ): Promise<{ words: readonly string[]; exported: Record<string, string>; stderr: string; ok: boolean }> {
    this.#words = null;
    const result = await this.#exec(source, Buffer.alloc(0), signal);
    const captured = this.#takeWords();
    return {
      words: captured?.words ?? [],
      exported: { ...captured?.exported },
      stderr: result.stderr,
      ok: captured !== null,
    };
  }

  /** Whether just-bash has a command of this name. */
  hasCommand(name: string): boolean {
    return (builtins as readonly string[]).includes(name);
  }

  // Read through methods: the custom commands set these while exec runs, which type narrowing cannot see.
  #takeKept(): Captured | null {
    return this.#kept;
  }

  #takeWords(): Captured | null {
    return this.#words;
  }

  async #exec(source: string, stdin: Buffer, signal: AbortSignal): Promise<Omit<BatchResult, 'finished'>> {
    this.#bash ??= this.#create();
    this.files.setStdin(stdin);
    const result = await this.#bash.exec(this.#prelude() + source, {
      rawScript: true,
      env: this.#shell.environment,
      replaceEnv: true,
      cwd: this.#shell.directory,
      stdin: stdin.toString('latin1'),
      stdinKind: 'bytes',
      signal,
    });
    const aborted = signal.aborted && result.exitCode === 124;
    return {
      stdout: Buffer.from(result.stdout, result.stdoutKind === 'bytes' ? 'latin1' : 'utf8'),
      stderr: aborted ? '' : result.stderr,
      status: result.exitCode,
    };
  }

  /** What makes a fresh just-bash state the shell's own. */
  #prelude(): string {
    const shell = this.#shell;
    const lines: string[] = [];
    if (shell.seat.interactive) lines.push('shopt -s expand_aliases');
    if (shell.positional.length > 0) lines.push(`set -- ${shell.positional.map(quoteWord).join(' ')}`);
    for (const [name, value] of Object.entries(shell.variables)) {
      if (!shell.exported.has(name)) lines.push(`${name}=${quoteWord(value)}`);
    }
    if (shell.arrays !== '') lines.push(shell.arrays);
    for (const text of shell.functions.values()) lines.push(text);
    for (const option of shell.options) lines.push(`set -o ${option}`);
    // Under errexit a failing first command would end the script; there `$?` is 0 anyway.
    if (shell.status !== 0 && !shell.options.has('errexit')) lines.push(`.status ${String(shell.status)}`);
    return lines.length > 0 ? lines.join('\n') + '\n' : '';
  }

  #restore(kept: Captured, arrays: boolean): void {
    const shell = this.#shell;
    shell.exported = new Set(Object.keys(kept.exported).filter((name) => !ownVariables.has(name)));
    shell.variables = {};
    for (const [name, value] of kept.variables) {
      if (ownVariables.has(name) || (name === 'IFS' && value === ' \t\n')) continue;
      if (/^[A-Za-z_]\w*$/.test(name)) shell.variables[name] = value;
    }
    shell.positional = kept.words.slice(2);
    shell.directory = kept.variables.get('PWD') ?? shell.directory;
    const options = kept.variables.get('SHELLOPTS') ?? '';
    shell.options = new Set(options.split(':').filter((option) => option !== '' && !defaultOptions.has(option)));
    if (!arrays) return;
    const lines = (kept.words[1] ?? '').split('\n');
    shell.arrays = lines
      .filter((line) => /^declare -[aA]/.test(line) && !line.includes(' PIPESTATUS='))
      // just-bash splits quoted elements behind `declare -a` at their spaces; a plain assignment keeps them whole.
      .map((line) => line.replace(/^declare -a /, '').replace(/^declare -A (\w+)=/, 'declare -A $1; $1='))
      .join('\n');
  }

  #create(): Bash {
    const shell = this.#shell;
    const { world, user } = shell.seat;
    const programs = [...world.programs.values()].map((program) => this.#adapt(program));
    return new Bash({
      fs: this.files.fs,
      commands: builtins,
      customCommands: [...this.#hooks(), ...programs],
      cwd: shell.directory,
      executionLimitProfile: 'hardened',
      executionLimits: limits,
      processInfo: { pid: shell.pid, ppid: 1, uid: user.uid, gid: user.gid },
      // On a Node without module.registerHooks (before 22.15) it guards all but import(), which no command reaches: there
      // is no JavaScript, no Python and no network to switch on. The process is there for this alone, so that its
      // intrinsics may stay frozen. Nothing of it is off.
      defenseInDepth: { enabled: 'auto', processLifetimeIntrinsicHardening: true },
    });
  }

  /** Hidden commands (`ls` shows no dot files) that carry state in and out. */
  #hooks(): Command[] {
    const silent = (exitCode: number) => ({ stdout: '', stderr: '', exitCode });
    return [
      defineCommand('.status', (args) => Promise.resolve(silent(Number(args[0])))),
      defineCommand('.keep', (args, context) => {
        this.#kept = capture(args, context);
        return Promise.resolve(silent(Number(args[0])));
      }),
      defineCommand('.words', (args, context) => {
        this.#words = capture(args, context);
        return Promise.resolve(silent(0));
      }),
      defineCommand('.bytes', (_args, context) => {
        this.#bytes = Buffer.from(latin1FromBytes(context.stdin), 'latin1');
        return Promise.resolve(silent(0));
      }),
    ];
  }

  /** A program as a command of just-bash: its streams are kept in memory. */
  #adapt(program: Program): Command {
    return defineCommand(program.name, async (args, context) => {
      const stdout = new Collector();
      const stderr = new Collector();
      const { origCommand } = context;
      const exitCode = await program.run({
        name: program.name,
        args,
        env: context.exportedEnv ?? {},
        cwd: context.cwd,
        stdin: sourceOf(Buffer.from(latin1FromBytes(context.stdin), 'latin1')),
        stdout,
        stderr,
        signal: context.signal ?? new AbortController().signal,
        shell: this.#shell,
        live: false,
        builtin: origCommand ? (words) => origCommand([...words]) : null,
      });
      const output = bytesOutput(unsafeBytesFromLatin1(stdout.bytes.toString('latin1')));
      return { ...output, stderr: stderr.bytes.toString('utf8'), exitCode };
    });
  }
}

/** A copy: the context of a command is void once the batch has ended. */
function capture(words: readonly string[], context: ResolvedCommandContext): Captured {
  return { words: [...words], variables: new Map(context.env), exported: { ...context.exportedEnv } };
}
