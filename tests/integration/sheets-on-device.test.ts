import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { must } from '../device/run.ts';
import { type TestDevice, startDevice } from '../device/start.ts';
import { findStep } from './catalogue-step.ts';
import { Workstation } from './workstation.ts';

/*
 * Steps of the catalogue, filled as the app fills them and run where they belong, on a device with LXD and a Debian
 * container: what the sheets promise happens, and their checks find it in what was really printed.
 */
let device: TestDevice;
let workstation: Workstation;

beforeAll(async () => {
  device = await startDevice(2);
  await device.act('vmc', 'start', '--no-shell', 'termina');
  workstation = new Workstation(device);
});
afterAll(async () => {
  workstation?.close();
  await device?.stop();
});

describe('what only looks', () => {
  it.each([
    ...['prerequisites/reach', 'prerequisites/image', 'guest-board/architecture', 'guest-board/installed'],
    ...['guest-board/kind', 'kernel/version', 'kernel/running', 'owner-hash/on-device', 'owner-hash/guest'],
    ...['termina-shell/root', 'termina-shell/chronos', 'termina-shell/one-command'],
    ...['container-shell/vsh', 'container-shell/vmc', 'container-shell/root', 'container-shell/one-command'],
    ...['logs/host', 'logs/host-follow', 'logs/termina', 'logs/vmc', 'logs/garcon', 'logs/sommelier'],
    ...['logs/container-system', 'debug-termina/log'],
  ])('%s', async (name) => {
    await workstation.prove(name);
  });

  it('owner-hash/from-workstation leaves the hash in the variable', async () => {
    const { place, command, checks = [] } = findStep('owner-hash/from-workstation');
    const line = [command, ...checks.map((check) => check.command)].map((one) => workstation.fill(one)).join('\n');
    const hash = device.config.user.hash;
    expect(await workstation.run(place, line)).toMatchObject({ code: 0, stdout: `${hash}\n${hash}\n` });
  });

  it('logs/garcon and logs/sommelier show lines of theirs only', async () => {
    for (const [name, tag] of [
      ['logs/garcon', 'garcon'],
      ['logs/sommelier', 'sommelier'],
    ] as const) {
      const { stdout } = await workstation.step(name);
      const others = stdout.split('\n').filter((line) => !new RegExp(` ${tag}\\[| systemd\\[|^--|^$`).test(line));
      expect(stdout).toContain(`${tag}[`);
      expect(others).toEqual([]);
    }
  });

  it('logs/termina-rotated has everything, oldest first', async () => {
    const { stdout: before } = await workstation.prove('logs/termina');
    for (const words of ['first', 'second']) {
      await device.act('rotate');
      await device.act('burst', 'vm', '3');
      expect(before, words).not.toBe('');
    }
    const { stdout } = await workstation.prove('logs/termina-rotated');
    expect(stdout.startsWith(before)).toBe(true);
    expect(stdout.slice(before.length).match(/burst \d of 3/g)).toEqual(
      [0, 1, 2, 0, 1, 2].map((number) => `burst ${number} of 3`),
    );
    expect((await workstation.step('logs/vmc')).stdout).toBe(stdout);
  });

  it('logs/termina finds the file of a VM whose name plain base64 would spell otherwise', async () => {
    await device.ssh(`echo found > /run/daemon-store/crosvm/${device.config.user.hash}/log/dm0-Pg==.log`);
    expect((await workstation.step('logs/termina', { vm: 'vm>>' })).stdout).toBe('found\n');
  });

  it.each([
    ['termina-shell/root', 'root'],
    ['termina-shell/chronos', 'chronos'],
    ['container-shell/vsh', 'testuser'],
    ['container-shell/vmc', 'testuser'],
    ['container-shell/root', 'root'],
  ])('%s opens a shell of %s, in a terminal', async (name, user) => {
    const shown = await workstation.terminal(name, {}, ['echo "<$(id -un)>" $(tty)', 'exit']);
    expect(shown).toContain(`<${user}> /dev/pts/`);
  });
});

describe.each([
  ['copy-termina', '/tmp'],
  ['copy-penguin', '/home/testuser'],
])('%s', (sheet, home) => {
  const names = [`it's a "file" $(x) \`y\` & more`, '-rf', '{} \\n *', 'grüße.bin', '.hidden'];
  const local = (name: string): string => join(workstation.folder, sheet, name);
  const bytes = randomBytes(300_000);

  beforeAll(() => {
    mkdirSync(local('folder'), { recursive: true });
    for (const name of names) {
      mkdirSync(join(local('folder'), `d ${name}`));
      writeFileSync(join(local('folder'), `d ${name}`, name), bytes);
    }
  });

  it('a file in, and out again', async () => {
    const name = names[0] ?? '';
    const file = join(local('folder'), `d ${name}`, name);
    const inside = `${home}/${sheet} ${name}`;
    await workstation.prove(`${sheet}/file-in`, { file, destination: inside });
    const back = local(`back ${name}`);
    await workstation.prove(`${sheet}/file-out`, { file: inside, destination: back });
    expect(readFileSync(back).equals(bytes)).toBe(true);
    await workstation.undo(`${sheet}/file-out`, { file: inside, destination: back });
    await workstation.undo(`${sheet}/file-in`, { file, destination: inside });
  });

  it('a directory in, and out again', async () => {
    const inside = `${home}/${sheet} -d 'x' $(y)`;
    await workstation.prove(`${sheet}/directory-in`, { file: local('folder'), destination: inside });
    const back = local('back again');
    await workstation.prove(`${sheet}/directory-out`, { file: inside, destination: back });
    for (const name of names) expect(readFileSync(join(back, `d ${name}`, name)).equals(bytes)).toBe(true);
    await workstation.undo(`${sheet}/directory-out`, { file: inside, destination: back });
    await workstation.undo(`${sheet}/directory-in`, { file: local('folder'), destination: inside });
  });

  it('a check tells a copy that is short', async () => {
    const file = local('whole');
    const inside = `${home}/short`;
    writeFileSync(file, bytes);
    await workstation.step(`${sheet}/file-in`, { file, destination: inside });
    writeFileSync(file, Buffer.concat([bytes, bytes]));
    expect(await workstation.checks(`${sheet}/file-in`, { file, destination: inside })).toEqual([false]);
  });
});

it('container-deb: a package of our own, copied, installed and seen; without sudo it is refused', async () => {
  const tree = join(workstation.folder, 'deb');
  mkdirSync(join(tree, 'DEBIAN'), { recursive: true });
  writeFileSync(
    join(tree, 'DEBIAN/control'),
    'Package: cros-example\nVersion: 1.2\nArchitecture: all\nMaintainer: x <x@example.com>\nDescription: x\n',
  );
  const deb = join(workstation.folder, `a 'package'.deb`);
  await must(['dpkg-deb', '--root-owner-group', '--build', tree, deb]);
  await workstation.prove('container-deb/copy', { deb });
  const install = findStep('container-deb/install');
  const refused = await workstation.run('penguin', install.command.replace('sudo ', ''));
  expect(refused.stderr).toContain(install.pitfalls?.[0]?.symptom ?? 'no pitfall');
  expect(await workstation.checks('container-deb/install')).toEqual([false]);
  await workstation.prove('container-deb/install');
  await workstation.undo('container-deb/copy', { deb });
});

describe('container-ssh', () => {
  const port = '8222';
  const typed = () => ({ port, publicKey: `${device.keyFile}.pub` });

  it('takes all its steps, which lead to root of the container through a tunnel', async () => {
    expect(await workstation.checks('container-ssh/allow', typed())).toEqual([false]);
    await workstation.prove('container-ssh/allow', typed());
    await workstation.prove('container-ssh/key', typed());
    await workstation.prove('container-ssh/configure', typed());
    await workstation.prove('container-ssh/restart-sshd', typed());
    // On a real device crosdns knows the name and patchpanel routes to it; LXD's proxy device stands in for both.
    const lxc = (words: string): string =>
      `LXD_DIR=/mnt/stateful/lxd LXD_CONF=/mnt/stateful/lxd_conf lxc config device ${words}`;
    await workstation.run(
      'termina',
      lxc(`add penguin ssh proxy listen=tcp:127.0.0.1:${port} connect=tcp:127.0.0.1:${port}`),
    );
    await device.ssh("sed -i 's/localhost/localhost penguin.linux.test/' /etc/hosts");
    const tunnel = workstation.stay(workstation.fill(findStep('container-ssh/tunnel').command, typed()));
    // A client says nothing when its tunnel stands; the port answers.
    const [check] = findStep('container-ssh/tunnel').checks ?? [];
    if (!check) throw new Error('no check');
    await expect.poll(async () => (await workstation.look(check, typed())).holds, { timeout: 20_000 }).toBe(true);
    await workstation.prove('container-ssh/connect', typed());
    expect(await workstation.terminal('container-ssh/connect', typed(), ['echo "<$(id -un)>"', 'exit'])).toContain(
      '<root>',
    );
    tunnel.kill();
    await once(tunnel, 'exit');
  });

  it('container-ssh/forward shows the rule of a forwarded port, as the real iptables prints it', async () => {
    const rule = [
      '-i',
      'eth0',
      '-p',
      'tcp',
      '--dport',
      port,
      '-j',
      'DNAT',
      '--to-destination',
      `100.115.92.204:${port}`,
    ];
    const chain = 'iptables -t nat -N ingress_port_forwarding';
    const [check] = findStep('container-ssh/forward').checks ?? [];
    if (!check) throw new Error('no check');
    await device.ssh(chain);
    expect((await workstation.look(check, typed())).holds).toBe(false);
    await device.ssh(`iptables -t nat -I ingress_port_forwarding ${rule.join(' ')} -w`);
    expect((await workstation.look(check, typed())).holds).toBe(true);
  });

  it('takes every step back', async () => {
    await workstation.undo('container-ssh/configure', typed());
    await workstation.undo('container-ssh/key', typed());
    await workstation.undo('container-ssh/restart-sshd', typed());
    await workstation.undo('container-ssh/allow', typed());
  });
});

describe('debug-container', () => {
  const program = 'sommelier';
  let pid: string;

  it('debug-container/pid finds a tool by its command line, where its name finds nothing', async () => {
    const { stdout } = await workstation.prove('debug-container/pid', { program });
    pid = stdout.split(' ')[0] ?? '';
    expect((await workstation.run('penguin', `pgrep -x ${program}`)).stdout).toBe('');
  });

  it('debug-container/attach-vsh: gdb on the workstation holds the process, without sshd or port', async () => {
    await expectHeld('debug-container/attach-vsh', { pid });
  });

  it('debug-symbols makes the command for a tool under the bundled loader', async () => {
    const binary = '/opt/google/cros-containers/bin/sommelier.elf';
    const { stdout: files } = await workstation.prove('debug-symbols/files', { pid });
    expect(files.split('\n')).toContain(binary);
    const { stdout } = await workstation.prove('debug-symbols/command', { pid, binary });
    const { stdout: maps } = await workstation.run('penguin', `grep -m1 -F ${binary} /proc/${pid}/maps`);
    expect(stdout).toBe(`add-symbol-file "${binary}" -o 0x${maps.split('-')[0]}\n`);
  });
});

describe('debug-termina', () => {
  it('debug-termina/proc shows what a service waits for and has open', async () => {
    const { stdout } = await workstation.prove('debug-termina/proc', { program: 'lxd' });
    expect(stdout).toMatch(/^\S+:Name:\tlxd$/m);
    expect(stdout).toContain('socket:[');
  });

  it('gdbserver is brought along and holds a service, through the pipe of vsh', async () => {
    // The one of the container stands for one that is built for the guest board.
    const gdbserver = join(workstation.folder, 'gdbserver');
    await workstation.prove('copy-penguin/file-out', { file: '/usr/bin/gdbserver', destination: gdbserver });
    const copy = workstation.fill(findStep('debug-termina/copy-gdbserver').command, { guestBoard: 'tatl' });
    await workstation.run('outside', copy.replace('/build/tatl/usr/bin/gdbserver', gdbserver));
    expect(await workstation.checks('debug-termina/copy-gdbserver')).toEqual([true]);
    const { stdout: pid } = await workstation.run('termina', 'pgrep -o -x lxd');
    await expectHeld('debug-termina/attach', { pid });
    await workstation.undo('debug-termina/copy-gdbserver');
  });
});

/** Runs a step that attaches a debugger, until it has attached; its check must find that, and nothing before. */
async function expectHeld(name: string, typed: Record<string, string>): Promise<void> {
  expect(await workstation.checks(name, typed)).toEqual([false]);
  const command = workstation.fill(findStep(name).command, typed);
  const gdb = workstation.stay(`${command} -nx -ex 'echo attached\\n'`);
  await new Promise<void>((resolve, reject) => {
    let output = '';
    gdb.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.includes('attached\n')) resolve();
    });
    gdb.on('exit', () => reject(new Error(`gdb ended: ${output}`)));
  });
  expect(await workstation.checks(name, typed)).toEqual([true]);
  gdb.kill('SIGKILL');
}

describe('when the VM stops', () => {
  it('host-service-change/restart stops it, and the sheets say so in the words of their pitfalls', async () => {
    await workstation.prove('host-service-change/restart');
    for (const [name, index] of [
      ['termina-shell/root', 0],
      ['container-shell/vsh', 1],
    ] as const) {
      const { checks = [], pitfalls = [] } = findStep(name);
      const seen = await Promise.all(checks.map((check) => workstation.look(check, {})));
      expect(seen.map(({ holds }) => holds)).toEqual([false]);
      expect(seen[0]?.output).toContain(pitfalls[index]?.symptom.replace(/ ?…$/, ''));
    }
  });

  it('termina-shell/start brings it back, container-tools/start-container the container', async () => {
    expect(await workstation.checks('termina-shell/start')).toEqual([false]);
    await workstation.prove('termina-shell/start');
    await workstation.prove('container-tools/start-container');
    await workstation.undo('termina-shell/start');
  });

  it('and when nobody is signed in, no step takes nothing for a hash or a log', async () => {
    await device.act('signout');
    for (const name of [
      'owner-hash/on-device',
      'prerequisites/sign-in',
      'logs/termina',
      'logs/vmc',
      'guest-board/kind',
    ])
      expect(await workstation.checks(name), name).toEqual([false]);
    await device.act('signin');
  });
});

describe('a Baguette', () => {
  let other: TestDevice;
  let beside: Workstation;
  beforeAll(async () => {
    other = await startDevice(2, { vmType: 'baguette' });
    await other.act('vmc', 'start', '--no-shell', 'termina');
    beside = new Workstation(other);
  });
  afterAll(async () => {
    beside?.close();
    await other?.stop();
  });

  it.each(['baguette/kind', 'baguette/shell'])('%s', async (name) => {
    await beside.prove(name);
  });

  it('baguette/copy', async () => {
    const file = join(beside.folder, "a 'file'");
    writeFileSync(file, randomBytes(5000));
    await beside.prove('baguette/copy', { file, destination: '/tmp/copied' });
    await beside.undo('baguette/copy', { file, destination: '/tmp/copied' });
  });

  it('is no crostini VM for the sheet that asks', async () => {
    expect(await beside.checks('guest-board/kind')).toEqual([false]);
    expect(await workstation.checks('baguette/kind')).toEqual([false]);
  });
});
