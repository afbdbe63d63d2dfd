import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PracticeDevice } from '../device.ts';
import { startQuietDevice, TestClient, type Running } from '../testing/client.ts';

let device: PracticeDevice;
let client: TestClient;
let shell: Running;
beforeAll(async () => {
  device = await startQuietDevice();
});
afterAll(() => device.close());
beforeEach(async () => {
  client = await TestClient.connect(device.port);
  shell = await client.shell();
  await shell.see(prompt);
});
afterEach(() => client.close());

const prompt = '\x1b[01;31mlocalhost\x1b[01;34m ~ #\x1b[00m ';
const [up, down, left, home, del] = ['\x1b[A', '\x1b[B', '\x1b[D', '\x1b[H', '\x1b[3~'];

/** What a line prints, up to the next prompt. */
async function enter(line: string): Promise<string> {
  shell.type(`${line}\r`);
  await shell.see('\r\n');
  const text = await shell.see('localhost\x1b[01;34m');
  await shell.see('\x1b[00m ');
  return text.slice(0, text.lastIndexOf('\x1b[01;31m'));
}

describe('a line', () => {
  test('is run, its output ends lines with CR LF, and $? is carried on', async () => {
    expect(await enter('echo one; echo two')).toBe('one\r\ntwo\r\n');
    await enter('false');
    expect(await enter('echo $?')).toBe('1\r\n');
    expect(await enter('echo $?')).toBe('0\r\n');
  });

  test('leaves variables, directory and functions behind', async () => {
    await enter('x=5; f() { echo "f$1"; }; alias hello="echo hi"');
    expect(await enter('f $x; hello')).toBe('f5\r\nhi\r\n');
    shell.type('cd /tmp\r');
    await shell.see('localhost\x1b[01;34m /tmp #');
  });

  test.each([
    ['echo "a\rb"\r', 'a\r\nb\r\n'],
    ['for i in 1 2; do\recho $i\rdone\r', '1\r\n2\r\n'],
    ['cat <<E\rx\rE\r', 'x\r\n'],
    ['echo a |\rtr a b\r', 'b\r\n'],
    ['echo \\\rz\r', 'z\r\n'],
  ])('that is not complete gets "> ": %j', async (keys, expected) => {
    shell.type(keys);
    await shell.see('> ');
    const text = await shell.see('\x1b[01;31m');
    expect(text).toContain(expected);
    expect(text).not.toContain('error');
  });

  test('pasted lines run one after the other, and a command reads the lines behind it', async () => {
    shell.type('echo first\rread word\rtyped\recho "<$word>"\r');
    await shell.see('first\r\n');
    await shell.see('<typed>\r\n');
  });
});

describe('keys', () => {
  test.each([
    [`echo ac${left}b`, 'abc'],
    [`cho x${home}e`, 'x'],
    ['cho y\x01e', 'y'],
    ['echo ab\x7fc', 'ac'],
    [`echo abc${left}${left}${del}`, 'ac'],
    ['garbage\x15echo k', 'k'],
    ['echo a b\x17c', 'a c'],
    [`echo a rest${left.repeat(5)}\x0b`, 'a'],
    ['echo b rest\x17\x19', 'b rest'],
    ['echo zü\x7fx', 'zx'],
  ])('%j edits the line', async (keys, expected) => {
    expect(await enter(keys)).toMatch(new RegExp(`(?:^|\\n)${expected}\\r\\n$`));
  });

  test('up, down and Ctrl-R bring back lines', async () => {
    await enter('echo one');
    await enter('echo two');
    expect(await enter(`${up}${up}`)).toMatch(/one\r\n$/);
    expect(await enter(`${up}${up}${down}`)).toMatch(/one\r\n$/);
    expect(await enter('\x12two')).toMatch(/two\r\n$/);
  });

  test.each([
    ['unam\t -s', 'Linux'],
    ['cat /etc/lsb-rel\t | head -n 1 | cut -c1-8', 'CHROMEOS'],
    ['vmc lo\t term\t | grep -c maitred.listen_port', '1'],
    ['status vm_conc\t >/dev/null; echo $?', '0'],
    ['echo $LOGN\t', 'root'],
    ['ls -d /var/lo\t', '/var/log/'],
  ])('Tab completes %j', async (keys, expected) => {
    expect(await enter(keys)).toContain(`${expected}\r\n`);
  });

  test('a second Tab lists what there is', async () => {
    shell.type('vmc st\t\t');
    await shell.see(/start +stop/);
  });

  test('Ctrl-C drops a line, Ctrl-D ends the shell with the last status', async () => {
    shell.type('echo never\x03');
    await shell.see('^C\r\n');
    await shell.see(prompt);
    expect(await enter('echo $?')).toBe('130\r\n');
    shell.type('sh -c "exit 4"\r\x04');
    expect((await shell.ended).code).toBe(4);
  });
});

describe('Ctrl-C ends', () => {
  test.each([
    'sleep 100',
    'tail -f /var/log/messages',
    'cat',
    'yes >/dev/null',
    'vsh --cid=32 -- sleep 100',
    'while true; do sleep 50; done',
    'watch date',
  ])('%s', async (line) => {
    shell.type(`echo start; ${line}\r`);
    await shell.see('start\r\n');
    // Ctrl-C may come before the command: it must end the line in either case.
    shell.type('\x03');
    await shell.see(prompt);
    expect(await enter('echo $?')).toBe('130\r\n');
  });
});

describe('the terminal', () => {
  test('has a size that follows the window', async () => {
    expect(await enter('stty size; tput cols; echo $COLUMNS x $LINES; tty')).toMatch(
      /^24 80\r\n80\r\n80 x 24\r\n\/dev\/pts\/\d+\r\n$/,
    );
    shell.channel.setWindow(50, 132, 0, 0);
    await expect.poll(() => enter('stty size')).toBe('50 132\r\n');
    expect(await enter('echo $COLUMNS; vsh --cid=32 --user=root -- stty size')).toBe('132\r\n50 132\r\n');
  });

  test('ls lists in columns and colours here, and one name a line into a pipe', async () => {
    await enter('mkdir -p /tmp/d/sub; touch /tmp/d/one /tmp/d/two');
    expect(await enter('ls /tmp/d')).toBe('one  \x1b[01;34msub\x1b[0m  two\r\n');
    expect(await enter('ls /tmp/d | cat')).toBe('one\r\nsub\r\ntwo\r\n');
  });

  test('echoes what a command reads, and Ctrl-D ends its input', async () => {
    shell.type('cat\r');
    await shell.see('cat\r\n');
    shell.type('line\r');
    await shell.see('line\r\nline\r\n');
    shell.type('\x04');
    await shell.see(prompt);
  });

  test('exec with a pty merges both outputs and takes keys', async () => {
    const running = await client.start('echo out; echo err >&2; read x; echo "[$x]"; exit 5', { cols: 80, rows: 24 });
    await running.see('out\r\nerr\r\n');
    running.type('key\r');
    await running.see('[key]\r\n');
    expect(await running.ended).toMatchObject({ code: 5, stderr: '' });
  });

  test('exit N ends with N; an unknown command does not end the shell', async () => {
    expect(await enter('nosuch')).toBe('bash: nosuch: command not found\r\n');
    shell.type('exit 9\r');
    expect((await shell.ended).code).toBe(9);
  });

  test('a shell in the VM and in the container, one inside the other', async () => {
    shell.type(
      'vsh --vm_name=termina --owner_id=5c990f446325244d42d5919b06dcd2615e74cbfc --user=root -- LXD_DIR=/mnt/stateful/lxd LXD_CONF=/mnt/stateful/lxd_conf\r',
    );
    await shell.see('(termina) ');
    shell.type('lxc list\r');
    await shell.see('| penguin | RUNNING |');
    shell.type('lxc exec penguin -- bash\r');
    await shell.see('root@penguin:~# ');
    shell.type('exit\r');
    await shell.see('(termina) ');
    shell.type('exit 3\r');
    await shell.see(prompt);
    expect(await enter('echo $?')).toBe('3\r\n');
    shell.type('vmc container termina penguin\r');
    await shell.see('testuser@penguin');
    shell.type('exit 3\r');
    await shell.see(prompt);
    // vmc throws the status away (chromeos-facts 2.4).
    expect(await enter('echo $?')).toBe('0\r\n');
  });
});
