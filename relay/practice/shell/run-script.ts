import { collect, readLine, type Stdio } from '../io.ts';
import { startJob } from './background.ts';
import { findLiveness, isLiveStatement } from './liveness.ts';
import type { CommandNode, PipelineNode, ScriptNode, StatementNode } from './just-bash.ts';
import { runCompound } from './run-compound.ts';
import { runPipeline } from './run-pipeline.ts';
import { runSimple } from './run-simple.ts';
import type { Shell } from './shell.ts';
import { statusOfSignal } from './program.ts';
import { readsStdin } from './stdin-use.ts';
import { commandName, literalText, sourceOfStatements } from './syntax.ts';

/** `break` and `continue` on their way to their loop. */
export class LoopControl {
  readonly kind: 'break' | 'continue';
  levels: number;

  constructor(kind: 'break' | 'continue', levels: number) {
    this.kind = kind;
    this.levels = levels;
  }
}

/** What a run of statements is part of. */
export interface RunContext {
  readonly io: Stdio;
  readonly signal: AbortSignal;
  readonly inLoop: boolean;
  /** In the condition of `if`, `while`, `&&`: errexit does not apply. */
  readonly inCondition: boolean;
}

/** Runs a script in a shell; its status and state are in the shell afterwards. */
export async function runScript(shell: Shell, script: ScriptNode, io: Stdio, signal: AbortSignal): Promise<void> {
  const control = await runStatements(shell, script.statements, { io, signal, inLoop: false, inCondition: false });
  if (control)
    await io.stderr.write(`bash: ${control.kind}: only meaningful in a \`for', \`while', or \`until' loop\n`);
}

/**
 * Runs statements in order. Neighbours without a live command run together on just-bash; the others one by one here.
 * Returns a `break` or `continue` that is meant for a loop further out.
 */
export async function runStatements(
  shell: Shell,
  statements: readonly StatementNode[],
  context: RunContext,
): Promise<LoopControl | null> {
  let batch: StatementNode[] = [];
  const flush = async () => {
    const statementsOfBatch = batch;
    batch = [];
    if (statementsOfBatch.length > 0) await runBatch(shell, statementsOfBatch, context);
  };
  for (const statement of statements) {
    if (statement.deferredError) {
      await flush();
      if (hasEnded(shell, context)) return null;
      await context.io.stderr.write(`bash: ${statement.deferredError.message}\n`);
      shell.status = 2;
      shell.exited = !shell.seat.interactive;
      return null;
    }
    if (!isLiveStatement(shell, statement, context.inLoop) && !readsOneLine(statement)) {
      batch.push(statement);
      continue;
    }
    await flush();
    if (hasEnded(shell, context)) return null;
    const control = await runStatement(shell, statement, context);
    if (control) return control;
    if (shell.status !== 0 && shell.options.has('errexit') && !context.inCondition) shell.exited = true;
    if (hasEnded(shell, context)) return null;
  }
  await flush();
  return null;
}

function hasEnded(shell: Shell, { signal }: RunContext): boolean {
  if (signal.aborted) shell.status = statusOfSignal(String(signal.reason));
  return shell.exited || signal.aborted;
}

async function runStatement(shell: Shell, statement: StatementNode, context: RunContext): Promise<LoopControl | null> {
  if (statement.background) {
    await startJob(shell, statement, context);
    return null;
  }
  for (const [index, pipeline] of statement.pipelines.entries()) {
    const operator = index > 0 ? statement.operators[index - 1] : ';';
    if (operator === '&&' && shell.status !== 0) continue;
    if (operator === '||' && shell.status === 0) continue;
    const last = index === statement.pipelines.length - 1;
    const control = await runOnePipeline(shell, pipeline, { ...context, inCondition: context.inCondition || !last });
    if (control) return control;
    if (hasEnded(shell, context)) return null;
  }
  return null;
}

async function runOnePipeline(shell: Shell, pipeline: PipelineNode, context: RunContext): Promise<LoopControl | null> {
  const [command] = pipeline.commands;
  let control: LoopControl | null = null;
  if (pipeline.commands.length === 1 && command) control = await runCommand(shell, command, context);
  else await runPipeline(shell, pipeline, context);
  if (pipeline.negated) shell.status = shell.status === 0 ? 1 : 0;
  return control;
}

/** Runs one command of any kind in the shell itself. */
export async function runCommand(shell: Shell, command: CommandNode, context: RunContext): Promise<LoopControl | null> {
  const name = commandName(command);
  if (context.inLoop && command.type === 'SimpleCommand' && (name === 'break' || name === 'continue')) {
    return new LoopControl(name, Number(literalText(command.args[0] ?? null) ?? '1') || 1);
  }
  const liveness = findLiveness(shell, command, context.inLoop);
  if (liveness === 'program' && command.type === 'SimpleCommand') await runSimple(shell, command, context);
  else if (liveness === 'compound') return runCompound(shell, command, context);
  else await runBatch(shell, [asStatement(command)], context);
  return null;
}

/** A statement of one command. */
export function asStatement(command: CommandNode): StatementNode {
  const pipeline: PipelineNode = { type: 'Pipeline', commands: [command], negated: false };
  return { type: 'Statement', pipelines: [pipeline], operators: [], background: false };
}

/** Commands whose output is bytes, not text. */
const byteCommands = new Set(['base64', 'gunzip', 'gzip', 'tar', 'tee', 'zcat', 'dd', 'head', 'tail', 'cat']);

async function runBatch(shell: Shell, statements: readonly StatementNode[], context: RunContext): Promise<void> {
  const { io, signal } = context;
  noteFunctions(shell, statements);
  let stdin: Buffer = Buffer.alloc(0);
  if (readsStdin(statements, shell.readingFunctions)) {
    const given = await takeStdin(statements, context);
    if (!given) {
      await io.stderr.write('bash: more input than the practice device takes (64 MiB)\n');
      shell.status = 1;
      return;
    }
    stdin = given;
    if (hasEnded(shell, context)) return;
  }
  const source = sourceOfStatements(statements, shell.jobs.lastPid);
  const bytesOf = byteCommandCount(statements);
  const result =
    bytesOf > 0
      ? await shell.batch.runBytes(source, bytesOf, stdin, signal)
      : await shell.batch.run(source, stdin, signal);
  shell.status = signal.aborted ? statusOfSignal(String(signal.reason)) : result.status;
  // In an interactive shell a batch that stopped at a limit or an error does not end the shell; `exit` does.
  const meantToExit =
    !shell.seat.interactive || /\b(?:exit|logout|exec)\b/.test(source) || shell.options.has('errexit');
  if (!result.finished && !signal.aborted && meantToExit) shell.exited = true;
  if (result.stdout.length > 0) await io.stdout.write(result.stdout);
  if (result.stderr !== '') await io.stderr.write(result.stderr);
}

/** `read` takes a line and leaves the rest to the next command; everything else gets what comes until the end. */
async function takeStdin(statements: readonly StatementNode[], { io, signal }: RunContext): Promise<Buffer | null> {
  const [statement] = statements;
  if (statements.length === 1 && statement && readsOneLine(statement)) {
    return (await readLine(io.stdin, signal)) ?? Buffer.alloc(0);
  }
  return collect(io.stdin, signal);
}

/** A `read` that stands for itself, not in a loop that just-bash runs as a whole. */
function readsOneLine(statement: StatementNode): boolean {
  return statement.pipelines.some(({ commands }) => {
    const [command] = commands;
    return (
      commands.length === 1 &&
      command !== undefined &&
      commandName(command) === 'read' &&
      command.redirections.length === 0
    );
  });
}

/** The length of the pipeline if the statements are one that ends in bytes; else 0. */
function byteCommandCount(statements: readonly StatementNode[]): number {
  const [statement] = statements;
  const [pipeline] = statement?.pipelines ?? [];
  if (statements.length !== 1 || statement?.pipelines.length !== 1 || !pipeline || pipeline.negated) return 0;
  const last = pipeline.commands.at(-1);
  if (
    !last ||
    !byteCommands.has(commandName(last) ?? '') ||
    last.redirections.some(({ operator }) => !operator.startsWith('<'))
  )
    return 0;
  return pipeline.commands.length;
}

function noteFunctions(shell: Shell, statements: readonly StatementNode[]): void {
  for (const statement of statements) {
    for (const command of statement.pipelines.flatMap(({ commands }) => commands)) {
      if (command.type !== 'FunctionDef') continue;
      shell.functions.set(command.name, sourceOfStatements([asStatement(command)], shell.jobs.lastPid));
      if (readsStdin([asStatement(command)])) shell.readingFunctions.add(command.name);
      else shell.readingFunctions.delete(command.name);
    }
  }
}
