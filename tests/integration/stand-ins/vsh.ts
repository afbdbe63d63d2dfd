import { describe, expect, it } from 'vitest';
import { CONSOLE, VSH, type StandInsUnderTest, onTerminal, pipe } from './device-commands.ts';

export function describeVsh({ device }: StandInsUnderTest): void {
  describe('vsh (chromeos-facts.md section 1)', () => {
    it.each([
      ['the code of the guest', `${VSH} -- sh -c 'exit 42'`, 42],
      ['the number of a signal, not 128 more', `${VSH} -- sh -c 'kill -9 $$'`, 9],
      ['1 for a command that is not there', `${VSH} -- no-such-program`, 1],
      ['64 for an unknown flag', `${VSH} ls -la`, 64],
      ['65 for a wrong value', 'vsh --cid=x', 65],
      ['1 for an owner that is not signed in', 'vsh --vm_name=termina --owner_id=f00 -- true', 1],
    ])('ends with %s (1.4)', async (_title, command, code) => {
      expect(await device().ssh(command)).toMatchObject({ code });
    });

    it('is chronos in the VM unless told otherwise, and may be root (1.1, 1.6)', async () => {
      expect(await device().ssh(`${VSH} -- id -un`)).toMatchObject({ stdout: 'chronos\n' });
      expect(await device().ssh(`${VSH} --user=root -- id -un`)).toMatchObject({ stdout: 'root\n' });
      const unknown = await device().ssh(`${VSH} --user=nobody-here -- true`);
      expect(unknown.code).toBe(1);
      expect(unknown.stderr).toContain('] Server was unable to set up connection: could not find user: nobody-here');
    });

    it('is the user of the container there, and cannot become root (1.6)', async () => {
      expect(await device().ssh(`${VSH} --target_container=penguin -- id -un`)).toMatchObject({ stdout: 'testuser\n' });
      const root = await device().ssh(`${VSH} --target_container=penguin --user=root -- true`);
      expect(root.code).toBe(1);
      expect(root.stderr).toContain('cannot change to user: root');
    });

    it('gives the command TERM, HOME, SHELL and what was asked for, and nothing else (1.2)', async () => {
      const { stdout } = await device().ssh(`${VSH} -- A=1 HOME=/elsewhere env`);
      expect(stdout.trim().split('\n').sort()).toEqual(['A=1', 'HOME=/home/chronos', 'SHELL=/bin/bash', 'TERM=linux']);
    });

    it('runs the command without a shell (1.2)', async () => {
      expect(await device().ssh(`${VSH} -- echo '$HOME && *'`)).toMatchObject({ stdout: '$HOME && *\n' });
    });

    it('refuses a message of more than 4096 bytes (1.2)', async () => {
      const { code, stderr } = await device().ssh(`${VSH} -- echo ${'x'.repeat(5000)}`);
      expect(code).toBe(1);
      expect(stderr).toMatch(/\] Serialized message too large: 50\d\d\n.*\] Failed to send connection request\n/s);
    });

    it('keeps stdout and stderr apart without a terminal (1.3)', async () => {
      const { stdout, stderr } = await device().ssh(`${VSH} -- sh -c 'echo out; echo err >&2; tty'`);
      expect(stdout).toBe('out\nnot a tty\n');
      expect(stderr).toBe('err\n');
    });

    it('reads a pipe to its end, but never a file (1.3)', async () => {
      expect(await pipe(device(), 'piped\n', `${VSH} -- cat`)).toEqual({ code: 0, stdout: 'piped\n' });
      // With a file as stdin the guest waits for ever: the shell's own timeout ends it.
      expect(await device().ssh(`timeout 1 ${VSH} -- cat < /etc/lsb-release`)).toMatchObject({ code: 124, stdout: '' });
    });

    it('forwards a signal to the guest (1.3)', async () => {
      const { stdout, code } = await device().ssh(
        `${VSH} -- sh -c 'trap "echo told; exit 3" TERM; echo ready; while :; do :; done' > /tmp/out & until grep -q ready /tmp/out; do :; done; kill -TERM $!; wait $!; echo "code $?"; cat /tmp/out`,
      );
      expect(stdout).toBe('code 3\nready\ntold\n');
      expect(code).toBe(0);
    });

    it('leaves nothing in the guest when it is killed', async () => {
      const { stdout } = await device().ssh(
        `${VSH} -- sh -c 'echo ready; exec sleep $((4000 + 242))' > /tmp/out & until grep -q ready /tmp/out; do :; done; kill -KILL $!; while pgrep -x -f 'sleep 4242' > /dev/null; do :; done; echo gone`,
      );
      expect(stdout).toBe('gone\n');
    });

    it('ends with 123 when the VM goes away under it (1.4)', async () => {
      const { stdout } = await device().ssh(
        `${VSH} -- sh -c 'echo ready; exec sleep 100' > /tmp/out & until grep -q ready /tmp/out; do :; done; vmc stop termina; wait $!; echo "code $?"; vmc start --no-shell termina`,
      );
      expect(stdout).toBe('code 123\n');
    });

    it('says so on the console of the VM when a command is not there (1.4)', async () => {
      await device().ssh(`${VSH} -- not-a-program`);
      const { stdout } = await device().ssh(`until grep 'Failed to exec .not-a-program' '${CONSOLE}'; do :; done`);
      expect(stdout).toMatch(/ <13> {2}VM\(\d+\): vshd: Failed to exec 'not-a-program': No such file or directory\n$/);
    });

    it.each([
      ['a death by signal is its bare number', 'kill -9 $$', 9],
      ['a code is a code, also one that looks like a signal', 'exit 137', 137],
    ])('on a terminal, %s (1.4)', async (_title, script, code) => {
      expect(await onTerminal(device(), `${VSH} -- sh -c 'tty; ${script}'`)).toEqual({
        code,
        text: expect.stringMatching(/^\/dev\/pts\/\d+\r\n/) as string,
      });
    });

    it('cannot connect to a VM that is up but has no vshd yet (1.5)', async () => {
      // The boot is held before its end.
      const { stdout, stderr } = await device().ssh(
        `vmc stop termina; vmc start --no-shell termina & until held=$(pgrep -f '[s]tart-vm termina'); do :; done; kill -STOP $held; ${VSH} -- true; echo "code $?"; kill -CONT $held; wait; ${VSH} -- echo up`,
      );
      expect(stdout).toBe('code 1\nup\n');
      expect(stderr).toMatch(/^ERROR vsh: \[.*vsh\.cc:\d+\] Failed to connect to vshd: .+\n$/);
    });

    it('gives up after five seconds when garcon does not dial back (1.5)', async () => {
      const { stdout, stderr } = await device().ssh(
        `pkill -STOP -f '[b]in/garcon'; ${VSH} --target_container=penguin -- true; echo "code $?"; pkill -CONT -f '[b]in/garcon'; ${VSH} --target_container=penguin -- echo up`,
      );
      expect(stdout).toBe('code 1\nup\n');
      expect(stderr).toMatch(/^ERROR vsh: \[.*vsh\.cc:\d+\] Poll timed out after waiting 5 seconds\.\n$/);
    });
  });
}
