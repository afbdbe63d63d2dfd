import type { CommandNode, StatementNode } from './just-bash.ts';
import { expandWords, redirect } from './redirect.ts';
import { LoopControl, runStatements, type RunContext } from './run-script.ts';
import type { Shell } from './shell.ts';
import type { WordNode } from './just-bash.ts';

/** Walks into a compound command that has a live command in it. */
export async function runCompound(shell: Shell, command: CommandNode, outer: RunContext): Promise<LoopControl | null> {
  const redirected = await redirect(shell, command.redirections, outer);
  if (!redirected) {
    shell.status = 1;
    return null;
  }
  try {
    return await walk(shell, command, { ...outer, io: redirected.io });
  } finally {
    await redirected.close();
  }
}

async function walk(shell: Shell, command: CommandNode, context: RunContext): Promise<LoopControl | null> {
  switch (command.type) {
    case 'Group':
      return runStatements(shell, command.body, context);
    case 'Subshell': {
      const child = shell.fork();
      await runStatements(child, command.body, { ...context, inLoop: false });
      shell.status = child.status;
      return null;
    }
    case 'If':
      return runIf(shell, command, context);
    case 'For':
      return runFor(shell, command, context);
    case 'While':
    case 'Until':
      return runWhile(shell, command, context);
    default:
      throw new Error(`not a compound command that is walked: ${command.type}`);
  }
}

async function holds(shell: Shell, condition: readonly StatementNode[], context: RunContext): Promise<boolean> {
  await runStatements(shell, condition, { ...context, inCondition: true });
  return shell.status === 0 && !shell.exited && !context.signal.aborted;
}

async function runIf(
  shell: Shell,
  command: Extract<CommandNode, { type: 'If' }>,
  context: RunContext,
): Promise<LoopControl | null> {
  for (const { condition, body } of command.clauses) {
    if (await holds(shell, condition, context)) return runStatements(shell, body, context);
    if (shell.exited || context.signal.aborted) return null;
  }
  shell.status = 0;
  return command.elseBody ? runStatements(shell, command.elseBody, context) : null;
}

async function runFor(
  shell: Shell,
  command: Extract<CommandNode, { type: 'For' }>,
  context: RunContext,
): Promise<LoopControl | null> {
  const words = command.words
    ? await expandWords(shell, command.words satisfies WordNode[], context)
    : shell.positional;
  shell.status = 0;
  for (const word of words ?? []) {
    shell.variables[command.variable] = word;
    const end = await runBody(shell, command.body, context);
    if (end !== 'next') return end;
  }
  return null;
}

async function runWhile(
  shell: Shell,
  command: Extract<CommandNode, { type: 'While' | 'Until' }>,
  context: RunContext,
): Promise<LoopControl | null> {
  let status = 0;
  for (;;) {
    const condition = await holds(shell, command.condition, context);
    if (shell.exited || context.signal.aborted) return null;
    if (condition !== (command.type === 'While')) break;
    const end = await runBody(shell, command.body, context);
    if (end !== 'next') return end;
    status = shell.status;
  }
  shell.status = status;
  return null;
}

/** One turn of a loop: 'next', or what the loop as a whole returns. */
async function runBody(
  shell: Shell,
  body: readonly StatementNode[],
  context: RunContext,
): Promise<LoopControl | null | 'next'> {
  const control = await runStatements(shell, body, { ...context, inLoop: true });
  if (shell.exited || context.signal.aborted) return null;
  if (!control) {
    // A turn without a pause must not keep the rest of the process from its work.
    await new Promise((resolve) => setImmediate(resolve));
    return 'next';
  }
  if (control.levels > 1) return new LoopControl(control.kind, control.levels - 1);
  return control.kind === 'break' ? null : 'next';
}
