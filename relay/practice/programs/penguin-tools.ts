import { formatStamp } from '../logs/log-format.ts';
import type { Identity } from '../machine/identity.ts';
import type { ProcessEntry } from '../machine/process-table.ts';
import { always, fail, printing, type Call, type Program } from '../shell/program.ts';

interface Unit {
  readonly name: string;
  readonly description: string;
  readonly pid: number;
  readonly command: string;
  readonly user: boolean;
}

const tools = '/opt/google/cros-containers/bin';

/** garcon and sommelier are units of the user's systemd (chromeos-facts 3.4). */
const units: readonly Unit[] = [
  {
    name: 'cros-garcon.service',
    description: 'Chromium OS Garcon Bridge',
    pid: 211,
    command: `${tools}/garcon --server`,
    user: true,
  },
  {
    name: 'cros-notificationd.service',
    description: 'Chromium OS Notification Server',
    pid: 219,
    command: `${tools}/notificationd`,
    user: true,
  },
  {
    name: 'cros-vmstat-metrics.service',
    description: 'Crostini metric reporter',
    pid: 220,
    command: `${tools}/crostini_metric_reporter`,
    user: true,
  },
  {
    name: 'sommelier@0.service',
    description: 'Parent sommelier listening on socket wayland-0',
    pid: 221,
    command: `${tools}/sommelier --parent --socket=wayland-0`,
    user: true,
  },
  {
    name: 'sommelier@1.service',
    description: 'Parent sommelier listening on socket wayland-1',
    pid: 223,
    command: `${tools}/sommelier --parent --socket=wayland-1`,
    user: true,
  },
  {
    name: 'sommelier-x@0.service',
    description: 'Parent sommelier listening on socket X0',
    pid: 226,
    command: `${tools}/sommelier -X --x-display=0`,
    user: true,
  },
  {
    name: 'sommelier-x@1.service',
    description: 'Parent sommelier listening on socket X1',
    pid: 229,
    command: `${tools}/sommelier -X --x-display=1`,
    user: true,
  },
  {
    name: 'dbus.service',
    description: 'D-Bus System Message Bus',
    pid: 88,
    command: '/usr/bin/dbus-daemon --system',
    user: false,
  },
  {
    name: 'cron.service',
    description: 'Regular background program processing daemon',
    pid: 91,
    command: '/usr/sbin/cron -f',
    user: false,
  },
  {
    name: 'systemd-journald.service',
    description: 'Journal Service',
    pid: 46,
    command: '/lib/systemd/systemd-journald',
    user: false,
  },
];

/**
 * Processes of penguin, as its `ps` shows them. A tool of ChromeOS is a wrapper in bin/ that starts NAME.elf through
 * the loader beside it (chromeos-facts 8, finding 5).
 */
export function penguinProcesses(arch: Identity['arch']): readonly ProcessEntry[] {
  const loader = `${tools}/../lib/${arch === 'x86_64' ? 'ld-linux-x86-64.so.2' : 'ld-linux-aarch64.so.1'}`;
  const packed = (command: string): string => {
    const [program = '', ...args] = command.split(' ');
    if (!program.startsWith(tools)) return command;
    return [loader, '--library-path', `${tools}/../lib`, '--inhibit-rpath', '', `${program}.elf`, ...args].join(' ');
  };
  return [
    { pid: 1, ppid: 0, user: 'root', command: '/sbin/init' },
    ...units.map(({ pid, command, user }) => ({
      pid,
      ppid: user ? 160 : 1,
      user: user ? 'testuser' : 'root',
      command: packed(command),
    })),
    { pid: 160, ppid: 1, user: 'testuser', command: '/lib/systemd/systemd --user' },
  ].sort((one, other) => one.pid - other.pid);
}

const findUnit = (name: string, user: boolean): Unit | undefined =>
  units.find((unit) => unit.user === user && (unit.name === name || unit.name === `${name}.service`));

const systemctl: Program = {
  name: 'systemctl',
  complete: (args) =>
    args.length < 2
      ? ['--user', 'status', 'restart', 'start', 'stop', 'list-units', 'is-active']
      : units.map(({ name }) => name),
  run: async (call) => {
    const user = call.args.includes('--user');
    const [action = 'list-units', ...names] = call.args.filter((word) => !word.startsWith('-'));
    if (action === 'list-units') return listUnits(call, user);
    if (action === 'is-system-running') {
      await call.stdout.write('running\n');
      return 0;
    }
    if (action === 'status' && names.length === 0) {
      await call.stdout.write(
        `● ${call.shell.world.hostname}\n    State: running\n    Units: 118 loaded (incl. loaded aliases)\n     Jobs: 0 queued\n   Failed: 0 units\n`,
      );
      return 0;
    }
    let status = 0;
    for (const name of names) {
      const unit = findUnit(name, user);
      const full = name.includes('.') ? name : `${name}.service`;
      if (action === 'is-active') {
        await call.stdout.write(unit ? 'active\n' : 'inactive\n');
        if (!unit) status = 3;
      } else if (!unit)
        status = await fail(
          call,
          action === 'status'
            ? `Unit ${full} could not be found.`
            : `Failed to ${action} ${full}: Unit ${full} not found.`,
          action === 'status' ? 4 : 5,
        );
      else if (action === 'status') await call.stdout.write(describe(call, unit));
      else if (['restart', 'start', 'stop', 'reload'].includes(action)) note(call, unit, action);
      else status = await fail(call, `Unknown command verb ${action}.`);
    }
    return status;
  },
};

async function listUnits(call: Call, user: boolean): Promise<number> {
  const rows = units
    .filter((unit) => unit.user === user)
    .map((unit) => `  ${unit.name.padEnd(28)} loaded active running ${unit.description}\n`);
  await call.stdout.write(
    `  ${'UNIT'.padEnd(28)} LOAD   ACTIVE SUB     DESCRIPTION\n${rows.join('')}\n${String(rows.length)} loaded units listed.\n`,
  );
  return 0;
}

function describe(call: Call, unit: Unit): string {
  const { machine, hostname } = call.shell.world;
  const [vm] = machine.runningVms;
  const since = (vm?.startedAt ?? machine.bootedAt).toISOString();
  const day = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][new Date(since).getUTCDay()] ?? '';
  const recent = machine.logs.journal.records.filter((record) => record.unit === unit.name).slice(-5);
  const lines = recent.map(
    (record) => `${formatStamp(record.at)} ${hostname} ${record.identifier}[${String(record.pid)}]: ${record.text}\n`,
  );
  return (
    `● ${unit.name} - ${unit.description}\n` +
    `     Loaded: loaded (/usr/lib/systemd/${unit.user ? 'user' : 'system'}/${unit.name}; enabled; preset: enabled)\n` +
    `     Active: active (running) since ${day} ${since.slice(0, 10)} ${since.slice(11, 19)} UTC\n` +
    `   Main PID: ${String(unit.pid)} (${unit.command.replace(/^.*\//, '').split(' ')[0] ?? ''})\n` +
    `        CPU: 241ms\n\n${lines.join('')}`
  );
}

function note(call: Call, unit: Unit, action: string): void {
  const { journal } = call.shell.world.machine.logs;
  const text = {
    stop: `Stopped ${unit.name} - ${unit.description}.`,
    start: `Started ${unit.name} - ${unit.description}.`,
  };
  const lines = action === 'restart' ? [text.stop, text.start] : [action === 'stop' ? text.stop : text.start];
  for (const line of lines)
    journal.append({
      priority: 6,
      identifier: 'systemd',
      pid: unit.user ? 160 : 1,
      unit: unit.name,
      user: unit.user,
      text: line,
    });
}

/** The practice device has no network: apt says so as it does on a machine without one. */
function apt(name: string): Program {
  return {
    name,
    run: async (call) => {
      const [action = '', ...packages] = call.args.filter((word) => !word.startsWith('-'));
      if (['install', 'update', 'upgrade', 'remove'].includes(action) && call.shell.seat.user.uid !== 0) {
        return fail(
          call,
          'E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)\nE: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?',
          100,
        );
      }
      if (action === 'update') {
        await call.stdout.write(
          "Ign:1 https://deb.debian.org/debian bookworm InRelease\nErr:1 https://deb.debian.org/debian bookworm InRelease\n  Temporary failure resolving 'deb.debian.org'\nReading package lists... Done\n",
        );
        return fail(
          call,
          'W: Some index files failed to download. They have been ignored, or old ones used instead.',
          0,
        );
      }
      if (action === 'install') {
        await call.stdout.write(
          'Reading package lists... Done\nBuilding dependency tree... Done\nReading state information... Done\n',
        );
        return fail(
          call,
          packages.map((one) => `E: Unable to fetch ${one}: the practice device has no network`).join('\n'),
          100,
        );
      }
      if (action === 'upgrade') {
        await call.stdout.write('0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n');
        return 0;
      }
      await call.stdout.write(
        `${name} 2.6.1 (${call.shell.world.machine.identity.arch === 'x86_64' ? 'amd64' : 'arm64'})\nUsage: ${name} [options] command\n`,
      );
      return 0;
    },
  };
}

const wrapper = (name: string): Program => ({
  name,
  isLive: always,
  run: (call) => fail(call, `${name}: runs as a service here; see systemctl --user status`),
});

export const penguinTools: readonly Program[] = [
  systemctl,
  apt('apt'),
  apt('apt-get'),
  ...['garcon', 'sommelier', 'notificationd', 'crostini_metric_reporter'].map(wrapper),
  printing('dpkg', ({ shell }) => (shell.world.machine.identity.arch === 'x86_64' ? 'amd64\n' : 'arm64\n')),
];
