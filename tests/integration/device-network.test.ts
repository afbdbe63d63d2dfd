import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDevice, startDevice } from '../device/start.ts';
import { ROOT } from '../device/state.ts';

const CLI = join(ROOT, 'build/device/cli.mjs');

let device: TestDevice;

beforeAll(async () => {
  device = await startDevice(2);
});

afterAll(() => device?.stop());

/** Whether the device can be reached within a second: by ssh's own limit. */
const isReachable = (): boolean =>
  spawnSync('ssh', [...device.sshOptions, '-n', '-o', 'ConnectTimeout=1', `root@${device.host}`, 'true']).status === 0;

describe('the cable', () => {
  it('cut, carries nothing until it is plugged in', async () => {
    const client = spawn('ssh', [...device.sshOptions, `root@${device.host}`, 'cat'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines: string[] = [];
    const heard = () => lines.join('');
    client.stdout.setEncoding('utf8').on('data', (text: string) => lines.push(text));
    client.stdin.write('before\n');
    while (heard() !== 'before\n') await once(client.stdout, 'data');
    await device.act('cut');
    client.stdin.write('meanwhile\n');
    // As long as a new connection is waited for, the old one has time to be heard of too.
    expect(isReachable()).toBe(false);
    expect(heard()).toBe('before\n');
    await device.act('plug');
    while (heard() !== 'before\nmeanwhile\n') await once(client.stdout, 'data');
    client.stdin.end();
    await once(client, 'close');
    expect(await device.ssh('true')).toMatchObject({ code: 0 });
  });

  it('stays cut over a reboot', async () => {
    await device.act('cut');
    await device.act('reboot', '0');
    expect(isReachable()).toBe(false);
    await device.act('plug');
    expect(await device.ssh('true')).toMatchObject({ code: 0 });
  });
});

describe('a bad link', () => {
  const counters = async (): Promise<{ dropped: number; rate: boolean }> => {
    const { stdout } = await device.ssh('iptables -nvxL INPUT; tc qdisc show dev eth0');
    return { dropped: Number(/^\s*(\d+)\s+\d+\s+DROP/m.exec(stdout)?.[1] ?? NaN), rate: /\btbf\b/.test(stdout) };
  };

  it('loses packets, is as slow as it was made, and the stream is whole all the same', async () => {
    const bytes = 400_000;
    await device.act('link', 'loss=5', 'rate=3200');
    const begun = performance.now();
    const { stdout } = await device.ssh(`head -c ${bytes} /dev/zero | tr '\\0' x`);
    const seconds = (performance.now() - begun) / 1000;
    const { dropped, rate } = await counters();
    await device.act('link');
    expect(stdout).toBe('x'.repeat(bytes));
    expect(dropped).toBeGreaterThan(0);
    expect(rate).toBe(true);
    // 3200 kbit/s are 400 kB/s; the bucket lets 16 kB through at once.
    expect(seconds).toBeGreaterThan(((bytes - 16_384) * 8) / 3_200_000);
    expect((await counters()).rate).toBe(false);
  });

  it('is still bad after a reboot and after a crash, and good again when told so', async () => {
    await device.act('link', 'loss=1', 'rate=50000');
    for (const end of ['reboot', 'crash']) {
      await device.act(end, '0');
      expect(await counters()).toEqual({ dropped: expect.any(Number) as number, rate: true });
    }
    await device.act('link');
    expect(await counters()).toEqual({ dropped: NaN, rate: false });
  });

  it.each(['loss=101', 'delay=-1', 'rate=', 'jitter=3', 'loss'])('%s is refused', async (word) => {
    await expect(device.act('link', word)).rejects.toThrow('is none of delay=MILLISECONDS');
  });
});

describe('addresses', () => {
  it('are another for each device of a network namespace, wherever its files are', () => {
    const folders = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'addresses-')));
    const run = (folder: string, ...args: string[]) =>
      spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8', env: { ...process.env, TMPDIR: folder } });
    try {
      for (const folder of folders) expect(run(folder, 'up', 'same', '--tier', '2').stdout).toContain('same is up');
      const addresses = folders.map((folder) => /root@(\S+)/.exec(run(folder, 'list').stdout)?.[1]);
      expect(new Set([...addresses, device.host]).size).toBe(3);
      // The end of one is not the other's.
      expect(run(folders[0] ?? '', 'down', 'same').stdout).toBe('same is down\n');
      expect(run(folders[1] ?? '', 'ssh', 'same', 'echo here').stdout).toBe('here\n');
    } finally {
      for (const folder of folders) {
        run(folder, 'down', '--all');
        rmSync(folder, { recursive: true, force: true });
      }
    }
  });

  it('are out of reach for a neighbour, even where this machine routes and translates for it', () => {
    // A machine of its own, with a neighbour on its other side, so that nothing of the real one is touched.
    const folder = mkdtempSync(join(tmpdir(), 'neighbour-'));
    const script = `
      set -e
      ip link set lo up
      ip link add lan type veth peer name eth1
      ip addr add 10.99.0.1/24 dev lan
      ip link set lan up
      unshare --net sleep infinity & neighbour=$!
      until [ "$(readlink /proc/$neighbour/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do :; done
      ip link set eth1 netns $neighbour
      there() { nsenter --net=/proc/$neighbour/ns/net "$@"; }
      there ip addr add 10.99.0.2/24 dev eth1
      there ip link set eth1 up
      there ip route add default via 10.99.0.1
      trap '"$0" "$1" down --all > /dev/null; kill $neighbour' EXIT
      "$0" "$1" up alone --tier 2 > /dev/null
      echo 1 > /proc/sys/net/ipv4/ip_forward
      iptables -t nat -A POSTROUTING -j MASQUERADE
      address=$("$0" "$1" list | sed 's/.*root@\\([0-9.]*\\).*/\\1/')
      reach() { "$@" bash -c "exec 3<> /dev/tcp/$address/22 && read -r -t 2 line <&3 && echo \\$line" 2> /dev/null || echo no; }
      echo "this machine: $(reach)"
      echo "neighbour: $(reach timeout 2 nsenter --net=/proc/$neighbour/ns/net)"
      iptables -F FORWARD
      echo "without the rules: $(reach timeout 5 nsenter --net=/proc/$neighbour/ns/net)"`;
    try {
      const stdout = execFileSync('unshare', ['--net', 'bash', '-c', script, process.execPath, CLI], {
        encoding: 'utf8',
        env: { ...process.env, TMPDIR: folder },
      });
      expect(stdout).toMatch(
        /^this machine: SSH-2\.0-OpenSSH[^\n]*\nneighbour: no\nwithout the rules: SSH-2\.0-OpenSSH[^\n]*\n$/,
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
