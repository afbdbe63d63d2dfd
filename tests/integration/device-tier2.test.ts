import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { run } from '../device/run.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RiggedDevice, startRiggedDevice } from './device-under-test.ts';
import { describeMainJob } from './main-job.ts';

let device: RiggedDevice;

beforeAll(async () => {
  device = await startRiggedDevice(2);
});

afterAll(() => device?.close());

const inPenguin = (command: string) =>
  device.device.ssh(
    `vsh --vm_name=termina --owner_id=${device.device.config.user.hash} --target_container=penguin -- sh -c '${command}'`,
  );

const bootId = async () => {
  const result = await device.rig.run(device.target, 'cat /proc/sys/kernel/random/boot_id');
  if ('problem' in result) throw new Error(result.problem.message);
  return result.stdout.trim();
};

describe('a real container', () => {
  it('has systemd as its init, and units that run', async () => {
    expect(
      await inPenguin('cat /proc/1/comm; systemctl is-system-running; systemctl is-active cros-sftp'),
    ).toMatchObject({
      stdout: 'systemd\nrunning\nactive\n',
    });
  });

  it('has garcon and sommelier as units of its user, and their lines in the journal (chromeos-facts.md section 3.4)', async () => {
    const environment = 'export XDG_RUNTIME_DIR=/run/user/1000;';
    const { stdout } = await inPenguin(
      `${environment} systemctl --user is-active cros-garcon sommelier@0 sommelier-x@0`,
    );
    expect(stdout).toBe('active\nactive\nactive\n');
    const journal = await inPenguin('until journalctl --user-unit cros-garcon.service | grep -m 1 tick; do :; done');
    expect(journal.stdout).toMatch(/garcon\[\d+\]: .*garcon tick \d+\n$/);
  });

  it('shifts ids: its root is nobody outside', async () => {
    expect((await inPenguin('cat /proc/self/uid_map')).stdout.trim().split(/\s+/)).toEqual(['0', '1000000', '65536']);
  });

  it('runs its tools through their own loader, and gdb reaches one by gdbserver', async () => {
    const pid = (await inPenguin('pgrep -f [s]ommelier.elf | head -n 1')).stdout.trim();
    expect((await inPenguin(`readlink /proc/${pid}/exe`)).stdout.trim()).toBe(
      '/opt/google/cros-containers/lib/ld-linux.so',
    );
    expect((await inPenguin(`grep -c sommelier.elf /proc/${pid}/maps`)).stdout.trim()).toMatch(/^[1-9]/);
    const server = [
      ...['ssh', ...device.device.sshOptions, `root@${device.device.host}`, 'vsh', '--vm_name=termina'],
      ...[
        `--owner_id=${device.device.config.user.hash}`,
        '--target_container=penguin',
        '--',
        'gdbserver',
        '--once',
        '--attach',
        '-',
        pid,
      ],
    ].join(' ');
    const output = await new Promise<string>((resolve) =>
      execFile(
        'gdb',
        [
          '-nx',
          '-batch',
          '-ex',
          'set sysroot target:/',
          '-ex',
          `target remote | ${server}`,
          '-ex',
          'info proc',
          '-ex',
          'info registers',
          '-ex',
          'detach',
        ],
        (_error, stdout, stderr) => resolve(stdout + stderr),
      ),
    );
    expect(output).toMatch(/process \d+/);
    expect(output).toMatch(/ld-linux\.so/);
    expect(output).toMatch(/\b(rip|pc)\s+0x/);
  });

  it('takes a burst into its journal, all of it', async () => {
    expect(await device.device.act('burst', 'journal', '5000')).toMatch(/^5000 lines to journal in/);
    const { stdout } = await inPenguin(
      'until [ "$(sudo journalctl -q -t garcon | grep -c "burst [0-9]* of 5000")" -ge 5000 ]; do :; done; sudo journalctl -q -t garcon -o cat | grep "burst [0-9]* of 5000" | sort -u | wc -l',
    );
    expect(stdout.trim()).toBe('5000');
  });
});

describe('the network', () => {
  it('a cut that ends is only a pause: nothing is lost, nothing restarted', async () => {
    const { rig, target } = device;
    const before = await bootId();
    const session = rig.open({ target, command: 'while :; do echo line $((n += 1)); sleep 0.05; done', pty: null });
    await session.until('line 5\n');
    await device.device.act('cut');
    // While the cable is out, somebody else is given up on after a second. What was under way may still come in the
    // first of two; in the second not a line does.
    const isDeaf = () =>
      run(['ssh', ...device.device.sshOptions, '-n', '-o', 'ConnectTimeout=1', `root@${device.device.host}`, 'true']);
    expect(await isDeaf()).toMatchObject({ code: 255 });
    const held = session.text();
    expect(await isDeaf()).toMatchObject({ code: 255 });
    expect(session.text()).toBe(held);
    await device.device.act('plug');
    await session.until(`line ${held.trim().split('\n').length + 40}\n`);
    const lines = session.text().split('\n').slice(0, -1);
    expect(lines).toEqual(lines.map((_line, index) => `line ${index + 1}`));
    expect(await bootId()).toBe(before);
    session.channel.close();
  });

  it('latency is added, at least as much as was asked for', async () => {
    const said = await device.device.act('link', 'delay=150');
    // Without sch_netem the delayed device is behind a port of its own.
    const port = /127\.0\.0\.1:(\d+)/.exec(said)?.[1];
    const options = device.device.sshOptions.filter(
      (word, index, all) => port === undefined || (word !== '-p' && all[index - 1] !== '-p'),
    );
    const address = port === undefined ? `root@${device.device.host}` : 'root@127.0.0.1';
    const alias = ['-o', `HostKeyAlias=${device.device.host}`, ...(port === undefined ? [] : ['-p', port])];
    const client = spawn('ssh', [...options, ...alias, address, 'cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
    client.stdin.write('warm up\n');
    await once(client.stdout, 'data');
    const begun = performance.now();
    client.stdin.write('there and back\n');
    await once(client.stdout, 'data');
    expect(performance.now() - begun).toBeGreaterThan(port === undefined ? 140 : 290);
    client.stdin.end();
    await once(client, 'close');
    await device.device.act('link');
  });

  it('a reboot closes connections at once', async () => {
    const { rig, target } = device;
    const before = await bootId();
    const session = rig.open({ target, command: 'echo there; cat', pty: null });
    await session.until('there');
    const rebooted = device.device.act('reboot', '0');
    const end = await session.ended;
    expect(end).toMatchObject({ problem: { code: 'connection-lost' } });
    expect(end).not.toHaveProperty('problem.unclosed');
    await rebooted;
    expect(await bootId()).not.toBe(before);
  });

  it('`reboot` on the device itself does it too', async () => {
    const { rig, target } = device;
    const before = await bootId();
    const session = rig.open({ target, command: 'echo there; reboot; cat', pty: null });
    await session.until('there');
    const end = await session.ended;
    expect(end).toMatchObject({ problem: { code: 'connection-lost' } });
    expect(end).not.toHaveProperty('problem.unclosed');
    let result = await rig.run(target, 'cat /proc/sys/kernel/random/boot_id');
    while ('problem' in result) result = await rig.run(target, 'cat /proc/sys/kernel/random/boot_id');
    expect(result.stdout.trim()).not.toBe(before);
  });

  it('after a crash nobody is told: a client that waits hears nothing until it asks', async () => {
    const client = spawn(
      'ssh',
      [...device.device.sshOptions, '-o', 'ServerAliveInterval=0', `root@${device.device.host}`, 'echo there; cat'],
      { stdio: ['pipe', 'pipe', 'ignore'] },
    );
    await once(client.stdout, 'data');
    await device.device.act('crash', '0');
    // The device is back, another one, and answers others; this client still believes in its connection.
    expect((await device.device.ssh('echo back')).stdout).toBe('back\n');
    expect(client.exitCode).toBe(null);
    const ended = once(client, 'exit');
    client.stdin.write('anybody?\n');
    expect(await ended).toEqual([255, null]);
    // The relay believed in its connection too. Its next word tells it, and the one after reaches the new boot.
    const { rig, target } = device;
    expect(await rig.run(target, 'true')).toMatchObject({ problem: { code: 'connection-lost', unclosed: true } });
    expect(await rig.run(target, 'echo fresh')).toMatchObject({ stdout: 'fresh\n' });
    await device.device.act('signin');
    await device.device.act('vmc', 'start', '--no-shell', 'termina');
  });
});

describeMainJob('a device of root, with LXD', () => device);
