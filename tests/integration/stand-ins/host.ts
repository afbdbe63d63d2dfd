import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type StandInsUnderTest, VSH } from './device-commands.ts';

/** What a device says of itself. */
export function describeHost({ device }: StandInsUnderTest): void {
  describe('the host (chromeos-facts.md sections 7 and 9)', () => {
    it('names its model and its form', async () => {
      const { stdout } = await device().ssh(
        'cros_config / name; echo; cat /run/chromeos-config/v1/hardware-properties/form-factor; echo; crossystem cros_debug',
      );
      expect(stdout).toBe(`${device().config.arch === 'aarch64' ? 'lazor' : 'voxel'}\nCHROMEBOOK\n1`);
    });

    it('prints the fingerprint of its host key by the command that the app names', async () => {
      const { stdout } = await device().ssh('ssh-keygen -lf /mnt/stateful_partition/etc/ssh/ssh_host_ed25519_key.pub');
      const [file] = device().sshOptions.flatMap((option) => /^UserKnownHostsFile=(.*)/.exec(option)?.[1] ?? []);
      const known = execFileSync('ssh-keygen', ['-lf', file ?? ''], { encoding: 'utf8' });
      expect(stdout.split(' ')[1]).toMatch(/^SHA256:/);
      expect(stdout.split(' ')[1]).toBe(known.split(' ')[1]);
    });

    it('takes termina-dlc away and brings it back, by hand or with the next VM', async () => {
      const { stdout } = await device().ssh(
        'dlc() { dlcservice_util --id=termina-dlc "$@"; }; dlc --uninstall; ls /run/imageloader; dlc --dlc_state | grep state; dlc --install; dlc --dlc_state | grep state; grep BOARD /run/imageloader/termina-dlc/package/root/lsb-release; dlc --uninstall; vmc stop termina; vmc start --no-shell termina; dlc --dlc_state | grep state',
      );
      expect(stdout).toBe('   "state": 0\n   "state": 2\nCHROMEOS_RELEASE_BOARD=tatl\n   "state": 2\n');
    });

    it('lists containers by VM, indented by tabs', async () => {
      expect((await device().ssh('cicerone_client --get_info')).stdout).toMatch(
        /^VM: termina\n\tContainer: penguin\n\t\t\S/,
      );
    });

    it('says the same architecture in all three places', async () => {
      const { stdout } = await device().ssh(
        `uname -m; ${VSH} -- uname -m; ${VSH} --target_container=penguin -- uname -m`,
      );
      expect(stdout).toBe(`${device().config.arch}\n`.repeat(3));
    });
  });
}
