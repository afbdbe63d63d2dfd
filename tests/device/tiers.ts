import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { userInfo } from 'node:os';

/** What keeps a tier from running here. */
export interface Obstacle {
  readonly what: string;
  /** The command that removes it, if there is one. */
  readonly command: string;
  /** Debian packages that would be enough, and are installed without asking where this user may. */
  readonly packages: readonly string[];
}

/** One kind of device to test against. */
export interface Tier {
  readonly id: 0 | 1 | 2;
  /** Tier 1 where user namespaces are refused. */
  readonly isPlain: boolean;
  /** `0`, `1 plain`, `1`, `2`. */
  readonly name: string;
  readonly title: string;
  /** What only it proves: what is left out without it. */
  readonly proves: string;
  /** Test files that need it. */
  readonly files: readonly string[];
  readonly obstacles: readonly Obstacle[];
}

const PATH = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/local/sbin'];

const hasProgram = (name: string): boolean => PATH.some((folder) => existsSync(join(folder, name)));

const succeeds = (program: string, ...args: string[]): boolean =>
  spawnSync(program, args, { stdio: 'ignore', timeout: 10_000 }).status === 0;

/** Programs and the Debian packages that bring them. */
const NEEDS = {
  plain: [
    ['sshd', 'openssh-server'],
    ['ssh', 'openssh-client'],
    ['dbus-daemon', 'dbus-daemon'],
    ['dbus-send', 'dbus-bin'],
    ['rsyslogd', 'rsyslog'],
    ['setpriv', 'util-linux'],
  ],
  1: [
    ['unshare', 'util-linux'],
    ['script', 'bsdutils'],
    ['ip', 'iproute2'],
    ['newuidmap', 'uidmap'],
  ],
  2: [
    ['lxd', 'lxd'],
    ['lxc', 'lxd'],
    ['mmdebstrap', 'mmdebstrap'],
    ['iptables', 'iptables'],
    ['gdb', 'gdb'],
  ],
} as const satisfies Record<string, readonly (readonly [program: string, debianPackage: string])[]>;

function missingPrograms(tier: keyof typeof NEEDS): Obstacle[] {
  const missing = NEEDS[tier].filter(([program]) => !hasProgram(program));
  if (missing.length === 0) return [];
  const packages = [...new Set(missing.map(([, debianPackage]) => debianPackage))];
  return [
    {
      what: `no ${missing.map(([program]) => program).join(', ')}`,
      command: `sudo apt-get install --no-install-recommends ${packages.join(' ')}`,
      packages,
    },
  ];
}

/** Switches of kernels that refuse user namespaces to ordinary users. */
const SWITCHES = [
  {
    path: '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
    refuses: '1',
    set: 'kernel.apparmor_restrict_unprivileged_userns=0',
  },
  { path: '/proc/sys/kernel/unprivileged_userns_clone', refuses: '0', set: 'kernel.unprivileged_userns_clone=1' },
  { path: '/proc/sys/user/max_user_namespaces', refuses: '0', set: 'user.max_user_namespaces=10000' },
];

function userNamespaceObstacles(): Obstacle[] {
  const isRoot = userInfo().uid === 0;
  if (!hasProgram('unshare')) return [];
  if (!succeeds('unshare', '--user', '--map-root-user', 'true')) {
    const found = SWITCHES.find(
      ({ path, refuses }) => existsSync(path) && readFileSync(path, 'utf8').trim() === refuses,
    );
    return [
      {
        what: 'the kernel refuses user namespaces',
        command: found ? `sudo sysctl -w ${found.set}` : 'run it outside the container that forbids them',
        packages: [],
      },
    ];
  }
  const name = userInfo().username;
  const hasIds =
    existsSync('/etc/subuid') &&
    readFileSync('/etc/subuid', 'utf8')
      .split('\n')
      .some((line) => line.startsWith(`${name}:`));
  if (isRoot || hasIds) return [];
  return [
    {
      what: `no subordinate ids for ${name} in /etc/subuid`,
      command: `sudo usermod --add-subuids 200000-265535 --add-subgids 200000-265535 ${name}`,
      packages: [],
    },
  ];
}

function rootObstacles(): Obstacle[] {
  const missing: Obstacle[] = [];
  if (userInfo().uid !== 0) missing.push({ what: 'not root', command: 'sudo npm test', packages: [] });
  else if (!succeeds('unshare', '--mount', '--net', '--pid', '--fork', 'true'))
    missing.push({
      what: 'this root may not make namespaces',
      command: 'run it outside the container that forbids them',
      packages: [],
    });
  return missing;
}

/** What this machine can run, worst first. Looks only, changes nothing; takes a few milliseconds. */
export function findTiers(): readonly Tier[] {
  const linux: Obstacle[] =
    process.platform === 'linux'
      ? []
      : [{ what: `${process.platform} has no namespaces`, command: 'run the tests on Linux', packages: [] }];
  const plain = linux.length > 0 ? linux : missingPrograms('plain');
  const first = linux.length > 0 ? linux : [...plain, ...missingPrograms(1), ...userNamespaceObstacles()];
  return [
    {
      id: 0,
      isPlain: false,
      name: '0',
      title: 'the practice device, in-process',
      proves: 'the main job without anything installed',
      files: ['tests/integration/practice.test.ts'],
      obstacles: [],
    },
    {
      id: 1,
      isPlain: true,
      name: '1 plain',
      title:
        'an sshd of this user beside the stand-ins, without namespaces and VM: what is left where those are refused',
      proves: 'the main job on a real sshd, the owner hash and the host services by the real dbus-send',
      files: [
        'tests/integration/device-plain.test.ts',
        'tests/device/run.test.ts',
        'tests/device/image.test.ts',
        'tests/device/host/programs.test.ts',
      ],
      obstacles: plain,
    },
    {
      id: 1,
      isPlain: false,
      name: '1',
      title: 'OpenSSH, D-Bus, rsyslog and stand-ins in a user namespace',
      proves: 'the main job in three places on real programs, the stand-ins against the facts, an orderly reboot',
      files: [
        'tests/integration/device-tier1.test.ts',
        'tests/integration/device-standins.test.ts',
        'tests/integration/device-presence.test.ts',
        'tests/integration/script-on-device.test.ts',
        'tests/integration/device-cli.test.ts',
        'tests/integration/device-user.test.ts',
      ],
      obstacles: first,
    },
    {
      id: 2,
      isPlain: false,
      name: '2',
      title: 'root: a network of its own, LXD and systemd in the container',
      proves:
        "the guide's own commands and the steps of the sheets, cut, crash and plug, lxc, gdbserver, units, ids across the container's border",
      files: [
        'tests/integration/device-tier2.test.ts',
        'tests/integration/device-network.test.ts',
        'tests/integration/device-standins-tier2.test.ts',
        'tests/integration/device-guide.test.ts',
        'tests/integration/sheets-on-device.test.ts',
        'tests/integration/device-remains.test.ts',
        'tests/browser/device-power.spec.ts',
      ],
      obstacles: linux.length > 0 ? linux : [...first, ...rootObstacles(), ...missingPrograms(2)],
    },
  ];
}

/** Whether a tier can run now. */
export const canRun = (tier: Tier): boolean => tier.obstacles.length === 0;
