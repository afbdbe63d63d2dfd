import { ByteQueue, collect, type Sink, type Source, type Stdio } from '../io.ts';
import type { CommandNode, PipelineNode } from './just-bash.ts';
import { isLineFilter } from './line-filter.ts';
import { findLiveness } from './liveness.ts';
import { runCommand, type RunContext } from './run-script.ts';
import type { Shell } from './shell.ts';
import { readsStdin } from './stdin-use.ts';
import { sourceOfStatements } from './syntax.ts';

/** A part of a pipeline: one live command, or neighbours that run together on just-bash. */
type Stage = { readonly live: CommandNode } | { readonly batch: readonly CommandNode[] };

/** Runs a pipeline with a live command in it: all stages at once, pipes between them. */
export async function runPipeline(shell: Shell, pipeline: PipelineNode, context: RunContext): Promise<void> {
  const stages = splitStages(shell, pipeline.commands);
  const statuses: Promise<number>[] = [];
  let stdin = context.io.stdin;
  for (const [index, stage] of stages.entries()) {
    const last = index === stages.length - 1;
    const pipe = last ? null : new ByteQueue();
    const stdout: Sink = pipe ?? context.io.stdout;
    const io: Stdio = { stdin, stdout, stderr: context.io.stderr };
    const upstream = index > 0 ? stdin : null;
    const child = shell.fork();
    // `jobs | wc` and `kill` in a pipeline mean the jobs of the shell.
    child.jobs = shell.jobs;
    statuses.push(
      runStage(child, stage, { ...context, io, inLoop: false }, upstream !== null).finally(() => {
        pipe?.end();
        // A reader that has gone ends its writer, as SIGPIPE does.
        if (upstream instanceof ByteQueue) upstream.break();
      }),
    );
    if (pipe) stdin = pipe;
  }
  const results = await Promise.all(statuses);
  const failed = shell.options.has('pipefail') ? results.findLast((status) => status !== 0) : undefined;
  shell.status = failed ?? results.at(-1) ?? 0;
}

function splitStages(shell: Shell, commands: readonly CommandNode[]): readonly Stage[] {
  const stages: Stage[] = [];
  let batch: CommandNode[] = [];
  for (const command of commands) {
    if (findLiveness(shell, command, false) === 'batch') {
      batch.push(command);
      continue;
    }
    if (batch.length > 0) stages.push({ batch });
    batch = [];
    stages.push({ live: command });
  }
  if (batch.length > 0) stages.push({ batch });
  return stages;
}

async function runStage(shell: Shell, stage: Stage, context: RunContext, piped: boolean): Promise<number> {
  if ('live' in stage) {
    await runCommand(shell, stage.live, context);
    return shell.status;
  }
  if (!piped) return runWhole(shell, stage.batch, context, null);
  // Filters that look at one line at a time run over each piece that arrives; all others see the whole input.
  if (stage.batch.every(isLineFilter)) return runOverLines(shell, stage.batch, context);
  const input = await collect(context.io.stdin, context.signal);
  return runWhole(shell, stage.batch, context, input ?? Buffer.alloc(0));
}

async function runWhole(
  shell: Shell,
  commands: readonly CommandNode[],
  context: RunContext,
  stdin: Buffer | null,
): Promise<number> {
  const { io, signal } = context;
  const source = sourceOfStatements([pipelineOf(commands)], shell.jobs.lastPid);
  const input = stdin ?? (await inputOf(shell, commands, context));
  const result = await shell.batch.runBytes(source, commands.length, input, signal);
  if (result.stderr !== '') await io.stderr.write(result.stderr);
  if (result.stdout.length > 0) await io.stdout.write(result.stdout);
  return result.status;
}

async function inputOf(shell: Shell, commands: readonly CommandNode[], { io, signal }: RunContext): Promise<Buffer> {
  if (!readsStdin([pipelineOf(commands)], shell.readingFunctions)) return Buffer.alloc(0);
  return (await collect(io.stdin, signal)) ?? Buffer.alloc(0);
}

async function runOverLines(shell: Shell, commands: readonly CommandNode[], context: RunContext): Promise<number> {
  let status = 1;
  for await (const lines of wholeLines(context.io.stdin, context.signal)) {
    const result = await runWhole(shell, commands, context, lines);
    status = Math.min(status, result);
    if (context.signal.aborted) break;
  }
  return status;
}

/** The input in pieces that end with a newline (the last one may not). */
async function* wholeLines(source: Source, signal: AbortSignal): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for (let chunk = await source.read(signal); chunk !== null; chunk = await source.read(signal)) {
    const joined = Buffer.concat([rest, chunk]);
    const end = joined.lastIndexOf(10) + 1;
    rest = joined.subarray(end);
    if (end > 0) yield joined.subarray(0, end);
  }
  if (rest.length > 0) yield rest;
}

function pipelineOf(commands: readonly CommandNode[]) {
  const pipeline: PipelineNode = { type: 'Pipeline', commands: [...commands], negated: false };
  return { type: 'Statement' as const, pipelines: [pipeline], operators: [], background: false };
}
