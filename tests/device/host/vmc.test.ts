import { describe, expect, it } from 'vitest';
import type { DeviceConfig } from '../config.ts';
import { formatVmList, vmc } from './vmc.ts';
import type { Vm, World } from './world.ts';

const RUNNING: Vm = { name: 'termina', sizeBytes: 10737418240, state: 'running', cid: 33, containers: ['penguin'] };
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
    ['2024-02', RUNNING, 'termina (10737418240 bytes, raw) running\n'],
    ['2024-02', STOPPED, 'termina (10737418240 bytes, raw)\n'],
    ['older', RUNNING, 'termina (10737418240 bytes, raw)\n'],
  ] as const)('%s', (vmcListFormat, vm, line) => {
    expect(formatVmList([vm], { vmcListFormat, vmType: 'crostini' })).toBe(`${line}Total Size (bytes): 10737418240\n`);
  });

  it('names a Baguette disk, whatever the VM is called (section 7.4)', () => {
    expect(formatVmList([RUNNING], { vmcListFormat: '2025-07', vmType: 'baguette' })).toContain(
      '(on disk VM type: baguette)',
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
