import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PracticeDevice } from '../device.ts';
import { startQuietDevice, TestClient } from '../testing/client.ts';

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

describe('a one-shot command', () => {
  test('keeps stdout, stderr and the status apart', async () => {
    const end = await client.run('echo out; echo err >&2; exit 3');
    expect([end.stdout.toString(), end.stderr, end.code]).toEqual(['out\n', 'err\n', 3]);
  });

  test('does not wait for a stdin that it does not read', async () => {
    const running = await client.start('uname -m; echo "$(vmc list | head -n 1 | cut -c1-7)"');
    expect((await running.ended).stdout.toString()).toBe('x86_64\ntermina\n');
  });

  test.each([
    ['wc -l', 'a\nb\n', '2\n'],
    ['tr a-z A-Z | sort -r', 'b\na\nc\n', 'C\nB\nA\n'],
    ["grep -c '^b'", 'a\nb\nbb\n', '2\n'],
    ["sed -n '2p'", 'a\nb\n', 'b\n'],
    ["awk '{ s += $1 } END { print s }'", '1\n2\n3\n', '6\n'],
    ['head -n 1', 'a\nb\n', 'a\n'],
    ['tail -n 1', 'a\nb\n', 'b\n'],
    ['read first; echo "<$first>"; cat', 'a\nb\n', '<a>\nb\n'],
    ['while read -r line; do echo "[$line]"; done', 'a\nb\n', '[a]\n[b]\n'],
    ['x=$(cat); echo "${#x}"', 'abcd', '4\n'],
    ['cp /dev/stdin /tmp/copied && cat /tmp/copied', 'abc', 'abc'],
    ['xargs echo x', 'a\nb\n', 'x a b\n'],
    ['tee /tmp/teed | wc -c; cat /tmp/teed', 'abc', '3\nabc'],
    ['base64 -d', 'aGVsbG8=', 'hello'],
    ['dd 2>/dev/null', 'abc', 'abc'],
    ['read a; echo 1$a; read b; echo 2$b', 'x\ny\n', '1x\n2y\n'],
  ])('%s reads stdin to its end', async (command, stdin, expected) => {
    expect(await client.text(command, stdin)).toBe(expected);
  });

  test('carries 1 MiB of any bytes in and out unchanged', async () => {
    const bytes = randomBytes(1024 * 1024);
    const digest = createHash('sha256').update(bytes).digest('hex');
    expect(await client.text('sha256sum', bytes)).toBe(`${digest}  -\n`);
    await client.run('cat > /tmp/f', bytes);
    expect((await client.run('cat /tmp/f')).stdout.equals(bytes)).toBe(true);
    await client.run('cat > /tmp/g.gz && gzip -c /tmp/f > /tmp/f.gz', bytes);
    expect((await client.run('gzip -dc /tmp/f.gz')).stdout.equals(bytes)).toBe(true);
    const archive = (await client.run('cd /tmp && tar -cf - f')).stdout;
    await client.run('mkdir /tmp/unpacked && tar -C /tmp/unpacked -xf -', archive);
    expect((await client.run('cat /tmp/unpacked/f')).stdout.equals(bytes)).toBe(true);
  });

  test('cat passes bytes on as they come', async () => {
    const running = await client.start('cat');
    running.type('one');
    await running.see('one');
    running.type('two');
    await running.see('two');
    running.channel.end();
    expect((await running.ended).code).toBe(0);
  });
});

describe('shell text', () => {
  test.each([
    ['x=1; sleep 0; echo $x; f() { echo "f $1 $?"; }; false; f a', '1\nf a 1\n'],
    ['cd /tmp; sleep 0; pwd; a=(1 "2 3"); sleep 0; echo "${a[1]}"', '/tmp\n2 3\n'],
    ['cat <<EOF | tr a-z A-Z\nit\'s "a" $((1+1))\nEOF\necho done', 'IT\'S "A" 2\ndone\n'],
    ["cat <<'EOF'\n$x `y`\nEOF", '$x `y`\n'],
    ['for i in 1 2 3; do if [ $i = 2 ]; then continue; fi; sleep 0; echo $i; done', '1\n3\n'],
    ['n=0; while true; do n=$((n+1)); sleep 0; [ $n -ge 3 ] && break; done; echo $n', '3\n'],
    ['false || sleep 0 && echo yes', 'yes\n'],
    ['! sleep 0; echo $?', '1\n'],
    ['(cd /tmp; sleep 0; pwd); pwd', '/tmp\n/root\n'],
    ['set -- a b; sleep 0; echo $# $2', '2 b\n'],
    ["sh -c 'echo $0 $1; exit 4' sh one; echo $?", 'bash one\n4\n'],
    ["echo 'echo from script $1' > /tmp/s.sh; sh /tmp/s.sh x", 'from script x\n'],
    ["sh <<'EOF'\nsleep 0\necho inner\nEOF", 'inner\n'],
    ["A=1 env | grep ^A=; env B=2 sh -c 'echo $B'", 'A=1\n2\n'],
    ['trap "echo bye" EXIT; echo hi', 'hi\nbye\n'],
    ['sleep 0 > /tmp/empty; echo to >> /tmp/empty; cat < /tmp/empty', 'to\n'],
    ['test -c /dev/kvm && echo kvm; [[ -c /dev/kvm ]] && echo again', 'kvm\nagain\n'],
    ['echo $$ | grep -c "^[0-9][0-9]*$"', '1\n'],
  ])('%s', async (source, expected) => {
    expect(await client.text(source)).toBe(expected);
  });

  test('set -e ends it, unknown commands are 127, syntax errors are 2', async () => {
    expect((await client.run('set -e; echo a; false; echo b')).code).toBe(1);
    expect(await client.run('nosuch')).toMatchObject({ code: 127, stderr: 'bash: nosuch: command not found\n' });
    expect((await client.run('echo "a')).code).toBe(2);
    expect((await client.run('echo ok; echo )')).code).not.toBe(0);
  });

  test('a probe script on stdin of sh -s runs in one go', async () => {
    const script = `p() { out=$(eval "$2" 2>&1); rc=$?; printf '@%s %s\\n' "$1" "$rc"; printf '%s\\n' "$out" | sed 's/^/|/'; }
p board 'grep BOARD /etc/lsb-release | head -n 1'
p jobs 'for job in vm_concierge seneschal; do status "$job"; done'
[ -r /etc/lsb-release ] && p size 'head -c 4 /etc/lsb-release'
p nothing 'ls /nope'
`;
    const expected = [
      '@board 0',
      '|CHROMEOS_RELEASE_BOARD=eve',
      '@jobs 0',
      '|vm_concierge start/running, process 2533',
      '|seneschal start/running, process 2561',
      '@size 0',
      '|CHRO',
      '@nothing 2',
      '|ls: /nope: No such file or directory',
      '',
    ];
    expect((await client.text('sh -s', script)).split('\n')).toEqual(expected);
  });

  test('what is not simulated says so instead of hanging', async () => {
    expect(await client.run('exec 3<&0; sleep 0')).toMatchObject({ code: 0 });
    expect((await client.run('x=$(tail -f /var/log/messages)')).stderr).toContain('cannot be followed');
    expect((await client.run('while :; do :; done')).stderr).toContain('too many');
  });
});

describe('jobs', () => {
  test('the line with which the app follows a log', async () => {
    device.appendLog('before');
    const running = await client.start('tail -n 1 -F -- /var/log/messages & cat >/dev/null; kill $!');
    await running.see('before\n');
    device.appendLog('while');
    await running.see('while\n');
    device.rotateLogs();
    device.appendLog('after');
    await running.see('after\n');
    await running.seeError('has been replaced;  following new file');
    running.channel.end();
    expect((await running.ended).code).toBe(0);
  });

  test.each([
    ['( sleep 0.05; echo x ) & wait; echo done', 'x\ndone\n'],
    ['sleep 100 & kill %1; wait $!; echo $?', '143\n'],
    ['sleep 100 & kill -KILL $!; wait; echo ended', 'ended\n'],
    ['sleep 0.01 & sleep 0.02 & jobs -p | wc -l; wait', '2\n'],
  ])('%s', async (source, expected) => {
    expect(await client.text(source)).toBe(expected);
  });

  test('a background job holds the channel open, as sshd does', async () => {
    const running = await client.start('(sleep 0.1; echo late) & echo early');
    await running.see('early');
    await running.see('late');
    expect((await running.ended).code).toBe(0);
  });
});

describe('live pipelines', () => {
  test('filters run while the log is followed', async () => {
    const running = await client.start('tail -n 0 -f /var/log/messages | grep --line-buffered garcon | cut -c1-12');
    // The first line that is seen proves that tail was there; until then they are written again.
    const writer = setInterval(() => {
      device.appendLog('no match');
      device.appendLog('garcon says a lot of things');
    }, 20);
    await running.see('garcon says \n');
    clearInterval(writer);
    running.channel.signal('TERM');
    expect(await running.ended).toMatchObject({ signal: 'SIGTERM' });
    expect(running.output).not.toContain('match');
  });

  test('a reader that has enough ends its writer', async () => {
    expect(
      await client.text('yes | head -n 2; yes no | head -c 4; tail -f /var/log/messages | head -n 1 | wc -l'),
    ).toBe('y\ny\nno\nn1\n');
  });

  test('cat into a counting command sees all of it', async () => {
    expect(
      await client.text('cat | wc -c; vsh --cid=32 --user=root -- cat /etc/lsb-release | grep -c CHROMEOS', 'abc'),
    ).toMatch(/^3\n1\d\n$/);
  });
});
