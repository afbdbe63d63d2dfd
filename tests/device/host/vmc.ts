import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeviceConfig } from '../config.ts';
import { PATHS } from './paths.ts';
import type { Program, ProgramAnswer, Vm, World } from './world.ts';

/** The login shell's environment that vmc gives vsh, so that lxc finds its daemon (chromeos-facts.md section 2.4). */
const LXD_ENVIRONMENT = ['LXD_DIR=/mnt/stateful/lxd', 'LXD_CONF=/mnt/stateful/lxd_conf'];

/** What `vmc logs` gives at most, oldest first (section 2.4). */
const LOGS_MAX = 30 * 1024 * 1024;

const USAGE = `USAGE: vmc
   [ start [--enable-gpu] [--vtpm-proxy] [--enable-audio-capture] [--extra-disk <path>] [--dlc ID] [--no-shell] <name> |
     stop <name> |
     list |
     logs <vm name> [<file>] |
     share <vm name> <path> |
     unshare <vm name> <path> |
     container <vm name> <container name> [ <image server> <image alias> ] |
     --help | -h ]
`;

/** Flags of `vmc start` that take no value; the others take the next word (section 2.1). */
const START_SWITCHES = [
  ...['--enable-gpu', '--enable-dgpu-passthrough', '--enable-big-gl', '--enable-virtgpu-native-context'],
  ...['--vtpm-proxy', '--enable-audio-capture', '--no-start-lxd', '--writable-rootfs', '--no-shell'],
];

const done = (stdout = ''): ProgramAnswer => ({ stdout, stderr: '', code: 0 });

/** `main` of vmc returns its error to Rust, which prints it so (section 2.3). */
const failed = (text: string): ProgramAnswer => ({ stdout: '', stderr: `Error: ${text}\n`, code: 1 });

const operationFailed = (operation: string, text: string): ProgramAnswer =>
  failed(`operation \`${operation}\` failed: ${text}`);

/** Stand-in for vmc (chromeos-facts.md section 2): the subcommands that the guide and the workbench use. */
export const vmc: Program = async (world, { argv, env }) => {
  const [command, ...args] = argv;
  // No arguments: usage on stderr, and yet success (section 2.1).
  if (command === undefined) return { stdout: '', stderr: USAGE, code: 0 };
  if (command === '--help' || command === '-h') return done(USAGE);
  const run = COMMANDS[command];
  if (!run) return failed(`no such subcommand: \`${command}\``);
  const owner = env['CROS_USER_ID_HASH'] ?? world.session.user?.hash ?? '';
  return run({ world, args, owner });
};

interface Call {
  readonly world: World;
  readonly args: readonly string[];
  /** CROS_USER_ID_HASH if it is set, else what the session manager says; empty if nobody is signed in. */
  readonly owner: string;
}

const COMMANDS: Readonly<Record<string, (call: Call) => ProgramAnswer | Promise<ProgramAnswer>>> = {
  list: ({ world, args, owner }) => {
    if (args.length > 0) return failed('expected no arguments');
    if (owner === '' || owner !== world.session.user?.hash)
      return operationFailed('disk_list', 'neither Crostini nor Parallels VMs are enabled');
    return done(formatVmList(world.vms.list(), world.config));
  },

  start: async ({ world, args, owner }) => {
    let name: string | undefined;
    let withShell = true;
    for (let index = 0; index < args.length; index++) {
      const word = args[index] ?? '';
      if (word === '--no-shell') withShell = false;
      if (!word.startsWith('--')) name = word;
      else if (!START_SWITCHES.includes(word) && !word.includes('=')) index++;
    }
    if (name === undefined) return failed('expected <name>');
    const refused = refuseOwner(world, owner);
    if (refused) return refused;
    const result = await world.vms.start(name);
    if ('error' in result) {
      return result.error.startsWith('DLC service')
        ? failed(result.error)
        : operationFailed('vm_start', `bad VM status: \`VM_STATUS_FAILURE\`: ${result.error}`);
    }
    return withShell ? { ...done(), then: shellOf(name, owner) } : done();
  },

  // A VM that does not run counts as stopped (section 2.3).
  stop: async ({ world, args: [name, ...more], owner }) => {
    if (name === undefined || more.length > 0) return failed('expected <name>');
    const refused = refuseOwner(world, owner);
    if (refused) return refused;
    await world.vms.stop(name);
    return done();
  },

  logs: ({ world, args: [name, file], owner }) => {
    if (name === undefined) return failed('expected <vm name> [<file>]');
    if (file !== undefined) return failed('this device writes logs to its output only');
    const refused = refuseOwner(world, owner);
    return refused ?? done(readLogs(name, owner));
  },

  // Not read-only on a real device, which makes a missing container; it never starts the VM (section 2.4).
  container: ({ world, args: [name, container], owner }) => {
    if (name === undefined || container === undefined)
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

function refuseOwner(world: World, owner: string): ProgramAnswer | undefined {
  if (owner === '' && world.session.isGuest) return failed('Crostini VMs are not available');
  if (owner === '') return failed('expected CROS_USER_ID_HASH environment variable');
  return owner === world.session.user?.hash
    ? undefined
    : failed('missing active session corresponding to $CROS_USER_ID_HASH');
}

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
export function formatVmList(
  vms: readonly Vm[],
  { vmcListFormat, vmType }: Pick<DeviceConfig, 'vmcListFormat' | 'vmType'>,
): string {
  const lines = vms.map(({ name, sizeBytes, state }) => {
    const running = state === 'stopped' ? '' : ` ${state}`;
    if (vmcListFormat === 'older') return `${name} (${sizeBytes} bytes, raw)`;
    if (vmcListFormat === '2024-02') return `${name} (${sizeBytes} bytes, raw)${running}`;
    return `${name} (${sizeBytes} bytes, raw, sparse) (on disk VM type: ${vmType}) ${running}`;
  });
  const total = vms.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return `${[...lines, `Total Size (bytes): ${total}`].join('\n')}\n`;
}

/** The log of a VM with its rotations, oldest first. */
function readLogs(name: string, owner: string): string {
  const encoded = Buffer.from(name).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
  const base = join(PATHS.daemonStore, owner, 'log', `${encoded}.log`);
  const files = [5, 4, 3, 2, 1].map((number) => `${base}.${number}`);
  const all = Buffer.concat([...files, base].filter((path) => existsSync(path)).map((path) => readFileSync(path)));
  return all.subarray(Math.max(0, all.length - LOGS_MAX)).toString('utf8');
}
