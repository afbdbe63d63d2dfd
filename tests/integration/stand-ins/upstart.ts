import { describe, expect, it } from 'vitest';
import { CONSOLE, VSH, type StandInsUnderTest } from './device-commands.ts';

export function describeUpstart({ device }: StandInsUnderTest): void {
  describe('upstart (chromeos-facts.md sections 5.2 and 6)', () => {
    const pidOf = async (job: string) => /process (\d+)/.exec((await device().ssh(`status ${job}`)).stdout)?.[1];

    it('says what runs, with a pid that is a process', async () => {
      expect((await device().ssh('status vm_concierge')).stdout).toMatch(
        /^vm_concierge start\/running, process \d+\n$/,
      );
      expect(await device().ssh(`kill -0 ${await pidOf('vm_concierge')}`)).toMatchObject({ code: 0 });
      expect(await device().ssh('status no-such-job')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('Unknown job: no-such-job') as string,
      });
    });

    it('restarts concierge alone: the trap', async () => {
      const [concierge, cicerone, seneschal] = await Promise.all(
        ['vm_concierge', 'vm_cicerone', 'seneschal'].map(pidOf),
      );
      expect(await device().ssh('restart vm_concierge')).toMatchObject({ code: 0 });
      expect(await pidOf('vm_concierge')).not.toBe(concierge);
      expect(await pidOf('vm_cicerone')).toBe(cicerone);
      expect(await pidOf('seneschal')).toBe(seneschal);
    });

    it('stops and starts the others with concierge, and ends the VMs', async () => {
      const cicerone = await pidOf('vm_cicerone');
      expect((await device().ssh('stop vm_concierge && start vm_concierge')).stdout).toMatch(
        /^vm_concierge stop\/waiting\nvm_concierge start\/running, process \d+\n$/,
      );
      expect(await pidOf('vm_cicerone')).toMatch(/^\d+$/);
      expect(await pidOf('vm_cicerone')).not.toBe(cicerone);
      expect((await device().ssh('vmc list')).stdout).toContain('crostini) \n');
      await device().act('vmc', 'start', '--no-shell', 'termina');
    });

    it('does not start what is stopped by stop && start', async () => {
      await device().ssh('stop vm_concierge');
      expect(await device().ssh('stop vm_concierge && start vm_concierge')).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringContaining('stop: Unknown instance:') as string,
      });
      expect(await device().ssh(`${VSH} -- true`)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('Failed to send dbus message to concierge service') as string,
      });
      await device().ssh('start vm_concierge');
      expect(await device().ssh('start vm_concierge')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('Job is already running: vm_concierge') as string,
      });
    });

    it('gives each start of a VM another cid (section 6)', async () => {
      const cid = async () => {
        await device().act('vmc', 'stop', 'termina');
        await device().act('vmc', 'start', '--no-shell', 'termina');
        return Number(/VM\((\d+)\)/.exec((await device().ssh(`tail -n 1 '${CONSOLE}'`)).stdout)?.[1]);
      };
      const first = await cid();
      expect(first).toBeGreaterThanOrEqual(32);
      expect(await cid()).toBe(first + 1);
    });
  });
}
