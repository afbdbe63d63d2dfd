import { printing, type Program } from '../shell/program.ts';

const uptime = printing('uptime', ({ shell }) => {
  const { machine } = shell.world;
  const minutes = Math.floor(machine.uptimeSeconds / 60);
  const span =
    minutes < 60
      ? `${String(minutes)} min`
      : `${String(Math.floor(minutes / 60))}:${String(minutes % 60).padStart(2, '0')}`;
  return ` ${machine.now().toISOString().slice(11, 19)} up ${span},  1 user,  load average: 0.31, 0.24, 0.19\n`;
});

/** Kibibytes: total, used. */
const memories = {
  device: [16_259_312, 5_127_440],
  termina: [12_145_236, 1_240_112],
  penguin: [12_145_236, 1_240_112],
} as const;

const free: Program = {
  name: 'free',
  run: async (call) => {
    const [total, used] = memories[call.shell.world.name];
    const unit = call.args.includes('-m') ? 1024 : call.args.includes('-g') ? 1024 * 1024 : 1;
    const cells = (values: readonly number[]) =>
      values.map((value) => String(Math.floor(value / unit)).padStart(12)).join('');
    const cache = Math.floor(total / 5);
    await call.stdout.write(
      '               total        used        free      shared  buff/cache   available\n' +
        `Mem:   ${cells([total, used, total - used - cache, 312_004, cache, total - used])}\n` +
        `Swap:  ${cells([total * 2, 0, total * 2])}\n`,
    );
    return 0;
  },
};

const ps: Program = {
  name: 'ps',
  run: async (call) => {
    const { world, user } = call.shell.seat;
    const style = call.args.join('').replaceAll('-', '');
    const all = /[aAex]/.test(style);
    const processes = world
      .processes(call.shell)
      .filter((process) => all || process.command.includes('bash') || process.user === user.name);
    const selected = all ? processes : processes.slice(-8);
    const pids = /p\s*(\d+)/.exec(call.args.join(' '));
    const shown = pids ? world.processes(call.shell).filter(({ pid }) => pid === Number(pids[1])) : selected;
    const long = style.includes('u');
    const full = style.includes('f') && !long;
    const header = long
      ? 'USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n'
      : full
        ? 'UID          PID    PPID  C STIME TTY          TIME CMD\n'
        : '    PID TTY          TIME CMD\n';
    const lines = shown.map(({ pid, ppid, user: owner, command }) => {
      const size = String(20_000 + (pid % 97) * 1280).padStart(6);
      if (long)
        return `${owner.padEnd(9)}${String(pid).padStart(7)}  0.${String(pid % 4)}  0.${String(pid % 7)} ${size} ${size.slice(1)} ?        Ss   09:41   0:0${String(pid % 9)} ${command}\n`;
      if (full)
        return `${owner.padEnd(9)}${String(pid).padStart(7)} ${String(ppid).padStart(7)}  0 09:41 ?        00:00:0${String(pid % 9)} ${command}\n`;
      return `${String(pid).padStart(7)} ?        00:00:0${String(pid % 9)} ${(command.split(' ')[0] ?? '').replace(/^.*\//, '')}\n`;
    });
    await call.stdout.write(header + lines.join(''));
    return shown.length > 0 ? 0 : 1;
  },
};

const pgrep: Program = {
  name: 'pgrep',
  run: async (call) => {
    const pattern = call.args.findLast((word) => !word.startsWith('-')) ?? '';
    const found = call.shell.world.processes(call.shell).filter(({ command }) => command.includes(pattern));
    for (const { pid, command } of found)
      await call.stdout.write(`${String(pid)}${/-\w*[al]/.test(call.args.join(' ')) ? ` ${command}` : ''}\n`);
    return found.length > 0 ? 0 : 1;
  },
};

/** What tells about processes and memory. */
export const processes: readonly Program[] = [uptime, free, ps, pgrep];
