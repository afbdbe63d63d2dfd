import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RiggedDevice, startRiggedDevice } from './device-under-test.ts';
import { describeMainJob } from './main-job.ts';

let device: RiggedDevice;

beforeAll(async () => {
  // The other architecture than most machines have: what `uname` says is a stand-in's.
  device = await startRiggedDevice(1, { arch: 'aarch64' });
});

afterAll(() => device?.close());

describe('a reboot', () => {
  it('closes connections in order, and comes back signed out, as another boot', async () => {
    const { rig, target } = device;
    const bootId = async () => {
      const result = await rig.run(target, 'cat /proc/sys/kernel/random/boot_id; cut -d. -f1 /proc/uptime');
      if ('problem' in result) throw new Error(result.problem.message);
      return result.stdout.split('\n');
    };
    const [before] = await bootId();
    const shell = rig.open({ target, command: 'cat', pty: null });
    await new Promise((resolve) => setImmediate(resolve));
    shell.write('here\n');
    await shell.until('here');
    await device.device.act('reboot', '0');
    expect(await shell.ended).toMatchObject({ problem: { code: 'connection-lost' } });
    const [after, uptime] = await bootId();
    expect(after).not.toBe(before);
    expect(Number(uptime)).toBeLessThan(60);
    // At the login screen: nobody, and nothing of VMs runs (chromeos-facts.md section 6).
    expect(await rig.run(target, 'status vm_concierge')).toMatchObject({ stdout: 'vm_concierge stop/waiting\n' });
    await device.device.act('signin');
    await device.device.act('vmc', 'start', '--no-shell', 'termina');
  });
});

describeMainJob('a device in a user namespace (aarch64)', () => device, 'guests');
