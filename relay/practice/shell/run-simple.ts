import type { SimpleCommandNode } from './just-bash.ts';
import { statusOfSignal, type Program } from './program.ts';
import { expandWords, redirect } from './redirect.ts';
import type { RunContext } from './run-script.ts';
import type { Shell } from './shell.ts';
import { literalText, sourceOfCommand } from './syntax.ts';
import type { Stdio } from '../io.ts';

/** Runs a simple command whose name is a live program. */
export async function runSimple(shell: Shell, command: SimpleCommandNode, context: RunContext): Promise<void> {
  const program = shell.findProgram(literalText(command.name) ?? '');
  if (!program) throw new Error('a live command has a program');
  const redirected = await redirect(shell, command.redirections, context);
  if (!redirected) {
    shell.status = 1;
    return;
  }
  try {
    const prepared = await prepareCall(shell, command, { ...context, io: redirected.io });
    shell.status = prepared ? await runProgram(shell, program, prepared, redirected.io, context.signal) : 1;
  } finally {
    await redirected.close();
  }
}

interface Prepared {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

async function prepareCall(shell: Shell, command: SimpleCommandNode, context: RunContext): Promise<Prepared | null> {
  if (command.assignments.length === 0) {
    const args = await expandWords(shell, command.args, context);
    return args && { args, env: shell.environment };
  }
  const name = { type: 'Word' as const, parts: [{ type: 'Literal' as const, value: '.words' }] };
  const source = sourceOfCommand({ ...command, name, redirections: [] }, shell.jobs.lastPid);
  const result = await shell.batch.expand(source, context.signal);
  if (result.stderr !== '') await context.io.stderr.write(result.stderr);
  return result.ok ? { args: result.words, env: result.exported } : null;
}

/** Runs a program to its end or until `signal`; a program that does not heed the signal is left behind. */
export async function runProgram(
  shell: Shell,
  program: Program,
  call: Prepared,
  io: Stdio,
  signal: AbortSignal,
): Promise<number> {
  let onAbort = () => undefined;
  const killed = new Promise<void>((resolve) => {
    // One turn later, so that a program that heeds the signal still gets its last words out.
    onAbort = () => void setImmediate(resolve);
  });
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  const running = (async () => {
    try {
      return await program.run({
        ...io,
        name: program.name,
        args: call.args,
        env: call.env,
        cwd: shell.directory,
        signal,
        shell,
        live: true,
        builtin: null,
      });
    } catch (error) {
      await io.stderr.write(`${program.name}: ${error instanceof Error ? error.message : String(error)}\n`);
      return 1;
    }
  })();
  const status = await Promise.race([running, killed]);
  signal.removeEventListener('abort', onAbort);
  return signal.aborted || status === undefined ? statusOfSignal(String(signal.reason)) : status;
}
