import type { Container } from '../machine/virtual-machine.ts';
import { always, fail, type Call, type Program } from '../shell/program.ts';
import { Shell } from '../shell/shell.ts';
import { runInteractive } from '../terminal/interactive-shell.ts';
import { findUser } from '../worlds/world.ts';

/** `lxc` of termina: works only with LXD_DIR, which the guide's line sets (chromeos-facts 7). */
export const lxc: Program = {
  name: 'lxc',
  isLive: always,
  complete: (args) => (args.length === 0 ? ['list', 'exec', 'info', 'start', 'stop', 'version'] : ['penguin']),
  run: async (call) => {
    const [action = '', name = '', ...rest] = call.args;
    if (call.env['LXD_DIR'] !== '/mnt/stateful/lxd') {
      return fail(
        call,
        'Error: LXD unix socket not found: Please ensure LXD daemon is running: open /var/lib/lxd: no such file or directory',
      );
    }
    if (call.shell.seat.user.uid !== 0) {
      return fail(
        call,
        'Error: Get "http://unix.socket/1.0": dial unix /mnt/stateful/lxd/unix.socket: connect: permission denied',
      );
    }
    const [vm] = call.shell.world.machine.runningVms;
    const containers = vm?.containers ?? new Map<string, Container>();
    if (action === 'list' || action === 'ls') {
      const shown = [...containers.values()];
      // Columns of -c are not chosen: csv gives name and state, which is what scripts ask for.
      const csv =
        call.args.some((word) => /^--format[= ]?csv$|^-f=?csv$/.test(word)) ||
        /(?:-f|--format) csv/.test(call.args.join(' '));
      await call.stdout.write(
        csv ? shown.map((one) => `${one.name},${one.running ? 'RUNNING' : 'STOPPED'}\n`).join('') : table(shown),
      );
      return 0;
    }
    if (action === 'version') {
      await call.stdout.write('Client version: 5.0.4\nServer version: 5.0.4\n');
      return 0;
    }
    const container = containers.get(name);
    if (['info', 'exec', 'start', 'stop', 'shell'].includes(action) && !container)
      return fail(call, 'Error: Instance not found');
    if (!container || !vm) return fail(call, `Error: unknown command "${action}" for "lxc"`);
    if (action === 'info') await call.stdout.write(describe(container));
    else if (action === 'stop') container.running = false;
    else if (action === 'start') await call.shell.world.machine.startContainer(vm, name, () => Promise.resolve());
    else if (!container.running) return fail(call, 'Error: Instance is not running');
    else return enter(call, rest);
    return 0;
  },
};

/** `lxc exec NAME -- COMMAND`: as root of the container, without a shell between. */
async function enter(call: Call, words: readonly string[]): Promise<number> {
  const world = call.shell.world.neighbour('penguin');
  const root = findUser(world, 'root');
  const argv = words.filter((word, index) => !(word === '--' && index === 0));
  if (!root) return 1;
  const terminal = call.stdin.kind === 'tty' ? call.shell.seat.terminal : null;
  const alone = argv.length === 0 || (argv.length === 1 && /(?:^|\/)(?:bash|sh)$/.test(argv[0] ?? ''));
  const shell = new Shell({
    world,
    user: root,
    terminal,
    environment: { TERM: call.env['TERM'] ?? 'linux' },
    interactive: alone && terminal !== null,
  });
  if (alone && terminal) return runInteractive(shell, terminal, call.signal);
  return shell.executeArgv(argv.length === 0 ? ['sh', '-s'] : argv, call, call.signal);
}

function table(containers: readonly Container[]): string {
  const header = ['NAME', 'STATE', 'IPV4', 'IPV6', 'TYPE', 'SNAPSHOTS'];
  const rows = containers.map((one) => [
    one.name,
    one.running ? 'RUNNING' : 'STOPPED',
    one.running ? `${one.address} (eth0)` : '',
    '',
    'CONTAINER',
    '0',
  ]);
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const rule = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+\n`;
  const centred = (text: string, width: number) => text.padStart(Math.floor((width + text.length) / 2)).padEnd(width);
  const line = (cells: readonly string[], align: (text: string, width: number) => string) =>
    `|${cells.map((cell, column) => ` ${align(cell, widths[column] ?? 0)} `).join('|')}|\n`;
  return (
    rule +
    line(header, centred) +
    rule +
    rows.map((row) => line(row, (text, width) => text.padEnd(width)) + rule).join('')
  );
}

function describe(container: Container): string {
  return `Name: ${container.name}\nStatus: ${container.running ? 'RUNNING' : 'STOPPED'}\nType: container\nArchitecture: x86_64\nPID: 941\nCreated: 2026/08/02 09:12 UTC\nLast Used: 2026/11/20 08:01 UTC\n`;
}
