import type { Machine } from '../machine/machine.ts';
import type { ProcessEntry } from '../machine/process-table.ts';
import { penguinProcesses } from '../programs/penguin-tools.ts';
import { programs } from '../programs/index.ts';
import type { Shell } from '../shell/shell.ts';
import { fillDevice, fillPenguin, fillTermina } from './files.ts';
import type { User, World, WorldName } from './world.ts';
import { WorldFs } from './world-fs.ts';

const root: User = { name: 'root', uid: 0, gid: 0, home: '/root', groups: '' };
const chronos: User = {
  name: 'chronos',
  uid: 1000,
  gid: 1000,
  home: '/home/chronos',
  groups: '27(video),18(audio),208(pkcs11)',
};
const testuser: User = {
  name: 'testuser',
  uid: 1000,
  gid: 1000,
  home: '/home/testuser',
  groups: '4(adm),24(cdrom),27(sudo),44(video)',
};

/** All worlds of a machine, with fresh file systems. */
export async function createWorlds(machine: Machine): Promise<Record<WorldName, World>> {
  const { hostKernel, guestKernel } = machine.identity;
  const neighbour = (name: WorldName): World => worlds[name];
  const common = { machine, neighbour };
  const worlds: Record<WorldName, World> = {
    device: {
      ...common,
      name: 'device',
      fs: new WorldFs(),
      hostname: 'localhost',
      kernel: hostKernel,
      kernelVersion: '#1 SMP PREEMPT_DYNAMIC Fri, 13 Nov 2026 09:02:11 -0800',
      users: [root, chronos],
      programs: index('device'),
      environment: (user) =>
        environmentOf(user, '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'localhost'),
      // Red for root, green for others, then blue: the prompt of a test image.
      prompt: (user, directory) => {
        const shown = shorten(directory, user.home);
        if (user.uid === 0) return `\x1b[01;31mlocalhost\x1b[01;34m ${shown} #\x1b[00m `;
        return `\x1b[01;32m${user.name}@localhost\x1b[01;34m ${shown} $\x1b[00m `;
      },
      processes: () => machine.processes.list(),
    },
    termina: {
      ...common,
      name: 'termina',
      fs: new WorldFs(),
      hostname: 'localhost',
      kernel: guestKernel,
      kernelVersion: '#1 SMP PREEMPT_DYNAMIC Tue, 10 Nov 2026 18:11:40 -0800',
      users: [root, chronos],
      programs: index('termina'),
      environment: (user) =>
        environmentOf(user, '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'localhost'),
      // Inferred: the shape that crosh users see, `(termina) chronos@localhost ~ $`; root's follows from it.
      prompt: (user, directory) => {
        const colour = user.uid === 0 ? '31' : '32';
        return `(termina) \x1b[01;${colour}m${user.name}@localhost\x1b[01;34m ${shorten(directory, user.home)} ${user.uid === 0 ? '#' : '$'}\x1b[00m `;
      },
      processes: terminaProcesses,
    },
    penguin: {
      ...common,
      name: 'penguin',
      fs: new WorldFs(),
      hostname: 'penguin',
      kernel: guestKernel,
      kernelVersion: '#1 SMP PREEMPT_DYNAMIC Tue, 10 Nov 2026 18:11:40 -0800',
      users: [root, testuser],
      programs: index('penguin'),
      environment: (user) => ({
        ...environmentOf(user, '/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games', 'penguin'),
        ...(user.uid === 0 ? {} : { DISPLAY: ':0', WAYLAND_DISPLAY: 'wayland-0', XDG_RUNTIME_DIR: '/run/user/1000' }),
      }),
      // Debian's default; the container's own image leaves it so.
      prompt: (user, directory) => {
        const shown = shorten(directory, user.home);
        if (user.uid === 0) return `root@penguin:${shown}# `;
        return `\x1b[01;32m${user.name}@penguin\x1b[00m:\x1b[01;34m${shown}\x1b[00m$ `;
      },
      processes: (shell) => [...penguinProcesses(machine.identity.arch), entryOf(shell)],
    },
  };
  await Promise.all([
    fillDevice(worlds.device),
    fillTermina(worlds.termina),
    fillPenguin(worlds.penguin, worlds.termina),
  ]);
  return worlds;
}

function index(name: WorldName): World['programs'] {
  return new Map(programs[name].map((program) => [program.name, program]));
}

function environmentOf(user: User, path: string, hostname: string): Record<string, string> {
  return {
    HOME: user.home,
    USER: user.name,
    LOGNAME: user.name,
    SHELL: '/bin/bash',
    PATH: path,
    HOSTNAME: hostname,
    LANG: 'en_US.UTF-8',
  };
}

function shorten(directory: string, home: string): string {
  return directory === home ? '~' : directory.startsWith(`${home}/`) ? `~${directory.slice(home.length)}` : directory;
}

const entryOf = (shell: Shell): ProcessEntry => ({
  pid: shell.pid,
  ppid: 1,
  user: shell.seat.user.name,
  command: '-bash',
});

/** The pid namespace of penguin, and what is added to its pids, as the VM sees them. */
const PENGUIN_PID_NAMESPACE = 4_026_532_201;
const PENGUIN_PID_OFFSET = 940;

/** The VM sees the processes of its container too, with users shifted by a million, in a pid namespace of their own. */
function terminaProcesses(shell: Shell): readonly ProcessEntry[] {
  const { runningVms, identity } = shell.world.machine;
  const isUp = runningVms.some((vm) => vm.containers.get('penguin')?.running);
  const penguin = penguinProcesses(identity.arch).map((process): ProcessEntry => ({
    pid: process.pid + PENGUIN_PID_OFFSET,
    ppid: process.pid === 1 ? 258 : process.ppid + PENGUIN_PID_OFFSET,
    user: process.user === 'root' ? '1000000' : '1001000',
    command: process.command,
    pidNamespace: PENGUIN_PID_NAMESPACE,
  }));
  return [
    { pid: 1, ppid: 0, user: 'root', command: '/sbin/init' },
    { pid: 174, ppid: 1, user: 'root', command: '/usr/bin/vm_syslog' },
    { pid: 188, ppid: 1, user: 'root', command: '/usr/sbin/vshd' },
    { pid: 201, ppid: 1, user: 'root', command: 'dhclient eth0' },
    { pid: 241, ppid: 1, user: 'root', command: '/usr/bin/tremplin -lxd_subnet 100.115.92.192/28' },
    { pid: 258, ppid: 1, user: 'root', command: 'lxd --group lxd --syslog' },
    ...(isUp ? penguin : []),
    entryOf(shell),
  ];
}
