import type { ProcessEntry } from '../machine/process-table.ts';
import { fail, type Program } from '../shell/program.ts';

/** The pid namespace of a world's own processes, as on any Linux that has just booted. */
const OWN_PID_NAMESPACE = 4_026_531_836;

/** What a program is called by the kernel: the file's name, at most 15 characters. */
const commOf = ({ command }: ProcessEntry): string =>
  command.startsWith('[')
    ? command.slice(1, -1)
    : (command.split(' ')[0] ?? '').replace(/^.*\/|^-|:$/g, '').slice(0, 15);

/** Columns of `-o`: heading, and a process's text in it. The last column of a line is not padded. */
const columns: Readonly<Record<string, readonly [heading: string, text: (process: ProcessEntry) => string]>> = {
  pid: ['    PID', ({ pid }) => String(pid).padStart(7)],
  ppid: ['   PPID', ({ ppid }) => String(ppid).padStart(7)],
  user: ['USER    ', ({ user }) => user.padEnd(8)],
  pidns: ['     PIDNS', ({ pidNamespace = OWN_PID_NAMESPACE }) => String(pidNamespace).padStart(10)],
  args: ['COMMAND', ({ command }) => command],
  cmd: ['CMD', ({ command }) => command],
  command: ['COMMAND', ({ command }) => command],
  comm: ['COMMAND', commOf],
};

/** `ps [aux | -ef | -e -o LIST | -p PID]`. */
export const ps: Program = {
  name: 'ps',
  run: async (call) => {
    const { world, user } = call.shell.seat;
    const formats: string[] = [];
    const rest: string[] = [];
    for (let index = 0; index < call.args.length; index++) {
      const word = call.args[index] ?? '';
      const option = /^(-?[aAefx]*)(?:o|-format=)(.*)$/.exec(word.replace(/^--format$/, '-o'));
      if (!option || word === '-p') rest.push(word);
      else {
        if (option[1]) rest.push(option[1]);
        formats.push(...(option[2] || (call.args[++index] ?? '')).split(','));
      }
    }
    const unknown = formats.find((format) => !Object.hasOwn(columns, format.replace(/=.*$/, '')));
    if (unknown !== undefined) return fail(call, `error: unknown user-defined format specifier "${unknown}"`);
    const style = rest.join('').replaceAll('-', '');
    const all = /[aAex]/.test(style);
    const processes = world
      .processes(call.shell)
      .filter((process) => all || process.command.includes('bash') || process.user === user.name);
    const selected = all ? processes : processes.slice(-8);
    const pids = /p\s*(\d+)/.exec(rest.join(' '));
    const shown = pids ? world.processes(call.shell).filter(({ pid }) => pid === Number(pids[1])) : selected;
    await call.stdout.write(formats.length > 0 ? custom(formats, shown) : classic(style, shown));
    return shown.length > 0 ? 0 : 1;
  },
};

/** `NAME=` is a column without a heading; where no column has one, there is no heading line. */
function custom(formats: readonly string[], shown: readonly ProcessEntry[]): string {
  const chosen = formats.map((format) => {
    const [name = '', heading] = format.split('=');
    const [usual = '', text = () => ''] = columns[name] ?? [];
    return { heading: heading ?? usual, text };
  });
  const line = (cells: readonly string[]): string => `${cells.join(' ').trimEnd()}\n`;
  const headings = chosen.map(({ heading }) => heading);
  return (
    (headings.some((heading) => heading !== '') ? line(headings) : '') +
    shown.map((process) => line(chosen.map(({ text }) => text(process)))).join('')
  );
}

function classic(style: string, shown: readonly ProcessEntry[]): string {
  const long = style.includes('u');
  const full = style.includes('f') && !long;
  const header = long
    ? 'USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n'
    : full
      ? 'UID          PID    PPID  C STIME TTY          TIME CMD\n'
      : '    PID TTY          TIME CMD\n';
  const lines = shown.map((process) => {
    const { pid, ppid, user: owner, command } = process;
    const size = String(20_000 + (pid % 97) * 1280).padStart(6);
    if (long)
      return `${owner.padEnd(9)}${String(pid).padStart(7)}  0.${String(pid % 4)}  0.${String(pid % 7)} ${size} ${size.slice(1)} ?        Ss   09:41   0:0${String(pid % 9)} ${command}\n`;
    if (full)
      return `${owner.padEnd(9)}${String(pid).padStart(7)} ${String(ppid).padStart(7)}  0 09:41 ?        00:00:0${String(pid % 9)} ${command}\n`;
    return `${String(pid).padStart(7)} ?        00:00:0${String(pid % 9)} ${commOf(process)}\n`;
  });
  return header + lines.join('');
}
