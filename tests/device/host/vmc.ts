import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DeviceConfig } from '../config.ts';
import { parseOptions } from './getopts.ts';
import { PATHS } from './paths.ts';
import { encodeVmName } from './vm-log.ts';
import { type Subcommand, done, failed, operationFailed, refuseOwner } from './vmc-answers.ts';
import { DEVICE_COMMANDS } from './vmc-devices.ts';
import { DISK_COMMANDS, userFile } from './vmc-disks.ts';
import type { Program, Vm } from './world.ts';

/** The login shell's environment that vmc gives vsh, so that lxc finds its daemon (chromeos-facts.md section 2.4). */
const LXD_ENVIRONMENT = ['LXD_DIR=/mnt/stateful/lxd', 'LXD_CONF=/mnt/stateful/lxd_conf'];

/** What `vmc logs` gives at most, oldest first (section 2.4). */
const LOGS_MAX = 30 * 1024 * 1024;

const USAGE = `USAGE: vmc
   [ start [--enable-gpu] [--vtpm-proxy] [--enable-audio-capture] [--extra-disk <path>] [--dlc ID] [--no-shell] <name> |
     stop <name> |
     launch <name> |
     create [-p] [--size SIZE] [--source PATH] --vm-type TYPE <name> [<source media> [<removable storage name>]] |
     create-extra-disk --size SIZE <file name> [<removable storage name>] |
     adjust <name> <operation> [additional parameters] |
     destroy [-y] <name> |
     disk-op-status <command UUID> |
     export [-d] [-f] <vm name> <file name> [<removable storage name>] |
     import [--vm-type TYPE] <vm name> <file name> [<removable storage name>] |
     inspect-backup <file name> [<removable storage name>] |
     resize <vm name> <size> |
     list |
     logs <vm name> [<file>] |
     set-crostini-vm-type <type> |
     share <vm name> <path> |
     unshare <vm name> <path> |
     container <vm name> <container name> [ <image server> <image alias> ] |
     update-container-devices <vm name> <container name> (<vm device>:<enable/disable>)... |
     usb-attach <vm name> <bus>:<device> [<container name>] |
     usb-detach <vm name> <port> |
     usb-list <vm name> |
     key-attach <vm name> <hidraw path> |
     --help | -h ]
`;

/** Options of `vmc start` (chromeos-facts.md section 2.1). */
const START_OPTIONS = {
  switches: [
    ...['enable-gpu', 'enable-dgpu-passthrough', 'enable-big-gl', 'enable-virtgpu-native-context', 'vtpm-proxy'],
    ...['enable-audio-capture', 'no-start-lxd', 'writable-rootfs', 'no-shell'],
  ],
  values: [
    ...['extra-disk', 'dlc-id', 'tools-dlc', 'kernel', 'initrd', 'rootfs', 'vm-type', 'kernel-param', 'oem-string'],
    ...['bios', 'pflash', 'bios-dlc', 'timeout', 'user', 'user-uid', 'user-groups'],
  ],
} as const;

/** Stand-in for vmc (chromeos-facts.md section 2). */
export const vmc: Program = async (world, { argv, env }) => {
  const [command, ...args] = argv;
  // No arguments: usage on stderr, and yet success (section 2.1).
  if (command === undefined) return { stdout: '', stderr: USAGE, code: 0 };
  if (command === '--help' || command === '-h') return done(USAGE);
  const run = COMMANDS[command];
  if (!run) return failed(`no such subcommand: \`${command}\``);
  const owner = env['CROS_USER_ID_HASH'] ?? world.session.user?.hash ?? '';
  return run({ world, args, owner, env });
};

const COMMANDS: Readonly<Record<string, Subcommand>> = {
  ...DISK_COMMANDS,
  ...DEVICE_COMMANDS,

  list: ({ world, args, owner }) => {
    if (args.length > 0) return failed('expected no arguments');
    if (owner === '' || owner !== world.session.user?.hash)
      return operationFailed('disk_list', 'neither Crostini nor Parallels VMs are enabled');
    return done(formatVmList(world.vms.list(), world.config));
  },

  start: async ({ world, args, owner }) => {
    const parsed = parseOptions(args, START_OPTIONS);
    if ('error' in parsed) return failed(parsed.error);
    const [name, ...more] = parsed.free;
    if (name === undefined || more.length > 0) return failed('expected <name>');
    const refused = refuseOwner(world, owner);
    if (refused) return refused;
    const result = await world.vms.start(name);
    if ('error' in result) {
      return result.error.startsWith('DLC service')
        ? failed(result.error)
        : operationFailed('vm_start', `bad VM status: \`VM_STATUS_FAILURE\`: ${result.error}`);
    }
    return parsed.switches.has('no-shell') ? done() : { ...done(), then: shellOf(name, owner) };
  },

  // A VM that does not run counts as stopped (section 2.3).
  stop: async ({ world, args: [name, ...more], owner }) => {
    if (name === undefined || more.length > 0) return failed('expected <name>');
    const refused = refuseOwner(world, owner);
    if (refused) return refused;
    await world.vms.stop(name);
    return done();
  },

  logs: ({ world, args: [name, file, ...more], owner }) => {
    if (name === undefined || more.length > 0) return failed('expected <vm name> [<file>]');
    const refused = refuseOwner(world, owner);
    if (refused) return refused;
    if (file === undefined) return done(readLogs(name, owner));
    const path = userFile(owner, file);
    if (path === undefined) return operationFailed('get_vm_logs', `invalid path: \`${file}\``);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, readLogs(name, owner));
    return done();
  },

  // Not read-only on a real device, which makes a missing container; it never starts the VM (section 2.4).
  container: ({ world, args, owner }) => {
    const parsed = parseOptions(args, { values: ['privileged', 'timeout'], short: { p: 'privileged' } });
    if ('error' in parsed || !['true', 'false', undefined].includes(parsed.values['privileged']?.toLowerCase()))
      return failed('Expected <true/false> after the privileged flag');
    const [name, container, ...source] = parsed.free;
    if (name === undefined || container === undefined || ![0, 2].includes(source.length))
      return failed('expected <vm name> <container name> [ <image server> <image alias> ]');
    const refused = refuseOwner(world, owner);
    if (refused) return refused;
    const vm = world.vms.list().find((other) => other.name === name && other.state === 'running');
    if (!vm)
      return operationFailed(
        'container_create',
        `failed to create container: \`UNKNOWN\`: requested VM does not exist: ${name}`,
      );
    if (!vm.containers.includes(container))
      return operationFailed(
        'container_create',
        `failed to create container: \`FAILED\`: no image server is reachable`,
      );
    return {
      ...done(),
      then: [...shellOf(name, owner).slice(0, 3), `--target_container=${container}`, '--', ...LXD_ENVIRONMENT],
    };
  },
};

const shellOf = (vm: string, owner: string): string[] => [
  'vsh',
  `--vm_name=${vm}`,
  `--owner_id=${owner}`,
  '--',
  ...LXD_ENVIRONMENT,
];

/**
 * What `vmc list` prints, in the form of three releases (chromeos-facts.md section 2.2). The state carries its own
 * space: two before `running`, one after a stopped VM.
 */
export function formatVmList(vms: readonly Vm[], { vmcListFormat }: Pick<DeviceConfig, 'vmcListFormat'>): string {
  const lines = vms.map(({ name, sizeBytes, state, type, isSparse }) => {
    const running = state === 'stopped' ? '' : ` ${state}`;
    const disk = `${name} (${sizeBytes} bytes, raw${isSparse ? ', sparse' : ''})`;
    if (vmcListFormat === 'older') return disk;
    if (vmcListFormat === '2024-02') return `${disk}${running}`;
    return `${disk} (on disk VM type: ${type}) ${running}`;
  });
  const total = vms.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return `${[...lines, `Total Size (bytes): ${total}`].join('\n')}\n`;
}

/** The log of a VM with its rotations, oldest first. */
function readLogs(name: string, owner: string): string {
  const base = join(PATHS.daemonStore, owner, 'log', `${encodeVmName(name)}.log`);
  const files = [5, 4, 3, 2, 1].map((number) => `${base}.${number}`);
  const all = Buffer.concat([...files, base].filter((path) => existsSync(path)).map((path) => readFileSync(path)));
  return all.subarray(Math.max(0, all.length - LOGS_MAX)).toString('utf8');
}
