import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PracticeDevice } from '../device.ts';
import { startQuietDevice, TestClient } from '../testing/client.ts';

const hash = '5c990f446325244d42d5919b06dcd2615e74cbfc';
const vshPrefix = 'ERROR vsh: [../../../../../../../mnt/host/source/src/platform2/vm_tools/vsh/';

let device: PracticeDevice;
let client: TestClient;
beforeAll(async () => {
  device = await startQuietDevice();
  client = await TestClient.connect(device.port);
});
afterAll(async () => {
  client.close();
  await device.close();
});
beforeEach(async () => {
  device.setSession('user');
  await client.run('start vm_concierge; vmc start --no-shell termina');
  await expect.poll(() => client.text('cicerone_client --get_info')).toContain('penguin');
});

describe('dbus-send (chromeos-facts 4, 11.1)', () => {
  const call = (method: string) =>
    `dbus-send --system --dest=org.chromium.SessionManager --print-reply --type=method_call /org/chromium/SessionManager org.chromium.SessionManagerInterface.${method}`;

  test('a user: header, name, hash; and the pipeline of the guide', async () => {
    const lines = (await client.text(call('RetrievePrimarySession'))).split('\n');
    expect(lines[0]).toMatch(
      /^method return time=\d+\.\d{6} sender=:1\.\d+ -> destination=:1\.\d+ serial=\d+ reply_serial=2$/,
    );
    expect(lines.slice(1)).toEqual(['   string "testuser@gmail.com"', `   string "${hash}"`, '']);
    expect(await client.text(`${call('RetrievePrimarySession')} | awk 'NR==3' | cut -d "\\"" -f2`)).toBe(`${hash}\n`);
    expect(await client.text(call('IsGuestSessionActive'))).toContain('   boolean false\n');
    expect(await client.text(call('RetrieveSessionState'))).toContain('   string "started"\n');
  });

  test('nobody: success with two empty strings', async () => {
    device.setSession('none');
    expect(await client.run(call('RetrievePrimarySession'))).toMatchObject({ code: 0 });
    expect(await client.text(`${call('RetrievePrimarySession')} | tail -n +2`)).toBe('   string ""\n   string ""\n');
    device.setSession('user');
    device.setSession('guest');
    expect(await client.text(call('IsGuestSessionActive'))).toContain('   boolean true\n');
  });

  test('not on the bus: the error on stderr, 1, and an empty pipeline that succeeds', async () => {
    device.setSession('no-bus');
    const end = await client.run(call('RetrievePrimarySession'));
    expect([end.code, end.stdout.toString()]).toEqual([1, '']);
    expect(end.stderr).toContain('Error org.freedesktop.DBus.Error.ServiceUnknown:');
    expect(await client.run(`${call('RetrievePrimarySession')} | awk 'NR==3'`)).toMatchObject({ code: 0 });
    expect((await client.run('dbus-send --system --dest=org.example.No / a.b.C')).stderr).toContain('ServiceUnknown');
  });
});

describe('vsh (chromeos-facts 1, 11.2)', () => {
  const vsh = (rest: string) => `vsh --vm_name=termina --owner_id=${hash} ${rest}`;

  test.each([
    [vsh('ls -la'), 64, "vsh: ERROR: unknown command line flag 'la'\n"],
    ['vsh --cid=x', 65, "vsh: ERROR: illegal value 'x' specified for uint64 flag 'cid'\n"],
    ['vsh -- ls', 1, `${vshPrefix}vsh.cc:345] Exactly one of --cid or --vm_name is required\n`],
    [
      'vsh --vm_name=termina --owner_id= -- ls',
      1,
      `${vshPrefix}vsh.cc:351] If using --vm_name, you must also specify --owner_id\n`,
    ],
    ['vsh --vm_name=nope --owner_id=ab -- ls', 1, `${vshPrefix}vsh.cc:122] Failed to get VM info for nope\n`],
    ['vsh --vm_name=termina --owner_id=beef -- ls', 1, `${vshPrefix}vsh.cc:122] Failed to get VM info for termina\n`],
    [
      vsh('--target_container=nope -- ls'),
      1,
      `${vshPrefix}vsh.cc:173] Failed to launch vshd for termina:nope: requested container does not exist: nope\n`,
    ],
    [
      vsh('--target_container=penguin --user=root -- ls'),
      1,
      `${vshPrefix}vsh_client.cc:205] Server was unable to set up connection: cannot change to user: root\n`,
    ],
    [vsh('--user=root -- sh -c "exit 42"'), 42, ''],
    [vsh('--user=root -- cat /nope'), 1, 'cat: /nope: No such file or directory\n'],
  ])('%s', async (command, code, stderr) => {
    const end = await client.run(command);
    expect([end.code, end.stderr]).toEqual([code, stderr]);
  });

  test('--help is on stdout', async () => {
    expect(await client.text('vsh --help')).toContain('--target_container');
  });

  test('a missing command is 1 without a word here, and vshd tells the VM log (1.4)', async () => {
    const end = await client.run(vsh('-- nosuch'));
    expect([end.code, end.stderr]).toEqual([1, '']);
    expect(await client.text('vmc logs termina | tail -n 1')).toContain(
      "vshd: Failed to exec 'nosuch': No such file or directory",
    );
  });

  test.each([
    ['A=b sh -c \'echo "<$A>"\'', '<b>\n'],
    ['echo A=b', 'A=b\n'],
    // No shell: nothing is expanded, nothing is piped (1.2).
    ["'echo' '*' '|' wc", '* | wc\n'],
    ['id -un', 'chronos\n'],
  ])('-- %s', async (words, expected) => {
    expect(await client.text(vsh(`-- ${words}`))).toBe(expected);
  });

  test.each(['FOO=', 'FOO=a=b'])('%s is no environment but a command (1.2)', async (word) => {
    expect((await client.run(vsh(`-- ${word} env`))).code).toBe(1);
  });

  test('a frame over 4096 bytes is refused; the script on stdin of sh -s is not (1.2)', async () => {
    const end = await client.run(vsh(`-- echo ${'x'.repeat(4200)}`));
    expect([end.code, end.stderr]).toEqual([
      1,
      expect.stringMatching(/Serialized message too large: 4\d{3}\n.*Failed to send connection request\n$/),
    ]);
    expect(await client.text(vsh('--user=root -- sh -s'), `: ${'x'.repeat(5000)}\necho $((6*7))\n`)).toBe('42\n');
  });

  test('the copy of the guide: in as root, and out only as root (1.6, rig 5)', async () => {
    const bytes = Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 31) & 255));
    await client.run(vsh('--user=root -- cp /proc/self/fd/0 /tmp/copy'), bytes);
    expect((await client.run(vsh('--user=root -- cat /tmp/copy'))).stdout.equals(bytes)).toBe(true);
    expect((await client.run(vsh('-- cat /tmp/copy'))).stderr).toBe('cat: /tmp/copy: Permission denied\n');
    expect(await client.text(vsh('--user=root -- stat -c %a /tmp/copy'))).toBe('600\n');
  });

  test('stdin is read from a pipe, not from a file (1.3)', async () => {
    expect(await client.text(`echo piped | ${vsh('-- cat')}`)).toBe('piped\n');
    expect(await client.run(`timeout 0.2 ${vsh('-- cat')} < /etc/lsb-release`)).toMatchObject({ code: 124 });
  });

  test('a pty only with a terminal at both ends (1.3)', async () => {
    expect(await client.text(vsh('--user=root -- tty'))).toBe('not a tty\n');
    const running = await client.start(`${vsh('--user=root -- tty')}; ${vsh('--user=root -- tty')} | cat`, {
      cols: 80,
      rows: 24,
    });
    expect((await running.ended).stdout.toString()).toMatch(/^\/dev\/pts\/\d+\r\nnot a tty\r\n$/);
  });

  test('123 when the VM goes away under it (1.4)', async () => {
    const running = await client.start(vsh('-- sh -c "echo up; sleep 100"'));
    await running.see('up');
    await client.run('vmc stop termina');
    expect((await running.ended).code).toBe(123);
    expect((await client.run(vsh('-- ls'))).stderr).toContain('Failed to get VM info for termina');
    expect((await client.run(vsh('--target_container=penguin -- ls'))).stderr).toContain(
      'requested VM does not exist: termina',
    );
  });

  test('without concierge there is nobody to ask (1.5)', async () => {
    await client.run('stop vm_concierge');
    expect((await client.run(vsh('-- ls'))).stderr).toBe(
      `${vshPrefix}vsh.cc:110] Failed to send dbus message to concierge service\n`,
    );
  });

  test('inside $( ) and pipes too', async () => {
    expect(
      await client.text(
        `x=$(${vsh('-- uname -n')}); echo "<$x>"; ${vsh('-- cat /etc/lsb-release')} | grep -c BOARD=tatl`,
      ),
    ).toBe('<localhost>\n1\n');
  });
});

describe('vmc (chromeos-facts 2, 11.3)', () => {
  test('list: two spaces before running, a trailing one when stopped (2.2)', async () => {
    const line =
      'termina (10737418240 bytes, min shrinkable size 6442450944 bytes, raw, sparse) (on disk VM type: crostini) ';
    expect(await client.text('vmc list')).toBe(`${line} running\nTotal Size (bytes): 10737418240\n`);
    await client.run('vmc stop termina');
    expect(await client.text('vmc list')).toBe(`${line}\nTotal Size (bytes): 10737418240\n`);
    expect(await client.run('vmc stop termina')).toMatchObject({ code: 0, stderr: '' });
  });

  test.each([
    ['vmc status', 'Error: no such subcommand: `status`\n'],
    ['vmc stop', 'Error: expected <name>\n'],
    ['vmc list x', 'Error: expected no arguments\n'],
    ['vmc container termina', 'Error: expected <vm name> <container name> [ <image server> <image alias> ]\n'],
    ['CROS_USER_ID_HASH=beef vmc list', 'Error: missing active session corresponding to $CROS_USER_ID_HASH\n'],
    [
      'vmc stop termina && vmc container termina penguin',
      'Error: operation `container_create` failed: failed to create container: `UNKNOWN`: requested VM does not exist: termina\n',
    ],
  ])('%s', async (command, stderr) => {
    expect(await client.run(command)).toMatchObject({ code: 1, stderr });
  });

  test('no arguments: the usage on stderr, 0 (2.1)', async () => {
    expect(await client.run('vmc')).toMatchObject({ code: 0, stderr: expect.stringContaining('USAGE: vmc') as string });
  });

  test('nobody signed in', async () => {
    device.setSession('none');
    expect((await client.run('vmc list')).stderr).toBe(
      'Error: operation `disk_list` failed: neither Crostini nor Parallels VMs are enabled\n',
    );
    device.setSession('user');
    device.setSession('no-bus');
    expect((await client.run('vmc list')).stderr).toBe('Error: expected CROS_USER_ID_HASH environment variable\n');
  });

  test('container makes a missing one, runs a shell and drops its status (2.4)', async () => {
    expect(await client.run('vmc container termina other', 'hostname; exit 5\n')).toMatchObject({ code: 0 });
    expect(await client.text('cicerone_client --get_info')).toContain('\tContainer: other\n');
    expect(await client.text('vmc container termina penguin', 'hostname; id -un; echo $LXD_DIR\n')).toBe(
      'penguin\ntestuser\n/mnt/stateful/lxd\n',
    );
  });

  test('each start hands out the next CID, a new concierge begins at 32 (6)', async () => {
    await client.run('stop vm_concierge; start vm_concierge; vmc start --no-shell termina');
    expect(await client.text('ps aux')).toContain('--cid 32 ');
    await client.run('vmc stop termina; vmc start --no-shell termina');
    expect(await client.text('ps aux')).toContain('--cid 33 ');
  });
});

describe('upstart (chromeos-facts 5.2, 6, 11.4)', () => {
  const pids = async () => {
    const list = await client.text('initctl list');
    return new Map(
      [...list.matchAll(/^(\S+) start\/running, process (\d+)$/gm)].map((match) => [match[1] ?? '', Number(match[2])]),
    );
  };

  test('status in the words of upstart', async () => {
    expect(await client.text('status vm_concierge')).toMatch(/^vm_concierge start\/running, process \d+\n$/);
    await client.run('stop vm_concierge');
    expect(await client.text('status vm_concierge')).toBe('vm_concierge stop/waiting\n');
    expect(await client.run('status nope')).toMatchObject({ code: 1, stderr: 'status: Unknown job: nope\n' });
  });

  test('stop takes the VMs and the siblings along, start brings the siblings back', async () => {
    const shadercached = (await pids()).get('shadercached');
    expect(shadercached).toBeGreaterThan(0);
    await client.run('stop vm_concierge');
    for (const job of ['vm_cicerone', 'seneschal', 'chunneld', 'vmlog_forwarder', 'crosdns'])
      expect((await pids()).has(job)).toBe(false);
    await client.run('start vm_concierge');
    for (const job of ['vm_cicerone', 'seneschal', 'chunneld', 'vmlog_forwarder', 'crosdns'])
      expect((await pids()).has(job)).toBe(true);
    expect(await client.text('vmc list')).not.toContain('running');
    // It stops only when system-services does as well.
    expect((await pids()).get('shadercached')).toBe(shadercached);
  });

  test('restart changes concierge only: the trap', async () => {
    const before = await pids();
    await client.run('restart vm_concierge');
    const after = await pids();
    expect(after.get('vm_concierge')).not.toBe(before.get('vm_concierge'));
    for (const job of ['vm_cicerone', 'seneschal', 'chunneld', 'vmlog_forwarder'])
      expect(after.get(job)).toBe(before.get(job));
  });

  test('stopping a stopped job fails, so && does not start it', async () => {
    await client.run('stop vm_concierge');
    expect((await client.run('stop vm_concierge && start vm_concierge')).code).toBe(1);
    expect(await client.text('status vm_concierge')).toBe('vm_concierge stop/waiting\n');
    expect((await client.run('stop vm_concierge; start vm_concierge')).code).toBe(0);
  });

  test('is told in messages and upstart.log', async () => {
    await client.run('restart vm_concierge');
    expect(await client.text('tail -n 20 /var/log/messages')).toMatch(
      /kernel: \[ *\d+\.\d{6}\] init: vm_concierge main process/,
    );
    expect(await client.text('cat /var/log/upstart.log')).toContain('init: vm_concierge main process');
  });
});

describe('the rest of the device (chromeos-facts 7, 9)', () => {
  test.each([
    ['crossystem cros_debug', '1'],
    ["crossystem 'cros_debug?1' && echo dev", 'dev\n'],
    ["crossystem 'cros_debug?0' || echo no", 'no\n'],
    ['cros_config / name', 'eve'],
    ['grep -c testimage-channel /etc/lsb-release', '1\n'],
    ['grep BOARD= /run/imageloader/termina-dlc/package/root/lsb-release', 'CHROMEOS_RELEASE_BOARD=tatl\n'],
    ['dlcservice_util --id=termina-dlc --dlc_state | jq -r .state', '2\n'],
    ['dlcservice_util --list | jq -r ".[\\"termina-dlc\\"][0].package"', 'package\n'],
    ['grep -c vhost-vsock /proc/misc', '1\n'],
    ['ls /run/daemon-store/crosvm/*/log', 'dGVybWluYQ==.log\n'],
    ['ls /usr/local/autotest/bin/autologin.py', '/usr/local/autotest/bin/autologin.py\n'],
    ['date +%z; readlink -f /etc/localtime', '+0000\n/usr/share/zoneinfo/UTC\n'],
    ['id', 'uid=0(root) gid=0(root) groups=0(root)\n'],
    ['uname -s; uname -m', 'Linux\nx86_64\n'],
    ['which vmc', '/usr/bin/vmc\n'],
  ])('%s', async (command, expected) => {
    expect(await client.text(command)).toBe(expected);
  });

  test('an arm device names other boards (7.2)', async () => {
    const arm = await startQuietDevice({ arch: 'aarch64' });
    const armClient = await TestClient.connect(arm.port);
    expect(
      await armClient.text(
        'uname -m; grep -h BOARD= /etc/lsb-release /run/imageloader/termina-dlc/package/root/lsb-release',
      ),
    ).toBe('aarch64\nCHROMEOS_RELEASE_BOARD=kukui-arm64\nCHROMEOS_RELEASE_BOARD=tael\n');
    armClient.close();
    await arm.close();
  });

  test('signing out takes the services along; autologin brings them back (6, 11.6)', async () => {
    device.setSession('none');
    expect(await client.text('status vm_cicerone')).toBe('vm_cicerone stop/waiting\n');
    expect((await client.run('ls /run/daemon-store/crosvm/*/log')).code).not.toBe(0);
    await client.run('/usr/local/autotest/bin/autologin.py -d');
    expect(await client.text('status vm_cicerone')).toContain('start/running');
  });

  test('logger writes in the format of messages (3.3)', async () => {
    await client.run('logger -t probe -p user.warning hello there');
    expect(await client.text('tail -n 1 /var/log/messages')).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z WARNING probe: hello there\n$/,
    );
  });

  test('an editor says that it is not there', async () => {
    expect((await client.run('vi /etc/hosts')).stderr).toContain('not on the practice device');
  });
});

describe('termina and penguin (chromeos-facts 3.4, 7)', () => {
  const termina = (words: string) => `vsh --vm_name=termina --owner_id=${hash} --user=root -- ${words}`;
  const penguin = (words: string) => `vsh --vm_name=termina --owner_id=${hash} --target_container=penguin -- ${words}`;

  test('lxc works with LXD_DIR only', async () => {
    expect((await client.run(termina('lxc list'))).code).toBe(1);
    expect(await client.text(termina('LXD_DIR=/mnt/stateful/lxd LXD_CONF=/mnt/stateful/lxd_conf lxc list'))).toContain(
      '| penguin | RUNNING | 100.115.92.204 (eth0) |',
    );
    expect(
      await client.text(
        termina('LXD_DIR=/mnt/stateful/lxd LXD_CONF=/mnt/stateful/lxd_conf lxc list --format=csv -c ns'),
      ),
    ).toContain('penguin,RUNNING\n');
    expect(
      await client.text(
        termina('LXD_DIR=/mnt/stateful/lxd LXD_CONF=/mnt/stateful/lxd_conf lxc exec penguin -- id -un'),
      ),
    ).toBe('root\n');
  });

  test('each place has its own files and host name', async () => {
    await client.run(
      `echo device > /tmp/where; ${termina('sh -c "echo termina > /tmp/where"')}; ${penguin('sh -c "echo penguin > /tmp/where"')}`,
    );
    expect(
      await client.text(
        `cat /tmp/where; ${termina('cat /tmp/where')}; ${penguin('cat /tmp/where')}; ${penguin('hostname')}`,
      ),
    ).toBe('device\ntermina\npenguin\npenguin\n');
  });

  test('the journal, short and as JSON, by user unit', async () => {
    expect(await client.text(penguin('journalctl -n 3'))).toMatch(
      /^(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d penguin \S+\[\d+\]: .*\n){3}$/,
    );
    const lines = (await client.text(penguin('journalctl --user-unit cros-garcon.service -n 2 -o json')))
      .trim()
      .split('\n');
    expect(lines).toHaveLength(2);
    for (const line of lines)
      expect(JSON.parse(line)).toMatchObject({
        _SYSTEMD_USER_UNIT: 'cros-garcon.service',
        SYSLOG_IDENTIFIER: 'garcon',
      });
  });

  test('the journal by field, and only the fields that were asked for', async () => {
    await client.run(penguin('logger -t garcon -p user.err by hand'));
    const [line = ''] = (
      await client.text(
        penguin('journalctl -n 1 -o json --output-fields=MESSAGE,PRIORITY _UID=1000 SYSLOG_IDENTIFIER=garcon'),
      )
    ).split('\n');
    const record = JSON.parse(line) as Record<string, string>;
    expect(record).toMatchObject({ MESSAGE: 'by hand', PRIORITY: '3' });
    expect(Object.keys(record).filter((name) => !name.startsWith('__'))).toEqual(['PRIORITY', 'MESSAGE']);
    expect(await client.text(penguin('journalctl -n 5 _UID=0'))).not.toContain('garcon');
  });

  test('ps shows columns of choice, and the VM sees its container in another pid namespace (8, finding 5)', async () => {
    expect(await client.text('ps -p 1 -o pid= -o comm=')).toBe('      1 init\n');
    expect(await client.text('ps -p 1 -o pid,args')).toBe('    PID COMMAND\n      1 /sbin/init\n');
    expect((await client.run('ps -o nonsense')).code).toBe(1);
    const vm = await client.text(`vsh --vm_name=termina --owner_id=${hash} --user=root -- ps -e -o pidns= -o args=`);
    const namespace = (program: RegExp) =>
      vm
        .split('\n')
        .find((line) => program.test(line))
        ?.split(' ')[0];
    expect(namespace(/ld-linux-x86-64\.so\.2 .*\/garcon\.elf --server$/)).toBe('4026532201');
    expect(namespace(/tremplin/)).toBe(namespace(/vshd/));
    expect(namespace(/vshd/)).not.toBe(namespace(/garcon/));
    await client.run(
      `vsh --vm_name=termina --owner_id=${hash} --user=root -- LXD_DIR=/mnt/stateful/lxd lxc stop penguin`,
    );
    const stopped = `vsh --vm_name=termina --owner_id=${hash} --user=root -- ps -e -o args=`;
    expect(await client.text(stopped)).not.toContain('garcon');
    await client.run('stop vm_concierge; start vm_concierge');
  });

  test('the journal is followed', async () => {
    const running = await client.start(
      penguin('journalctl -n 0 -f -o cat & cat >/dev/null; kill $!').replace('-- journalctl', "-- sh -c 'journalctl") +
        "'",
    );
    const writing = setInterval(() => void client.run(penguin('logger seen it')), 50);
    await running.see('seen it\n');
    clearInterval(writing);
    running.channel.end();
    expect((await running.ended).code).toBe(0);
  });

  test('services, apt without a network, wrapper scripts', async () => {
    expect(await client.text(penguin('systemctl --user status cros-garcon'))).toContain('Active: active (running)');
    expect((await client.run(penguin('sudo apt install gdb'))).code).toBe(100);
    expect((await client.run(penguin('apt install gdb'))).stderr).toContain('are you root?');
    expect(await client.text(penguin('head -n 1 /opt/google/cros-containers/bin/sommelier'))).toBe('#!/bin/sh\n');
    expect(await client.text(penguin('grep -c ^ID=debian /etc/os-release'))).toBe('1\n');
  });
});
