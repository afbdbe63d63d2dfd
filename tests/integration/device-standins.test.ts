import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDevice, startDevice } from '../device/start.ts';

const HASH = '5c990f446325244d42d5919b06dcd2615e74cbfc';
const VSH = `vsh --vm_name=termina --owner_id=${HASH}`;
const CONSOLE = `/run/daemon-store/crosvm/${HASH}/log/dGVybWluYQ==.log`;
const RETRIEVE =
  'dbus-send --system --dest=org.chromium.SessionManager --print-reply --type=method_call /org/chromium/SessionManager org.chromium.SessionManagerInterface.';

/** Runs a command through ssh with a stdin of the test's. */
async function pipe(device: TestDevice, input: string | null, command: string) {
  const child = spawn('ssh', [...device.sshOptions, `root@${device.host}`, command], { stdio: 'pipe' });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  if (input !== null) child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number];
  child.stdin.end();
  return { code, stdout };
}

describe('with a user signed in and termina running', () => {
  let device: TestDevice;
  beforeAll(async () => {
    device = await startDevice(1);
    await device.act('vmc', 'start', '--no-shell', 'termina');
  });
  afterAll(() => device?.stop());

  describe('vsh (chromeos-facts.md section 1)', () => {
    it.each([
      ['the code of the guest', `${VSH} -- sh -c 'exit 42'`, 42],
      ['the number of a signal, not 128 more', `${VSH} -- sh -c 'kill -9 $$'`, 9],
      ['1 for a command that is not there', `${VSH} -- no-such-program`, 1],
      ['64 for an unknown flag', `${VSH} ls -la`, 64],
      ['65 for a wrong value', 'vsh --cid=x', 65],
      ['1 for an owner that is not signed in', 'vsh --vm_name=termina --owner_id=f00 -- true', 1],
    ])('ends with %s (1.4)', async (_title, command, code) => {
      expect(await device.ssh(command)).toMatchObject({ code });
    });

    it('is chronos in the VM unless told otherwise, and may be root (1.1, 1.6)', async () => {
      expect(await device.ssh(`${VSH} -- id -un`)).toMatchObject({ stdout: 'chronos\n' });
      expect(await device.ssh(`${VSH} --user=root -- id -un`)).toMatchObject({ stdout: 'root\n' });
      const unknown = await device.ssh(`${VSH} --user=nobody-here -- true`);
      expect(unknown.code).toBe(1);
      expect(unknown.stderr).toContain('] Server was unable to set up connection: could not find user: nobody-here');
    });

    it('is the user of the container there, and cannot become root (1.6)', async () => {
      expect(await device.ssh(`${VSH} --target_container=penguin -- id -un`)).toMatchObject({ stdout: 'testuser\n' });
      const root = await device.ssh(`${VSH} --target_container=penguin --user=root -- true`);
      expect(root.code).toBe(1);
      expect(root.stderr).toContain('cannot change to user: root');
    });

    it('gives the command TERM, HOME, SHELL and what was asked for, and nothing else (1.2)', async () => {
      const { stdout } = await device.ssh(`${VSH} -- A=1 HOME=/elsewhere env`);
      expect(stdout.trim().split('\n').sort()).toEqual(['A=1', 'HOME=/home/chronos', 'SHELL=/bin/bash', 'TERM=linux']);
    });

    it('runs the command without a shell (1.2)', async () => {
      expect(await device.ssh(`${VSH} -- echo '$HOME && *'`)).toMatchObject({ stdout: '$HOME && *\n' });
    });

    it('refuses a message of more than 4096 bytes (1.2)', async () => {
      const { code, stderr } = await device.ssh(`${VSH} -- echo ${'x'.repeat(5000)}`);
      expect(code).toBe(1);
      expect(stderr).toMatch(/\] Serialized message too large: 50\d\d\n.*\] Failed to send connection request\n/s);
    });

    it('keeps stdout and stderr apart without a terminal (1.3)', async () => {
      const { stdout, stderr } = await device.ssh(`${VSH} -- sh -c 'echo out; echo err >&2; tty'`);
      expect(stdout).toBe('out\nnot a tty\n');
      expect(stderr).toBe('err\n');
    });

    it('reads a pipe to its end, but never a file (1.3)', async () => {
      expect(await pipe(device, 'piped\n', `${VSH} -- cat`)).toEqual({ code: 0, stdout: 'piped\n' });
      // With a file as stdin the guest waits for ever: the shell's own timeout ends it.
      expect(await device.ssh(`timeout 1 ${VSH} -- cat < /etc/lsb-release`)).toMatchObject({ code: 124, stdout: '' });
    });

    it('forwards a signal to the guest (1.3)', async () => {
      const { stdout, code } = await device.ssh(
        `${VSH} -- sh -c 'trap "echo told; exit 3" TERM; echo ready; while :; do :; done' > /tmp/out & until grep -q ready /tmp/out; do :; done; kill -TERM $!; wait $!; echo "code $?"; cat /tmp/out`,
      );
      expect(stdout).toBe('code 3\nready\ntold\n');
      expect(code).toBe(0);
    });

    it('leaves nothing in the guest when it is killed', async () => {
      const { stdout } = await device.ssh(
        `${VSH} -- sh -c 'echo ready; exec sleep $((4000 + 242))' > /tmp/out & until grep -q ready /tmp/out; do :; done; kill -KILL $!; while pgrep -x -f 'sleep 4242' > /dev/null; do :; done; echo gone`,
      );
      expect(stdout).toBe('gone\n');
    });

    it('ends with 123 when the VM goes away under it (1.4)', async () => {
      const { stdout } = await device.ssh(
        `${VSH} -- sh -c 'echo ready; exec sleep 100' > /tmp/out & until grep -q ready /tmp/out; do :; done; vmc stop termina; wait $!; echo "code $?"; vmc start --no-shell termina`,
      );
      expect(stdout).toBe('code 123\n');
    });

    it('says so on the console of the VM when a command is not there (1.4)', async () => {
      await device.ssh(`${VSH} -- not-a-program`);
      const { stdout } = await device.ssh(`until grep 'Failed to exec .not-a-program' '${CONSOLE}'; do :; done`);
      expect(stdout).toMatch(/ <13> {2}VM\(\d+\): vshd: Failed to exec 'not-a-program': No such file or directory\n$/);
    });
  });

  describe('vmc (chromeos-facts.md section 2)', () => {
    it('lists the running VM with two spaces before its state (2.2)', async () => {
      const { stdout } = await device.ssh('vmc list');
      expect(stdout).toMatch(
        /^termina \(\d+ bytes, raw, sparse\) \(on disk VM type: crostini\) {2}running\nTotal Size \(bytes\): \d+\n$/,
      );
    });

    it('throws the status of its shell away (2.4)', async () => {
      expect(await pipe(device, 'id -un; exit 9\n', 'vmc container termina penguin')).toEqual({
        code: 0,
        stdout: 'testuser\n',
      });
    });

    it('has no status (2.1)', async () => {
      expect(await device.ssh('vmc status')).toEqual({
        code: 1,
        stdout: '',
        stderr: 'Error: no such subcommand: `status`\n',
      });
    });

    it('prints the log with its rotations, oldest first (2.4)', async () => {
      await device.ssh(`${VSH} -- before-rotation`);
      await device.ssh(`until grep -q before-rotation '${CONSOLE}'; do :; done`);
      await device.act('rotate');
      await device.ssh(`${VSH} -- after-rotation; until grep -q after-rotation '${CONSOLE}'; do :; done`);
      const { stdout } = await device.ssh('vmc logs termina');
      expect(stdout.indexOf('before-rotation')).toBeGreaterThan(0);
      expect(stdout.indexOf('after-rotation')).toBeGreaterThan(stdout.indexOf('before-rotation'));
    });
  });

  describe('logs (chromeos-facts.md section 3)', () => {
    it('are 0640, in the zone of the device, as notices of the console (3.1, 3.2)', async () => {
      const { stdout } = await device.ssh(`stat -c %a '${CONSOLE}'*; tail -n 1 '${CONSOLE}'; date +%z`);
      const lines = stdout.trim().split('\n');
      expect(lines[0]).toBe('640');
      expect(lines.at(-2)).toMatch(/^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d <13> {2}VM\(\d+\): /);
      expect(lines.at(-1)).not.toBe('+0000');
      const local = await device.ssh(`date '+%b %e %H:'`);
      expect((await device.ssh(`tail -n 1 '${CONSOLE}'`)).stdout.startsWith(local.stdout.trim())).toBe(true);
    });

    it('keep five rotations and lose none of a followed log (3.1)', async () => {
      const folder = CONSOLE.replace(/[^/]*$/, '');
      const follower = spawn('ssh', [...device.sshOptions, `root@${device.host}`, `tail -n0 -F '${CONSOLE}'`], {
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
        await device.ssh(`${VSH} -- first-line`);
        heard = followed.includes('first-line');
      }
      for (let turn = 1; turn <= 7; turn++) {
        await device.ssh(`${VSH} -- turn-${turn}-ends`);
        await until(`turn-${turn}-ends`);
        await device.act('rotate');
      }
      await device.ssh(`${VSH} -- last-line`);
      await until('last-line');
      follower.kill();
      const { stdout } = await device.ssh(`ls ${folder} | grep log`);
      expect(
        stdout
          .trim()
          .split('\n')
          .filter((name) => name.includes('.log')),
      ).toEqual(['', '.1', '.2', '.3', '.4', '.5'].map((suffix) => `dGVybWluYQ==.log${suffix}`));
    });

    it('are in UTC with a severity word in /var/log/messages (3.3)', async () => {
      await device.ssh('logger -t vm_concierge -p user.err marked-line');
      const { stdout } = await device.ssh('until grep marked-line /var/log/messages; do :; done');
      expect(stdout).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z ERR vm_concierge(\[\d+\])?: marked-line\n$/);
      expect(Math.abs(Date.parse(stdout.slice(0, 27)) - Date.now())).toBeLessThan(60_000);
    });

    it('come as fast as a burst has them', async () => {
      const before = Number((await device.ssh('grep -c . /var/log/messages')).stdout);
      await device.act('burst', 'messages', '20000');
      expect(
        (await device.ssh(`until [ "$(grep -c . /var/log/messages)" -ge ${before + 20_000} ]; do :; done; echo all`))
          .stdout,
      ).toBe('all\n');
    });
  });

  describe('the session manager (chromeos-facts.md section 4)', () => {
    it('answers the real dbus-send with two strings', async () => {
      const { stdout } = await device.ssh(`${RETRIEVE}RetrievePrimarySession`);
      expect(stdout.split('\n').slice(1)).toEqual(['   string "testuser@gmail.com"', `   string "${HASH}"`, '']);
      expect(stdout).toMatch(
        /^method return time=\d+\.\d+ sender=:1\.\d+ -> destination=:1\.\d+ serial=\d+ reply_serial=2\n/,
      );
    });

    it.each([
      ['RetrieveSessionState', 'string "started"'],
      ['IsGuestSessionActive', 'boolean false'],
      ['RetrieveActiveSessions', `string "${HASH}"`],
    ])('%s', async (method, answer) => {
      expect((await device.ssh(`${RETRIEVE}${method}`)).stdout).toContain(answer);
    });

    it('refuses what it does not know', async () => {
      expect(await device.ssh(`${RETRIEVE}NoSuchMethod`)).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/UnknownMethod/) as string,
      });
    });
  });

  describe('upstart (chromeos-facts.md sections 5.2 and 6)', () => {
    const pidOf = async (job: string) => /process (\d+)/.exec((await device.ssh(`status ${job}`)).stdout)?.[1];

    it('says what runs, with a pid that is a process', async () => {
      expect((await device.ssh('status vm_concierge')).stdout).toMatch(/^vm_concierge start\/running, process \d+\n$/);
      expect(await device.ssh(`kill -0 ${await pidOf('vm_concierge')}`)).toMatchObject({ code: 0 });
      expect(await device.ssh('status no-such-job')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('Unknown job: no-such-job') as string,
      });
    });

    it('restarts concierge alone: the trap', async () => {
      const [concierge, cicerone, seneschal] = await Promise.all(
        ['vm_concierge', 'vm_cicerone', 'seneschal'].map(pidOf),
      );
      expect(await device.ssh('restart vm_concierge')).toMatchObject({ code: 0 });
      expect(await pidOf('vm_concierge')).not.toBe(concierge);
      expect(await pidOf('vm_cicerone')).toBe(cicerone);
      expect(await pidOf('seneschal')).toBe(seneschal);
    });

    it('stops and starts the others with concierge, and ends the VMs', async () => {
      const cicerone = await pidOf('vm_cicerone');
      expect((await device.ssh('stop vm_concierge && start vm_concierge')).stdout).toMatch(
        /^vm_concierge stop\/waiting\nvm_concierge start\/running, process \d+\n$/,
      );
      expect(await pidOf('vm_cicerone')).toMatch(/^\d+$/);
      expect(await pidOf('vm_cicerone')).not.toBe(cicerone);
      expect((await device.ssh('vmc list')).stdout).toContain('crostini) \n');
      await device.act('vmc', 'start', '--no-shell', 'termina');
    });

    it('does not start what is stopped by stop && start', async () => {
      await device.ssh('stop vm_concierge');
      expect(await device.ssh('stop vm_concierge && start vm_concierge')).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringContaining('stop: Unknown instance:') as string,
      });
      expect(await device.ssh(`${VSH} -- true`)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('Failed to send dbus message to concierge service') as string,
      });
      await device.ssh('start vm_concierge');
      expect(await device.ssh('start vm_concierge')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('Job is already running: vm_concierge') as string,
      });
    });

    it('gives each start of a VM another cid (section 6)', async () => {
      const cid = async () => {
        await device.act('vmc', 'stop', 'termina');
        await device.act('vmc', 'start', '--no-shell', 'termina');
        return Number(/VM\((\d+)\)/.exec((await device.ssh(`tail -n 1 '${CONSOLE}'`)).stdout)?.[1]);
      };
      const first = await cid();
      expect(first).toBeGreaterThanOrEqual(32);
      expect(await cid()).toBe(first + 1);
    });
  });

  // Last: nobody is signed in afterwards.
  describe('sessions (chromeos-facts.md sections 3.1, 4 and 6)', () => {
    const PRIMARY = `${RETRIEVE}RetrievePrimarySession`;

    it.each([
      ['a guest', 'guest', 'boolean true'],
      ['nobody', 'signout', 'boolean false'],
    ])('%s has no owner hash, no log and no VM', async (_title, action, isGuest) => {
      await device.act(action);
      expect(await device.ssh(PRIMARY)).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/\n {3}string ""\n {3}string ""\n$/) as string,
      });
      expect((await device.ssh(`${RETRIEVE}IsGuestSessionActive`)).stdout).toContain(isGuest);
      expect(await device.ssh(`ls '${CONSOLE}'`)).toMatchObject({ code: 2 });
      expect(await device.ssh('vmc list')).toMatchObject({ code: 1 });
    });

    it('autologin.py signs the test user in, as the guide has it (section 5)', async () => {
      expect(await device.ssh('/usr/local/autotest/bin/autologin.py -d')).toMatchObject({ code: 0 });
      expect((await device.ssh(PRIMARY)).stdout).toContain(HASH);
      expect(await device.ssh('vmc start --no-shell termina && vmc list')).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('  running') as string,
      });
    });
  });
});

describe('variants (chromeos-facts.md section 11)', () => {
  const devices: TestDevice[] = [];
  const make = async (variant: Parameters<typeof startDevice>[1]) => {
    const device = await startDevice(1, variant);
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
    expect(await device.ssh('ls /run/imageloader/termina-dlc')).toMatchObject({ code: 2 });
  });

  it('Baguette: no LXD, no chronos, and penguin is the VM (1.6, 7.4)', async () => {
    const device = await make({ vmType: 'baguette' });
    await device.act('vmc', 'start', '--no-shell', 'termina');
    expect((await device.ssh('vmc list')).stdout).toContain('(on disk VM type: baguette)  running');
    const chronos = await device.ssh(`${VSH} -- true`);
    expect(chronos.code).toBe(1);
    expect(chronos.stderr).toContain('could not find user: chronos, if attempting to connect to a containerless guest');
    expect(await device.ssh(`${VSH} --target_container=penguin -- id -un`)).toMatchObject({ stdout: 'testuser\n' });
    expect(await device.ssh(`${VSH} --user=root -- ls /mnt/stateful/lxd`)).toMatchObject({ code: 2 });
    expect((await device.ssh('cicerone_client --get_info')).stdout).toContain('\tContainer: penguin\n');
  });

  it.each(['2024-02', 'older'] as const)('vmc list as in %s (2.2)', async (vmcListFormat) => {
    const device = await make({ vmcListFormat });
    await device.act('vmc', 'start', '--no-shell', 'termina');
    expect((await device.ssh('vmc list')).stdout).toMatch(
      vmcListFormat === 'older' ? /^termina \(\d+ bytes, raw\)\n/ : /^termina \(\d+ bytes, raw\) running\n/,
    );
  });

  it('lets root in with the password of test images, and with no other (10)', async () => {
    const device = await make({});
    expect(await loginWith(device, 'test0000')).toBe(0);
    expect(await loginWith(device, 'wrong')).toBe(255);
  });
});

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
