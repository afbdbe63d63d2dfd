import { printing, type Program } from '../shell/program.ts';
import { ps } from './ps.ts';

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
