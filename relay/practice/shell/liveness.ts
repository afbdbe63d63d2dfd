import type { CommandNode, StatementNode } from './just-bash.ts';
import type { Shell } from './shell.ts';
import { commandName, literalText } from './syntax.ts';

/** How a command is run: by a live program, by walking into it, or whole on just-bash. */
export type Liveness = 'program' | 'compound' | 'batch';

/** Commands that produce or take bytes that just-bash would treat as text when joined with other output. */
const byteProducers = new Set(['base64', 'gunzip', 'gzip', 'tar', 'zcat']);

/** True when the statement must be run by itself, not in a batch with its neighbours. */
export function isLiveStatement(shell: Shell, statement: StatementNode, inLoop: boolean): boolean {
  if (statement.deferredError) return false;
  return (
    statement.background ||
    statement.pipelines.some(({ commands }) => {
      const last = commands.at(-1);
      if (last && byteProducers.has(commandName(last) ?? '')) return true;
      return commands.some((command) => findLiveness(shell, command, inLoop) !== 'batch');
    })
  );
}

/** How this command is run. */
export function findLiveness(shell: Shell, command: CommandNode, inLoop: boolean): Liveness {
  if (command.type === 'SimpleCommand') return isLiveSimple(shell, command, inLoop) ? 'program' : 'batch';
  return containsLive(shell, command, inLoop) ? 'compound' : 'batch';
}

function isLiveSimple(
  shell: Shell,
  command: Extract<CommandNode, { type: 'SimpleCommand' }>,
  inLoop: boolean,
): boolean {
  const name = literalText(command.name);
  if (name === null || shell.functions.has(name)) return false;
  if (inLoop && (name === 'break' || name === 'continue')) return true;
  const program = shell.findProgram(name);
  return program?.isLive?.(command.args.map((word) => literalText(word) ?? '')) ?? false;
}

function containsLive(shell: Shell, command: CommandNode, inLoop: boolean): boolean {
  const any = (statements: readonly StatementNode[], loop = inLoop) =>
    statements.some((statement) => isLiveStatement(shell, statement, loop));
  switch (command.type) {
    case 'If':
      return command.clauses.some(({ condition, body }) => any(condition) || any(body)) || any(command.elseBody ?? []);
    case 'While':
    case 'Until':
      // A `break` alone does not make a loop live: just-bash knows its own loops.
      return any(command.condition, false) || any(command.body, false);
    case 'For':
      return any(command.body, false);
    case 'Subshell':
    case 'Group':
      return any(command.body);
    default:
      return false;
  }
}
