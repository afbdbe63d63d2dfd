import { describe, expect, it } from 'vitest';
import type { DeviceConfig } from '../config.ts';
import { formatVmList, vmc } from './vmc.ts';
import type { Vm, World } from './world.ts';

const RUNNING: Vm = {
  name: 'termina',
  sizeBytes: 10737418240,
  isSparse: true,
  type: 'crostini',
  state: 'running',
  cid: 33,
  containers: ['penguin'],
};
const STOPPED: Vm = { ...RUNNING, state: 'stopped', cid: null, containers: [] };
const HASH = '5c990f446325244d42d5919b06dcd2615e74cbfc';

function world(part: { vms?: Vm[]; user?: boolean; isGuest?: boolean; startError?: string } = {}): World {
  const { vms = [RUNNING], user = true, isGuest = false, startError } = part;
  return {
    config: { vmcListFormat: '2025-07', vmType: 'crostini' } as DeviceConfig,
    session: {
      user: user ? { email: 'u@example.com', hash: HASH } : null,
      isGuest,
      signIn: () => Promise.resolve(),
      signInAsGuest: () => Promise.resolve(),
      signOut: () => Promise.resolve(),
    },
    jobs: { pid: () => 1, isRunning: () => true },
    vms: {
      list: () => vms,
      start: () => Promise.resolve(startError === undefined ? { ok: true } : { error: startError }),
      stop: () => Promise.resolve(),
      create: (name) => !vms.some((vm) => vm.name === name),
      destroy: (name) => Promise.resolve(vms.some((vm) => vm.name === name)),
      resize: (name) => vms.some((vm) => vm.name === name),
    },
    log: () => undefined,
  };
}

const run = (argv: string[], part = {}, env: Record<string, string> = {}) =>
  vmc(world(part), { program: 'vmc', argv, env });

describe('vmc list (chromeos-facts.md section 2.2)', () => {
  it.each([
    ['2025-07', RUNNING, 'termina (10737418240 bytes, raw, sparse) (on disk VM type: crostini)  running\n'],
    ['2025-07', STOPPED, 'termina (10737418240 bytes, raw, sparse) (on disk VM type: crostini) \n'],
    ['2024-02', RUNNING, 'termina (10737418240 bytes, raw, sparse) running\n'],
    ['2024-02', STOPPED, 'termina (10737418240 bytes, raw, sparse)\n'],
    ['older', RUNNING, 'termina (10737418240 bytes, raw, sparse)\n'],
  ] as const)('%s', (vmcListFormat, vm, line) => {
    expect(formatVmList([vm], { vmcListFormat })).toBe(`${line}Total Size (bytes): 10737418240\n`);
  });

  it('names a Baguette disk, whatever the VM is called (section 7.4)', () => {
    expect(formatVmList([{ ...RUNNING, type: 'baguette' }], { vmcListFormat: '2025-07' })).toContain(
      '(on disk VM type: baguette)',
    );
  });

  it('tells a disk whose size somebody chose', () => {
    expect(formatVmList([{ ...STOPPED, isSparse: false }], { vmcListFormat: '2025-07' })).toContain(
      'termina (10737418240 bytes, raw) (on disk VM type: crostini) \n',
    );
  });
});

describe('errors (chromeos-facts.md sections 2.1 and 2.3)', () => {
  it('prints its usage on stderr without arguments, and succeeds', async () => {
    expect(await run([])).toMatchObject({ stdout: '', code: 0, stderr: expect.stringMatching(/^USAGE/) as string });
  });

  it.each([
    [['status'], {}, {}, 'no such subcommand: `status`'],
    [['start'], {}, {}, 'expected <name>'],
    [['stop'], {}, {}, 'expected <name>'],
    [['list', 'x'], {}, {}, 'expected no arguments'],
    [['container', 'termina'], {}, {}, 'expected <vm name> <container name> [ <image server> <image alias> ]'],
    [['list'], { user: false }, {}, 'operation `disk_list` failed: neither Crostini nor Parallels VMs are enabled'],
    [['start', 'termina'], { user: false }, {}, 'expected CROS_USER_ID_HASH environment variable'],
    [['start', 'termina'], { user: false, isGuest: true }, {}, 'Crostini VMs are not available'],
    [
      ['start', 'termina'],
      {},
      { CROS_USER_ID_HASH: 'f00' },
      'missing active session corresponding to $CROS_USER_ID_HASH',
    ],
    [
      ['container', 'termina', 'penguin'],
      { vms: [STOPPED] },
      {},
      'operation `container_create` failed: failed to create container: `UNKNOWN`: requested VM does not exist: termina',
    ],
    [
      ['start', 'termina'],
      { startError: 'DLC service failed to install module `termina-dlc`: not there' },
      {},
      'DLC service failed to install module `termina-dlc`: not there',
    ],
    [
      ['start', 'termina'],
      { startError: 'x' },
      {},
      'operation `vm_start` failed: bad VM status: `VM_STATUS_FAILURE`: x',
    ],
  ])('%j', async (argv, part, env, text) => {
    expect(await run(argv, part, env as Record<string, string>)).toEqual({
      stdout: '',
      stderr: `Error: ${text}\n`,
      code: 1,
    });
  });

  it('stops a VM that does not run without a word', async () => {
    expect(await run(['stop', 'termina'], { vms: [STOPPED] })).toEqual({ stdout: '', stderr: '', code: 0 });
  });
});

describe('every subcommand of section 2.1 is one, and says what it expects (chromeos-facts.md sections 2.1 and 2.3)', () => {
  const NO_FILE = 'expected <vm name> <file name> [removable storage name]';

  it.each([
    ['launch', [], 'expected <name>'],
    ['create', [], 'OptionMissing("vm-type")'],
    ['create', ['--vm-type', 'crostini'], 'expected <vm name> [<file name> [removable storage name]]'],
    ['create', ['--vm-type', 'borealis', 'x'], 'Invalid VM type'],
    [
      'create',
      ['--vm-type', 'crostini', '--size', '3K', 'x'],
      'expected unsigned integer for the disk size. (e.g. 1000000000, 256M, 1G)',
    ],
    ['create-extra-disk', ['x'], 'OptionMissing("size")'],
    ['create-extra-disk', ['--size', '1M'], 'expected <path>'],
    ['adjust', ['termina'], 'expected <name>'],
    ['destroy', [], 'expected <name>'],
    ['destroy', ['--force', 'x'], 'UnrecognizedOption("force")'],
    ['destroy', ['termina'], 'cancelled by user'],
    [
      'destroy',
      ['-y', 'x'],
      'operation `disk_destroy` failed: bad disk image status: `DISK_STATUS_DOES_NOT_EXIST`: No such image',
    ],
    ['disk-op-status', [], 'expected <command UUID>'],
    ['export', ['termina'], NO_FILE],
    ['export', ['no-vm', 'x'], 'operation `vm_export` failed: VM with such name does not exist'],
    ['export', ['termina', '../x'], 'operation `vm_export` failed: invalid path: `../x`'],
    ['import', ['termina'], NO_FILE],
    ['inspect-backup', [], 'expected <file name> [removable storage name]'],
    ['resize', ['termina'], 'expected <vm name> <size>'],
    ['resize', ['termina', '10G'], 'expected <size>'],
    ['logs', [], 'expected <vm name> [<file>]'],
    ['set-crostini-vm-type', ['x'], 'Invalid VM type'],
    ['share', ['termina'], 'expected <vm name> <path>'],
    ['unshare', [], 'expected <vm name> <path>'],
    ['update-container-devices', ['termina', 'penguin'], 'expected args `<device>:<enable|disable>`'],
    ['update-container-devices', ['termina', 'penguin', 'mic'], 'invalid vm device action mic'],
    ['update-container-devices', ['termina', 'penguin', ':enable'], 'invalid vm device <empty>'],
    ['usb-attach', ['termina', '1'], 'expected <vm name> <bus>:<device> [<container name>]'],
    ['usb-attach', ['termina', '256:1'], 'expected <bus> to fit into an 8-bit integer'],
    ['usb-attach', ['termina', '1:x'], 'expected <device> to fit into an 8-bit integer'],
    ['usb-detach', ['termina'], 'expected <vm name> <port>'],
    ['usb-detach', ['termina', '300'], 'expected <port> to fit into an 8-bit integer'],
    ['usb-list', [], 'expected <name>'],
    ['key-attach', ['termina'], 'expected <vm name> <hidraw file>'],
    ['container', ['termina', 'penguin', '--privileged', 'x'], 'Expected <true/false> after the privileged flag'],
    ['start', ['--timeout'], 'ArgumentMissing("timeout")'],
  ])('%s %j: %s', async (command, args, text) => {
    const { stderr, code } = await run([command, ...args]);
    expect({ stderr, code }).toEqual({ stderr: `Error: ${text}\n`, code: 1 });
  });

  it.each([
    ['share', 'x', 'failed to share path with vm: '],
    ['usb-attach', '1:2', 'failed to attach usb device to vm: '],
    ['usb-detach', '1', 'failed to detach usb device from vm: '],
    ['key-attach', '/dev/hidraw0', 'failed to attach security key to vm: '],
    ['adjust', 'x', 'failed to adjust vm: '],
  ])('%s fails as ChromeOS says such a failure', async (command, argument, text) => {
    const { stderr, code } = await run([command, 'termina', argument]);
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^Error: operation \`\\w+\` failed: ${text}.+\n$`));
  });

  it.each([
    [['create', '--vm-type', 'baguette', 'other'], ''],
    [['destroy', '--yes', 'termina'], ''],
    [['resize', 'termina', '1000'], 'Operation completed successfully\n'],
    [['usb-list', 'termina'], 'No attached usb devices\n'],
    [['set-crostini-vm-type', 'Baguette'], ''],
  ])('%j succeeds', async (argv, stdout) => {
    expect(await run(argv)).toEqual({ stdout, stderr: '', code: 0 });
  });

  it('asks nothing before it destroys with VMC_NONINTERACTIVE (2.4)', async () => {
    expect(await run(['destroy', 'termina'], {}, { VMC_NONINTERACTIVE: '1' })).toMatchObject({ code: 0 });
    expect(await run(['destroy', 'termina'])).toMatchObject({ stdout: expect.stringContaining('(y/N)') as string });
  });
});

describe('shells (chromeos-facts.md section 2.4)', () => {
  const LXD = ['LXD_DIR=/mnt/stateful/lxd', 'LXD_CONF=/mnt/stateful/lxd_conf'];

  it('opens one in the VM after start, none with --no-shell, and drops its status', async () => {
    expect(await run(['start', '--dlc-id', 'termina-dlc', 'termina'])).toMatchObject({
      code: 0,
      then: ['vsh', '--vm_name=termina', `--owner_id=${HASH}`, '--', ...LXD],
    });
    expect(await run(['start', '--no-shell', 'termina'])).not.toHaveProperty('then');
  });

  it('opens one in the container', async () => {
    expect(await run(['container', 'termina', 'penguin'])).toMatchObject({
      code: 0,
      then: ['vsh', '--vm_name=termina', `--owner_id=${HASH}`, '--target_container=penguin', '--', ...LXD],
    });
  });
});
