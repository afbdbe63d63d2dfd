import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { CONSOLE, VSH, type StandInsUnderTest } from './device-commands.ts';

export function describeLogs({ device }: StandInsUnderTest): void {
  describe('logs (chromeos-facts.md section 3)', () => {
    it('are 0640, in the zone of the device, as notices of the console (3.1, 3.2)', async () => {
      const { stdout } = await device().ssh(`stat -c %a '${CONSOLE}'*; tail -n 1 '${CONSOLE}'; date +%z`);
      const lines = stdout.trim().split('\n');
      expect(lines[0]).toBe('640');
      expect(lines.at(-2)).toMatch(/^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d <13> {2}VM\(\d+\): /);
      expect(lines.at(-1)).not.toBe('+0000');
      const local = await device().ssh(`date '+%b %e %H:'`);
      expect((await device().ssh(`tail -n 1 '${CONSOLE}'`)).stdout.startsWith(local.stdout.trim())).toBe(true);
    });

    it('keep five rotations and lose none of a followed log (3.1)', async () => {
      const folder = CONSOLE.replace(/[^/]*$/, '');
      const follower = spawn('ssh', [...device().sshOptions, `root@${device().host}`, `tail -n0 -F '${CONSOLE}'`], {
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      let followed = '';
      const seen = new Map<string, () => void>();
      follower.stdout.setEncoding('utf8').on('data', (text: string) => {
        followed += text;
        for (const [marker, resolve] of seen) if (followed.includes(marker)) resolve();
      });
      const until = (marker: string) =>
        new Promise<void>((resolve) => (followed.includes(marker) ? resolve() : seen.set(marker, resolve)));
      // tail is there once it has seen a first line; before, lines may be older than it.
      for (let heard = false; !heard;) {
        await device().ssh(`${VSH} -- first-line`);
        heard = followed.includes('first-line');
      }
      for (let turn = 1; turn <= 7; turn++) {
        await device().ssh(`${VSH} -- turn-${turn}-ends`);
        await until(`turn-${turn}-ends`);
        await device().act('rotate');
      }
      await device().ssh(`${VSH} -- last-line`);
      await until('last-line');
      follower.kill();
      const { stdout } = await device().ssh(`ls ${folder} | grep log`);
      expect(
        stdout
          .trim()
          .split('\n')
          .filter((name) => name.includes('.log')),
      ).toEqual(['', '.1', '.2', '.3', '.4', '.5'].map((suffix) => `dGVybWluYQ==.log${suffix}`));
    });

    it('are in UTC with a severity word in /var/log/messages (3.3)', async () => {
      await device().ssh('logger -t vm_concierge -p user.err marked-line');
      const { stdout } = await device().ssh('until grep marked-line /var/log/messages; do :; done');
      expect(stdout).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z ERR vm_concierge(\[\d+\])?: marked-line\n$/);
      expect(Math.abs(Date.parse(stdout.slice(0, 27)) - Date.now())).toBeLessThan(60_000);
    });

    it('are there for the network, the jobs, Chrome and its session manager, and vmlog is none of VMs (3.4)', async () => {
      const { stdout } = await device().ssh(
        'cd /var/log; cat upstart.log | grep "vm_concierge goal" | tail -n 1; grep -m 1 shill net.log; grep -c shill messages; readlink vmlog/vmlog.LATEST ui/ui.LATEST chrome/chrome; head -n 1 vmlog/vmlog.LATEST',
      );
      const lines = stdout.trim().split('\n');
      expect(lines[0]).toMatch(/^\S+Z INFO init: vm_concierge goal changed from stop to start$/);
      expect(lines[1]).toMatch(/^\S+Z INFO shill\[\d+\]: /);
      // What is not wrong with the network is in its own file only.
      expect(lines[2]).toBe('0');
      expect(lines[3]).toMatch(/^vmlog\.\d{8}-\d{6}$/);
      expect(lines[4]).toMatch(/^ui\.\d{8}-\d{6}$/);
      expect(lines[5]).toMatch(/^chrome_\d{8}-\d{6}$/);
      expect(lines[6]).toMatch(/^time pgmajfault /);
      await device().ssh(
        'before=$(wc -l < /var/log/vmlog/vmlog.LATEST); until [ "$(wc -l < /var/log/vmlog/vmlog.LATEST)" -gt $before ]; do :; done',
      );
    });

    it('come as fast as a burst has them', async () => {
      const before = Number((await device().ssh('grep -c . /var/log/messages')).stdout);
      await device().act('burst', 'messages', '20000');
      expect(
        (await device().ssh(`until [ "$(grep -c . /var/log/messages)" -ge ${before + 20_000} ]; do :; done; echo all`))
          .stdout,
      ).toBe('all\n');
    });

    it("come from a VM's console by the hundred thousand, and none is lost (3.2)", async () => {
      expect(await device().act('burst', 'vm', '100000')).toContain('100000 lines to vm');
      const { stdout } = await device().ssh(
        `grep -c 'burst [0-9]* of 100000' '${CONSOLE}'; grep -c '^[A-Z][a-z][a-z] [ 0-9][0-9] [0-9:]* <13>  VM([0-9]*): ' '${CONSOLE}'`,
      );
      const [burst = 0, formed = 0] = stdout.trim().split('\n').map(Number);
      expect(burst).toBe(100_000);
      expect(formed).toBeGreaterThanOrEqual(100_000);
    });
  });
}
