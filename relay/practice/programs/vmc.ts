import { pause } from '../io.ts';
import type { VirtualMachine } from '../machine/virtual-machine.ts';
import { always, fail, type Call, type Program } from '../shell/program.ts';

/** A failure as vmc's main prints it. */
class VmcError extends Error {}

/** `vmc` as at HEAD (chromeos-facts 2). There is no `vmc status`. */
export const vmc: Program = {
  name: 'vmc',
  isLive: always,
  complete: (args, shell) => completeVmc(args, shell.world.machine.machines),
  run: async (call) => {
    const [name, ...args] = call.args;
    if (name === undefined) {
      await call.stderr.write(usage);
      return 0;
    }
    if (name === '--help' || name === '-h') {
      await call.stdout.write(usage);
      return 0;
    }
    const subcommand = Object.hasOwn(subcommands, name) ? subcommands[name] : undefined;
    try {
      if (!subcommand) throw new VmcError(`no such subcommand: \`${name}\``);
      await subcommand(call, args);
      return 0;
    } catch (error) {
      if (!(error instanceof VmcError)) throw error;
      return fail(call, `Error: ${error.message}`);
    }
  },
};

function completeVmc(args: readonly string[], machines: ReadonlyMap<string, VirtualMachine>): readonly string[] {
  if (args.length === 0) return Object.keys(subcommands);
  if (args.length === 1) return [...machines.keys()];
  if (args[0] === 'container' && args.length === 2) return [...(machines.get(args[1] ?? '')?.containers.keys() ?? [])];
  return [];
}

const usage = `USAGE: vmc
   [ start [--enable-gpu] [--enable-big-gl] [--enable-virtgpu-native-context] [--vtpm-proxy] [--enable-audio-capture] [--extra-disk PATH] [--kernel PATH] [--initrd PATH] [--rootfs PATH] [--dlc ID] [--tools-dlc ID] [--no-start-lxd] [--writable-rootfs] [--kernel-param PARAM] [--timeout SECONDS] [--no-shell] [--user NAME] <name> |
     stop <name> |
     launch <name> |
     create [-p] [--size SIZE] [--source PATH] --vm-type TYPE <name> |
     destroy [-y] <name> |
     export [-d] [-f] <vm name> <file name> [removable storage name] |
     import <vm name> <file name> [removable storage name] |
     resize <vm name> <size> |
     list |
     logs <vm name> [<file name>] |
     share <vm name> <path> |
     unshare <vm name> <path> |
     container <vm name> <container name> [ (<image server> <image alias>) | (<rootfs path> <metadata path>)] [--privileged <true/false>] [--timeout SECONDS] |
     usb-attach <vm name> <bus>:<device> [<container name>] |
     usb-detach <vm name> <port> |
     usb-list <vm name> |
     --help | -h ]
`;

const subcommands: Readonly<Record<string, (call: Call, args: readonly string[]) => Promise<void>>> = {
  start: async (call, args) => {
    const [name, ...more] = operandsOf(args, [
      '--extra-disk',
      '--kernel',
      '--initrd',
      '--rootfs',
      '--dlc-id',
      '--tools-dlc',
      '--kernel-param',
      '--timeout',
      '--user',
      '--vm-type',
    ]);
    if (name === undefined || more.length > 0) throw new VmcError('expected <name>');
    requireUser(call);
    const vm = findVm(call, name, 'vm_start');
    if (!(await machineOf(call).startVm(vm, (ms) => pause(ms, call.signal)))) {
      throw new VmcError('operation `vm_start` failed: bad VM status: `VM_STATUS_FAILURE`: concierge is not running');
    }
    for (const container of vm.containers.keys())
      void machineOf(call).startContainer(vm, container, (ms) => pause(ms, vm.power.signal));
    if (!args.includes('--no-shell')) await runVsh(call, [`--vm_name=${name}`, `--owner_id=${hashOf(call)}`]);
  },
  stop: async (call, args) => {
    const [name, ...more] = args;
    if (name === undefined || more.length > 0) throw new VmcError('expected <name>');
    requireUser(call);
    // Stopping what is not running succeeds in silence (chromeos-facts 2.3).
    const vm = machineOf(call).findVm(name);
    if (vm) machineOf(call).stopVm(vm);
  },
  list: async (call, args) => {
    if (args.length > 0) throw new VmcError('expected no arguments');
    requireUser(call, 'disk_list');
    let total = 0;
    for (const vm of machineOf(call).machines.values()) {
      total += vm.size;
      await call.stdout.write(describe(vm));
    }
    await call.stdout.write(`Total Size (bytes): ${String(total)}\n`);
  },
  logs: async (call, args) => {
    const [name] = args;
    if (name === undefined) throw new VmcError('expected <vm name> [<file name>]');
    requireUser(call);
    findVm(call, name, 'get_vm_logs');
    const { vmLog } = machineOf(call).logs;
    for (let index = vmLog.depth; index >= 0; index--) {
      const file = vmLog.file(index);
      if (file && !(await call.stdout.write(file.read()))) return;
    }
  },
  container: async (call, args) => {
    const [vmName, name, ...more] = operandsOf(args, ['--privileged', '--timeout']);
    if (vmName === undefined || name === undefined || more.length === 1 || more.length > 2) {
      throw new VmcError('expected <vm name> <container name> [ <image server> <image alias> ]');
    }
    requireUser(call);
    const vm = machineOf(call).findVm(vmName);
    if (vm?.state !== 'running') {
      throw new VmcError(
        `operation \`container_create\` failed: failed to create container: \`UNKNOWN\`: requested VM does not exist: ${vmName}`,
      );
    }
    await machineOf(call).startContainer(vm, name, (ms) => pause(ms, call.signal));
    await runVsh(call, [
      `--vm_name=${vmName}`,
      `--owner_id=${hashOf(call)}`,
      `--target_container=${name}`,
      '--',
      'LXD_DIR=/mnt/stateful/lxd',
      'LXD_CONF=/mnt/stateful/lxd_conf',
    ]);
  },
  share: async (call, args) => {
    const [name, path] = args;
    if (name === undefined || path === undefined) throw new VmcError('expected <vm name> <path>');
    requireUser(call);
    findVm(call, name, 'vm_share_path');
    await call.stdout.write(`${path} is available at path /mnt/shared/MyFiles/${path}\n`);
  },
  'usb-list': async (call, args) => {
    if (args.length !== 1) throw new VmcError('expected <vm name>');
    requireUser(call);
    await call.stdout.write('No attached usb devices\n');
  },
  ...Object.fromEntries(
    [
      'launch',
      'create',
      'create-extra-disk',
      'adjust',
      'destroy',
      'disk-op-status',
      'export',
      'import',
      'inspect-backup',
      'resize',
      'set-crostini-vm-type',
      'unshare',
      'update-container-devices',
      'usb-attach',
      'usb-detach',
      'key-attach',
    ].map((name) => [
      name,
      async () => {
        throw new VmcError(`\`${name}\` is not on the practice device`);
      },
    ]),
  ),
};

/** `NAME (SIZE bytes, …, TYPE, sparse) (on disk VM type: …) STATE`, where the state brings a space of its own (chromeos-facts 2.2). */
function describe(vm: VirtualMachine): string {
  const minimum = vm.minimumSize === null ? '' : `, min shrinkable size ${String(vm.minimumSize)} bytes`;
  const state = vm.state === 'stopped' ? '' : ` ${vm.state}`;
  return `${vm.name} (${String(vm.size)} bytes${minimum}, raw${vm.minimumSize === null ? '' : ', sparse'}) (on disk VM type: ${vm.type}) ${state}\n`;
}

const machineOf = (call: Call) => call.shell.world.machine;

/** CROS_USER_ID_HASH as it is when set, else session_manager's answer (chromeos-facts 2.4). */
const hashOf = (call: Call): string => call.env['CROS_USER_ID_HASH'] ?? machineOf(call).userHash;

function requireUser(call: Call, operation?: string): void {
  const { session, userHash, upstart } = machineOf(call);
  const given = call.env['CROS_USER_ID_HASH'];
  if (given === undefined && session === 'no-bus')
    throw new VmcError('expected CROS_USER_ID_HASH environment variable');
  if (session !== 'user') {
    throw new VmcError(
      operation
        ? `operation \`${operation}\` failed: neither Crostini nor Parallels VMs are enabled`
        : 'Crostini VMs are not available',
    );
  }
  if (hashOf(call) !== userHash) throw new VmcError('missing active session corresponding to $CROS_USER_ID_HASH');
  if (!upstart.isRunning('vm_concierge')) {
    throw new VmcError('D-Bus error: The name org.chromium.VmConcierge was not provided by any .service files');
  }
}

function findVm(call: Call, name: string, operation: string): VirtualMachine {
  const vm = machineOf(call).findVm(name);
  if (!vm) throw new VmcError(`operation \`${operation}\` failed: disk image of ${name} does not exist`);
  return vm;
}

function operandsOf(args: readonly string[], valued: readonly string[]): readonly string[] {
  return args.filter((word, index) => !word.startsWith('--') && !valued.includes(args[index - 1] ?? ''));
}

/** vmc execs vsh and throws its status away (chromeos-facts 2.4). */
async function runVsh(call: Call, args: readonly string[]): Promise<void> {
  const program = call.shell.findProgram('vsh');
  if (program) await program.run({ ...call, name: 'vsh', args });
}
