import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deviceFiles } from '../device/state.ts';
import { type RiggedDevice, startRiggedDevice } from './device-under-test.ts';
import { describeMainJob } from './main-job.ts';
import { HASH, RETRIEVE } from './stand-ins/device-commands.ts';

/*
 * What is left of tier 1 where the kernel refuses user namespaces, forced here: everything runs as whoever runs the
 * test, on this machine's own files.
 */
let device: RiggedDevice;

beforeAll(async () => {
  device = await startRiggedDevice(1, { plain: true, arch: process.arch === 'arm64' ? 'x86_64' : 'aarch64' });
});

afterAll(() => device?.close());

describe('a device without namespaces', () => {
  it('answers the real dbus-send, also with a session manager that is gone (chromeos-facts.md section 4)', async () => {
    const { ssh } = device.device;
    expect((await ssh(`${RETRIEVE}RetrievePrimarySession`)).stdout).toContain(`string "${HASH}"`);
    const stopped = await ssh(`stop ui; ${RETRIEVE}RetrievePrimarySession; echo "code $?"; start ui`);
    expect(stopped.stdout).toMatch(/code 1\nui start\/running, process \d+\n$/);
    expect(stopped.stderr).toContain('ServiceUnknown');
    await device.device.act('signin');
  });

  it('has the jobs and their trap, and an upstart.log of its own (5.2)', async () => {
    const { ssh } = device.device;
    const pids = `for job in vm_concierge vm_cicerone; do status $job | grep -o '[0-9]*$'; done`;
    const [concierge, cicerone] = (await ssh(pids)).stdout.split('\n');
    await ssh('restart vm_concierge');
    const after = (await ssh(pids)).stdout.split('\n');
    expect(after[0]).not.toBe(concierge);
    expect(after[1]).toBe(cicerone);
    expect((await ssh('grep -c vm_concierge "$DEVICE_ROOT/var/log/upstart.log"')).stdout).toMatch(/^[1-9]/);
  });

  it('starts no VM, and says why', async () => {
    const { ssh } = device.device;
    const started = await ssh('vmc start --no-shell termina');
    expect(started.code).toBe(1);
    expect(started.stderr).toContain(
      'bad VM status: `VM_STATUS_FAILURE`: this device has no namespaces to run a VM in',
    );
    expect((await ssh(`vsh --vm_name=termina --owner_id=${HASH} -- true`)).stderr).toContain('Failed to get VM info');
  });
});

describeMainJob('a private sshd without namespaces', () => device, 'device');

it('leaves no process and no file behind', async () => {
  const name = device.device.name;
  const root = deviceFiles(name).plainRoot;
  const processes = () =>
    readdirSync('/proc').filter((entry) => {
      try {
        return /^\d+$/.test(entry) && readFileSync(`/proc/${entry}/environ`, 'utf8').includes(root);
      } catch {
        return false;
      }
    });
  // One that nobody waits for, with its connection.
  void device.device.ssh('sleep 4141');
  while (processes().length < 10) await new Promise((resolve) => setImmediate(resolve));
  await device.close();
  expect(processes()).toEqual([]);
  expect(existsSync(deviceFiles(name).directory)).toBe(false);
});
