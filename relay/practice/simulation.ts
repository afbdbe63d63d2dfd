import type { Machine } from './machine/machine.ts';
import { Shell } from './shell/shell.ts';
import type { SessionEnd, SessionRequest, SessionRunner } from './ssh/session.ts';
import { runInteractive } from './terminal/interactive-shell.ts';
import { findUser } from './worlds/world.ts';
import { createWorlds } from './worlds/worlds.ts';

/** Builds the worlds of a machine; the result runs what SSH clients ask for. */
export async function createRunner(machine: Machine): Promise<SessionRunner> {
  const { device } = await createWorlds(machine);
  const root = findUser(device, 'root');
  if (!root) throw new Error('the device has a root account');

  return async (request) => {
    const { terminal, command } = request;
    const environment = {
      ...request.environment,
      ...(terminal ? { TERM: terminal.type, SSH_TTY: `/dev/${terminal.name}` } : {}),
    };
    const shell = new Shell({
      world: device,
      user: root,
      terminal,
      environment,
      interactive: command === null && terminal !== null,
    });
    machine.processes.add({
      pid: shell.pid,
      ppid: machine.upstart.pid('openssh-server'),
      user: 'root',
      command: command ?? '-bash',
    });
    try {
      return await runSession(shell, request);
    } finally {
      machine.processes.remove(shell.pid);
    }
  };
}

async function runSession(shell: Shell, request: SessionRequest): Promise<SessionEnd> {
  const { command, terminal, signal } = request;
  if (terminal && command === null) {
    return { status: await runInteractive(shell, terminal, signal), lingering: Promise.resolve() };
  }
  if (terminal) {
    const foreground = new AbortController();
    const end = () => foreground.abort(signal.reason);
    signal.addEventListener('abort', end, { once: true });
    terminal.foreground = foreground;
    const io = { stdin: terminal.input, stdout: terminal.output, stderr: terminal.output };
    const status = await shell.executeAll(command ?? '', io, foreground.signal);
    shell.jobs.endAll('HUP');
    return { status, lingering: Promise.resolve() };
  }
  // Without a command or a terminal, the shell reads its script from stdin.
  const status = await shell.executeAll(command ?? 'sh -s', request, signal);
  // What still runs holds the output open, as with a real sshd; it ends when the client goes.
  signal.addEventListener('abort', () => shell.jobs.endAll('HUP'), { once: true });
  if (signal.aborted) shell.jobs.endAll('HUP');
  return { status, lingering: Promise.all(shell.jobs.all.map(({ done }) => done)) };
}
