import { describe, expect, it } from 'vitest';
import { CONSOLE, HASH, VSH, type StandInsUnderTest, pipe } from './device-commands.ts';

export function describeVmc({ device }: StandInsUnderTest): void {
  describe('vmc (chromeos-facts.md section 2)', () => {
    it('lists the running VM with two spaces before its state (2.2)', async () => {
      const { stdout } = await device().ssh('vmc list');
      expect(stdout).toMatch(
        /^termina \(\d+ bytes, raw, sparse\) \(on disk VM type: crostini\) {2}running\nTotal Size \(bytes\): \d+\n$/,
      );
    });

    it('throws the status of its shell away (2.4)', async () => {
      expect(await pipe(device(), 'id -un; exit 9\n', 'vmc container termina penguin')).toEqual({
        code: 0,
        stdout: 'testuser\n',
      });
    });

    it('has no status (2.1)', async () => {
      expect(await device().ssh('vmc status')).toEqual({
        code: 1,
        stdout: '',
        stderr: 'Error: no such subcommand: `status`\n',
      });
    });

    it('prints the log with its rotations, oldest first (2.4)', async () => {
      await device().ssh(`${VSH} -- before-rotation`);
      await device().ssh(`until grep -q before-rotation '${CONSOLE}'; do :; done`);
      await device().act('rotate');
      await device().ssh(`${VSH} -- after-rotation; until grep -q after-rotation '${CONSOLE}'; do :; done`);
      const { stdout } = await device().ssh('vmc logs termina');
      expect(stdout.indexOf('before-rotation')).toBeGreaterThan(0);
      expect(stdout.indexOf('after-rotation')).toBeGreaterThan(stdout.indexOf('before-rotation'));
    });

    it('makes, lists, resizes and destroys disks (2.1, 2.2)', async () => {
      const { stdout, stderr } = await device().ssh(
        'vmc create --vm-type crostini --size 1G other && vmc list | grep other; vmc resize other 2000000000; vmc list | grep other; vmc create --vm-type crostini other; vmc destroy -y other; vmc list | grep -c other',
      );
      expect(stdout).toBe(
        'other (1073741824 bytes, raw) (on disk VM type: crostini) \nOperation completed successfully\nother (2000000000 bytes, raw) (on disk VM type: crostini) \n0\n',
      );
      expect(stderr).toMatch(/^Error: operation `vm_create` failed: bad disk image status: .*\n$/);
    });

    it("writes the log to a file of the user's too (2.4)", async () => {
      const { stdout } = await device().ssh(
        `vmc logs termina logs/termina.txt && cat /home/user/${HASH}/MyFiles/logs/termina.txt`,
      );
      expect(stdout).toMatch(/ <13> {2}VM\(\d+\): /);
      expect(await device().ssh('vmc logs termina ../x')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('invalid path') as string,
      });
    });
  });
}
