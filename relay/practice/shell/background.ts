import { nullSource } from '../io.ts';
import { JOB_LIMIT } from './job-table.ts';
import type { StatementNode } from './just-bash.ts';
import { runStatements, type RunContext } from './run-script.ts';
import type { Shell } from './shell.ts';

/** `command &`: starts it and goes on. */
export async function startJob(shell: Shell, statement: StatementNode, context: RunContext): Promise<void> {
  if (shell.jobs.running.length >= JOB_LIMIT) {
    await context.io.stderr.write('bash: fork: retry: Resource temporarily unavailable\n');
    shell.status = 254;
    return;
  }
  const controller = new AbortController();
  const { processes } = shell.world.machine;
  const pid = processes.nextPid();
  const text = (statement.sourceText ?? '').replace(/\s*&\s*$/, '');
  processes.add({ pid, ppid: shell.pid, user: shell.seat.user.name, command: text });
  const child = shell.fork();
  // Without job control a background command reads /dev/null, not its shell's input.
  const io = { ...context.io, stdin: nullSource() };
  const foreground: StatementNode = { ...statement, background: false };
  const done = runStatements(child, [foreground], { io, signal: controller.signal, inLoop: false, inCondition: false })
    .then(() => child.status)
    .catch(() => 1)
    .finally(() => processes.remove(pid));
  const job = shell.jobs.add(pid, text, controller, done);
  shell.status = 0;
  if (shell.seat.interactive) await context.io.stderr.write(`[${String(job.number)}] ${String(pid)}\n`);
}
