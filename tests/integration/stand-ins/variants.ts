import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type TestDevice, startDevice } from '../../device/start.ts';
import { VSH } from './device-commands.ts';

/** Devices that were made otherwise. */
export function describeVariants(tier: 1 | 2): void {
  describe(`variants of tier ${tier} (chromeos-facts.md section 11)`, () => {
    const devices: TestDevice[] = [];
    const make = async (variant: Parameters<typeof startDevice>[1]) => {
      const device = await startDevice(tier, variant);
      devices.push(device);
      return device;
    };
    afterAll(() => Promise.all(devices.map((device) => device.stop())));

    it('no test image: another track, no autologin (9)', async () => {
      const device = await make({ testImage: false });
      expect((await device.ssh('grep TRACK /etc/lsb-release')).stdout).toBe('CHROMEOS_RELEASE_TRACK=stable-channel\n');
      expect(await device.ssh('ls /usr/local/autotest/bin/autologin.py')).toMatchObject({ code: 2 });
    });

    it('aarch64 with termina-dlc absent: no VM starts (2.3, 7)', async () => {
      const device = await make({ arch: 'aarch64', terminaDlc: false });
      expect((await device.ssh('uname -m')).stdout).toBe('aarch64\n');
      expect(await device.ssh('vmc start --no-shell termina')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('DLC service failed to install module `termina-dlc`') as string,
      });
      expect((await device.ssh('dlcservice_util --id=termina-dlc --dlc_state')).stdout).toContain('"state": 0');
      expect(await device.ssh('dlcservice_util --id=termina-dlc --install')).toMatchObject({ code: 1 });
      expect(await device.ssh('ls /run/imageloader/termina-dlc')).toMatchObject({ code: 2 });
    });

    it('aarch64: uname says so in the VM and in its container too (7.2)', async () => {
      const device = await make({ arch: 'aarch64' });
      await device.act('vmc', 'start', '--no-shell', 'termina');
      const { stdout } = await device.ssh(
        `uname -m; ${VSH} -- uname -m; ${VSH} --target_container=penguin -- uname -m; ${VSH} --target_container=penguin -- sh -c uname\\ -a; cros_config / name`,
      );
      const lines = stdout.split('\n');
      expect(lines.slice(0, 3)).toEqual(['aarch64', 'aarch64', 'aarch64']);
      expect(lines[3]).toMatch(/^Linux penguin .* aarch64 GNU\/Linux$/);
      expect(lines[4]).toBe('lazor');
    });

    it('not in developer mode (9)', async () => {
      const device = await make({ devMode: false });
      expect(await device.ssh('crossystem cros_debug; crossystem "cros_debug?1"')).toMatchObject({
        stdout: '0',
        code: 1,
      });
    });

    it.each([
      ['2022', /^ERROR vsh: \[vsh\.cc\(\d+\)\] F/, /^ERROR vsh: \[vsh_client\.cc\(\d+\)\] Server was/],
      ['2018', /^\[ERROR:vsh\.cc\(\d+\)\] F/, /^\[ERROR:vsh_client\.cc\(\d+\)\] Server was/],
    ] as const)('vsh errors as in %s, its own and of the guest (1.5)', async (vshRelease, own, client) => {
      const device = await make({ vshRelease });
      expect((await device.ssh(`${VSH} -- true`)).stderr).toMatch(own);
      expect((await device.ssh('vsh')).stderr).toMatch(/\] Exactly one of --cid or --vm_name is required\n$/);
      await device.act('vmc', 'start', '--no-shell', 'termina');
      expect((await device.ssh(`${VSH} --user=nobody-here -- true`)).stderr).toMatch(client);
    });

    it('Baguette: no LXD, no chronos, and penguin is the VM (1.6, 7.4)', async () => {
      const device = await make({ vmType: 'baguette' });
      await device.act('vmc', 'start', '--no-shell', 'termina');
      expect((await device.ssh('vmc list')).stdout).toContain('(on disk VM type: baguette)  running');
      const chronos = await device.ssh(`${VSH} -- true`);
      expect(chronos.code).toBe(1);
      expect(chronos.stderr).toContain(
        'could not find user: chronos, if attempting to connect to a containerless guest',
      );
      expect(await device.ssh(`${VSH} --target_container=penguin -- id -un`)).toMatchObject({ stdout: 'testuser\n' });
      expect(await device.ssh(`${VSH} --user=root -- ls /mnt/stateful/lxd`)).toMatchObject({ code: 2 });
      expect((await device.ssh('cicerone_client --get_info')).stdout).toContain('\tContainer: penguin\n');
    });

    it.each(['2024-02', 'older'] as const)('vmc list as in %s (2.2)', async (vmcListFormat) => {
      const device = await make({ vmcListFormat });
      await device.act('vmc', 'start', '--no-shell', 'termina');
      expect((await device.ssh('vmc list')).stdout).toMatch(
        vmcListFormat === 'older'
          ? /^termina \(\d+ bytes, raw, sparse\)\n/
          : /^termina \(\d+ bytes, raw, sparse\) running\n/,
      );
    });

    it('lets root in with the password of test images, and with no other (10)', async () => {
      const device = await make({});
      expect(await loginWith(device, 'test0000')).toBe(0);
      expect(await loginWith(device, 'wrong')).toBe(255);
    });
  });
}

/** Logs in with a password only: ssh asks the program that SSH_ASKPASS names. */
async function loginWith(device: TestDevice, password: string): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'askpass-'));
  const askpass = join(folder, 'askpass');
  await writeFile(askpass, '#!/bin/sh\nprintf "%s\\n" "$DEVICE_PASSWORD"\n', { mode: 0o700 });
  const options = device.sshOptions.filter((word, index, all) => word !== '-i' && all[index - 1] !== '-i');
  const child = spawn(
    'ssh',
    [...options, '-o', 'PubkeyAuthentication=no', '-o', 'NumberOfPasswordPrompts=1', `root@${device.host}`, 'true'],
    {
      stdio: 'ignore',
      env: { ...process.env, DEVICE_PASSWORD: password, SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force' },
    },
  );
  const [code] = (await once(child, 'close')) as [number];
  await rm(folder, { recursive: true });
  return code;
}
