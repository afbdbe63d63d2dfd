import { statusOfSignal } from '../shell/program.ts';
import type { Shell } from '../shell/shell.ts';
import { needsMore } from './continuation.ts';
import { History } from './history.ts';
import { LineEditor, type LineEnd } from './line-editor.ts';
import type { Terminal } from './terminal.ts';

/** Histories outlive their shell, per user and world: as ~/.bash_history does, in memory. */
const histories = new WeakMap<object, Map<string, History>>();

/** Reads and runs lines until `exit`, Ctrl-D, or `signal`. Resolves with the shell's last status. */
export async function runInteractive(shell: Shell, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const history = historyOf(shell);
  const editor = new LineEditor(terminal, shell, history);
  const outer = terminal.foreground;
  const io = { stdin: terminal.input, stdout: terminal.output, stderr: terminal.output };
  try {
    while (!shell.exited && !signal.aborted) {
      await reportJobs(shell, terminal);
      const read = await readCommand(shell, terminal, editor, signal);
      if (read === 'end') {
        await terminal.output.write(signal.aborted ? '' : shell.world.name === 'device' ? 'logout\n' : 'exit\n');
        break;
      }
      if (read === 'interrupt') {
        shell.status = statusOfSignal('INT');
        continue;
      }
      history.add(read.line.trimEnd());
      if (read.line.trim() !== '') await runLine(shell, terminal, read.line, signal, io);
    }
    return signal.aborted ? statusOfSignal(String(signal.reason)) : shell.status;
  } finally {
    terminal.foreground = outer;
    shell.jobs.endAll('HUP');
  }
}

async function runLine(
  shell: Shell,
  terminal: Terminal,
  source: string,
  signal: AbortSignal,
  io: Parameters<Shell['execute']>[1],
): Promise<void> {
  const controller = new AbortController();
  const end = () => controller.abort(signal.reason);
  signal.addEventListener('abort', end, { once: true });
  terminal.foreground = controller;
  setSize(shell, terminal);
  try {
    await shell.execute(source, io, controller.signal);
  } finally {
    terminal.foreground = null;
    signal.removeEventListener('abort', end);
  }
  if (controller.signal.aborted && !signal.aborted) {
    shell.status = statusOfSignal(String(controller.signal.reason));
    await terminal.output.write('\n');
  }
}

async function readCommand(
  shell: Shell,
  terminal: Terminal,
  editor: LineEditor,
  signal: AbortSignal,
): Promise<LineEnd> {
  let source = '';
  let prompt = shell.world.prompt(shell.seat.user, shell.directory);
  for (;;) {
    const read = await editor.readLine(prompt, signal);
    if (read === 'interrupt') return 'interrupt';
    if (read === 'end') {
      if (source === '') return 'end';
      await terminal.output.write('bash: syntax error: unexpected end of file\n');
      return 'interrupt';
    }
    source += read.line + '\n';
    if (!needsMore(source.replace(/\n$/, ''))) return { line: source.replace(/\n$/, '') };
    prompt = '> ';
  }
}

/** COLUMNS and LINES follow the window, as bash's checkwinsize does after each command. */
function setSize(shell: Shell, terminal: Terminal): void {
  shell.variables['COLUMNS'] = String(terminal.columns);
  shell.variables['LINES'] = String(terminal.rows);
}

async function reportJobs(shell: Shell, terminal: Terminal): Promise<void> {
  for (const job of shell.jobs.takeEnded()) {
    const how = job.status === 0 ? 'Done' : job.controller.signal.aborted ? 'Terminated' : `Exit ${String(job.status)}`;
    await terminal.output.write(`[${String(job.number)}]+  ${how.padEnd(24)}${job.text}\n`);
  }
}

/** The history of a shell's user. */
export function historyOf(shell: Shell): History {
  const { machine, name } = shell.world;
  const perMachine = histories.get(machine) ?? new Map<string, History>();
  histories.set(machine, perMachine);
  const key = `${name}/${shell.seat.user.name}`;
  const history = perMachine.get(key) ?? new History();
  perMachine.set(key, history);
  return history;
}
