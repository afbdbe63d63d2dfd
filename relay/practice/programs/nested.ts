import { collect, nullSource, type Stdio } from '../io.ts';
import { always, fail, type Call, type Program } from '../shell/program.ts';
import { Shell } from '../shell/shell.ts';
import { runInteractive } from '../terminal/interactive-shell.ts';
import { findUser } from '../worlds/world.ts';
import { readOperand } from './cat.ts';

/** A shell as a command: `-c TEXT`, `-s`, a script file, a script on stdin, or a person's. */
function shellProgram(name: string): Program {
  return {
    name,
    isLive: always,
    run: async (call) => {
      const child = call.shell.spawn(call.env, call.cwd);
      const args = [...call.args];
      let text: string | null = null;
      while (args[0]?.startsWith('-')) {
        const option = args.shift() ?? '';
        if (option === '--') break;
        if (option === '-c' || /^-[a-z]*c$/.test(option)) {
          text = args.shift() ?? '';
          args.shift();
          break;
        }
        if (option === '-s') break;
        if (option === '-o') args.shift();
        if (option.includes('e') && /^-[a-z]+$/.test(option)) child.options.add('errexit');
        if (option === '-u') child.options.add('nounset');
      }
      const readsScript = text === null && (call.args.includes('-s') || args.length === 0);
      if (readsScript && call.stdin.kind === 'tty' && child.seat.terminal) return startInteractive(call, child);
      let stdin = call.stdin;
      if (readsScript) {
        const script = await collect(call.stdin, call.signal);
        if (!script) return fail(call, `${name}: the script is longer than the practice device takes`);
        text = script.toString('utf8');
        stdin = nullSource();
      } else if (text === null) {
        const file = await readOperand(call, name, args.shift() ?? '');
        if (!file) return 127;
        text = file.toString('utf8').replace(/^#!.*\n/, '\n');
      }
      child.positional = args;
      return child.executeAll(text ?? '', { ...call, stdin }, call.signal);
    },
  };
}

/** A shell for a person on the terminal of the call. */
export async function startInteractive(call: Call, shell: Shell, signal: AbortSignal = call.signal): Promise<number> {
  const { terminal } = shell.seat;
  if (!terminal) return fail(call, 'bash: no terminal');
  const interactive = shell.fork({ interactive: true });
  return runInteractive(interactive, terminal, signal);
}

/** `NAME command…`: runs the rest, after dropping its own options. */
function wrapper(name: string, valued: string, flagsOnly = ''): Program {
  return {
    name,
    isLive: always,
    run: async (call) => {
      const rest = dropOptions(call.args, valued);
      if (rest.length === 0) return flagsOnly === '' ? 0 : fail(call, flagsOnly, 1);
      return runRest(call, rest, call.env);
    },
  };
}

function dropOptions(args: readonly string[], valued: string): readonly string[] {
  let index = 0;
  while (args[index]?.startsWith('-')) {
    const option = args[index++] ?? '';
    if (option === '--') break;
    if (option.length === 2 && valued.includes(option.charAt(1))) index++;
  }
  return args.slice(index);
}

async function runRest(
  call: Call,
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  changes: Partial<Shell['seat']> = {},
): Promise<number> {
  const shell = call.shell.spawn(env, call.cwd).fork(changes);
  return shell.executeArgv(words, io(call), call.signal);
}

const io = ({ stdin, stdout, stderr }: Call): Stdio => ({ stdin, stdout, stderr });

/** `env [-i] [NAME=VALUE]… [COMMAND]`. */
const env: Program = {
  name: 'env',
  isLive: always,
  run: async (call) => {
    const rest = [...dropOptions(call.args, 'u')];
    const environment: Record<string, string> = call.args.includes('-i') ? {} : { ...call.env };
    while (rest[0]?.includes('=')) {
      const [name = '', ...value] = (rest.shift() ?? '').split('=');
      environment[name] = value.join('=');
    }
    if (rest.length > 0) return runRest(call, rest, environment);
    await call.stdout.write(
      Object.entries(environment)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    );
    return 0;
  },
};

/** `timeout SECONDS COMMAND`: 124 when the time was over. */
const timeout: Program = {
  name: 'timeout',
  isLive: always,
  run: async (call) => {
    const [duration = '', ...rest] = dropOptions(call.args, 'sk');
    const match = /^(\d*\.?\d+)([smh]?)$/.exec(duration);
    if (!match || rest.length === 0) return fail(call, `timeout: invalid time interval '${duration}'`, 125);
    const seconds = Number(match[1]) * ({ m: 60, h: 3600 }[match[2] ?? ''] ?? 1);
    const controller = new AbortController();
    const end = () => controller.abort(call.signal.reason);
    call.signal.addEventListener('abort', end, { once: true });
    const timer = setTimeout(() => controller.abort('TERM'), Math.min(seconds * 1000, 0x7fffffff));
    timer.unref();
    try {
      const status = await runRest({ ...call, signal: controller.signal }, rest, call.env);
      return controller.signal.aborted && !call.signal.aborted ? 124 : status;
    } finally {
      clearTimeout(timer);
      call.signal.removeEventListener('abort', end);
    }
  },
};

/** `exec COMMAND`: runs it in place of the shell. Redirections of the shell itself are not simulated. */
const exec: Program = {
  name: 'exec',
  isLive: always,
  run: async (call) => {
    if (call.args.length === 0)
      return fail(call, 'bash: exec: redirections of the shell itself are not on the practice device');
    const status = await runRest(call, call.args, call.env);
    call.shell.exited = true;
    return status;
  },
};

/** `sudo [-u USER] COMMAND`, `sudo -i`. */
const sudo: Program = {
  name: 'sudo',
  isLive: always,
  run: async (call) => {
    const named = /^-u$/.test(call.args[0] ?? '') ? call.args[1] : undefined;
    const rest = dropOptions(call.args, 'ugp');
    return becomeUser(
      call,
      named ?? 'root',
      rest.filter((word, index) => index > 0 || !/^\w+=/.test(word)),
      call.args.includes('-i') || call.args.includes('-s'),
    );
  },
};

/** `su [-] [USER] [-c COMMAND]`. */
const su: Program = {
  name: 'su',
  isLive: always,
  run: async (call) => {
    const command = call.args.indexOf('-c');
    const words = call.args.filter((word, index) => !word.startsWith('-') && index !== command + 1);
    const name = (command >= 0 ? words : call.args.filter((word) => !word.startsWith('-')))[0] ?? 'root';
    const text = command >= 0 ? (call.args[command + 1] ?? '') : null;
    return becomeUser(call, name, text === null ? [] : ['sh', '-c', text], true);
  },
};

async function becomeUser(call: Call, name: string, words: readonly string[], shellWanted: boolean): Promise<number> {
  const { world, terminal } = call.shell.seat;
  const user = findUser(world, name);
  if (!user)
    return fail(
      call,
      `${call.name}: user ${name} does not exist or the user entry does not contain all the required fields`,
    );
  const shell = new Shell({
    world,
    user,
    terminal,
    environment: { ...call.env, ...world.environment(user) },
    directory: shellWanted && words.length === 0 ? user.home : call.cwd,
  });
  if (words.length > 0) return shell.executeArgv(words, io(call), call.signal);
  if (!shellWanted) return fail(call, `usage: ${call.name} [-u user] command`);
  if (call.stdin.kind === 'tty') return startInteractive(call, shell);
  return shell.executeArgv(['sh', '-s'], io(call), call.signal);
}

/** Commands that start another command or a shell. */
export const nested: readonly Program[] = [
  shellProgram('sh'),
  shellProgram('bash'),
  shellProgram('dash'),
  env,
  timeout,
  exec,
  sudo,
  su,
  wrapper('nohup', ''),
  wrapper('nice', 'n'),
  wrapper('ionice', 'cn'),
  wrapper('stdbuf', 'ioe'),
  wrapper('setsid', ''),
  wrapper('nsenter', 'tG'),
  wrapper('minijail0', 'ugc'),
];
