import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { defaultConfig } from '../device/config.ts';
import { act } from '../device/control.ts';
import { DEVICES, ROOT, deviceFiles, readRecord } from '../device/state.ts';

const CLI = join(ROOT, 'build/device/cli.mjs');

const NAMESPACES = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts'];

/** The namespaces of a process, as `kind:[inode]`; none if it is gone. */
function namespacesOf(pid: string): string[] {
  try {
    return NAMESPACES.map((kind) => readlinkSync(`/proc/${pid}/ns/${kind}`));
  } catch {
    return [];
  }
}

const processes = (): string[] => readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));

/** When a process started, in clock ticks since this machine did; Infinity if it is gone. */
function startOf(pid: string): number {
  const [, ...fields] = read(`/proc/${pid}/stat`).split(') ');
  return Number(fields.join(') ').split(' ')[19] ?? Infinity);
}

/** Now, as `startOf` counts: 100 ticks a second on every Linux that Node runs on. */
const now = (): number => Math.ceil(Number(read('/proc/uptime').split(' ')[0]) * 100);

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** All processes below a process, itself included. */
function family(root: string): string[] {
  const children = read(`/proc/${root}/task/${root}/children`).trim().split(' ').filter(Boolean);
  return [root, ...children.flatMap(family)];
}

/** What a running device consists of, by which it can be found again on this machine. */
interface Footprint {
  readonly name: string;
  /** Namespaces that are the device's and not this machine's. */
  readonly namespaces: ReadonlySet<string>;
  readonly cable: string | null;
}

function footprint(name: string): Footprint {
  const record = readRecord(name);
  const own = new Set(namespacesOf('self'));
  const all = family(String(Number.parseInt(record?.keeper ?? '', 10))).flatMap(namespacesOf);
  return { name, namespaces: new Set(all.filter((namespace) => !own.has(namespace))), cable: record?.cable ?? null };
}

/** All mounts that any of these processes sees, each mount namespace once. */
function mountsOf(pids: readonly string[]): { namespace: string; lines: string[] }[] {
  const seen = new Map<string, string[]>();
  for (const pid of pids) {
    const [namespace] = namespacesOf(pid).filter((each) => each.startsWith('mnt:'));
    if (namespace !== undefined && !seen.has(namespace))
      seen.set(namespace, read(`/proc/${pid}/mountinfo`).split('\n').filter(Boolean));
  }
  return [...seen].map(([namespace, lines]) => ({ namespace, lines }));
}

/**
 * Looks for everything of a device, wherever on this machine.
 * @param until processes that started later are others': the kernel gives the number of a namespace again
 */
function remains({ name, namespaces, cable }: Footprint, until = Infinity) {
  const candidates = processes().filter((pid) => startOf(pid) <= until);
  const mounts = mountsOf(candidates);
  const hierarchies = read('/proc/self/mountinfo')
    .split('\n')
    .filter((line) => / - cgroup2? /.test(line))
    .map((line) => line.split(' ')[4] ?? '');
  const rules = cable === null ? '' : execFileSync('iptables', ['-w', '-S', 'FORWARD'], { encoding: 'utf8' });
  return {
    processes: candidates.filter(
      (pid) =>
        namespacesOf(pid).some((namespace) => namespaces.has(namespace)) ||
        read(`/proc/${pid}/cgroup`).includes(`crostini-device-${name}-`) ||
        (pid !== String(process.pid) && read(`/proc/${pid}/cmdline`).includes(name)),
    ),
    // Those of its own, and those that would hold a namespace of it without a process.
    mounts: mounts.flatMap(({ namespace, lines }) =>
      namespaces.has(namespace)
        ? lines
        : lines.filter((line) => [name, ...namespaces].some((each) => line.includes(each))),
    ),
    cables: cable !== null && existsSync(`/sys/class/net/${cable}`) ? [cable] : [],
    firewall: rules.split('\n').filter((rule) => rule.includes(` ${cable} `)),
    cgroups: [...new Set(hierarchies)].flatMap((path) =>
      readdirSync(path).filter((entry) => entry.startsWith(`crostini-device-${name}-`)),
    ),
    files: [DEVICES, dirname(DEVICES)]
      .filter((folder) => existsSync(folder))
      .flatMap((folder) => readdirSync(folder))
      .filter((entry) => entry !== basename(DEVICES) && entry.includes(name)),
  };
}

const NOTHING = { processes: [], mounts: [], cables: [], firewall: [], cgroups: [], files: [] };

/** Asserts that nothing is left. The kernel takes namespaces and cables down a moment after their last process: looks again for as long as the test may. */
async function untilNothing(device: Footprint): Promise<void> {
  const until = now();
  while (JSON.stringify(remains(device, until)) !== JSON.stringify(NOTHING))
    await new Promise((resolve) => setImmediate(resolve));
}

const names: string[] = [];
const runs: ChildProcess[] = [];

/** A name that occurs nowhere else on this machine. */
function freshName(): string {
  const name = `remains-${process.pid}-${names.length}-${Math.random().toString(36).slice(2, 8)}`;
  names.push(name);
  return name;
}

afterEach(() => {
  for (const run of runs.splice(0)) run.kill('SIGKILL');
  for (const name of names.splice(0)) execFileSync(process.execPath, [CLI, 'down', name]);
});

/** A process that plays a test run: it holds a device as `startDevice` does. */
function startRun(name: string, tier: 1 | 2): ChildProcess & { stdout: NodeJS.ReadableStream } {
  const script = `
    import { spawn } from 'node:child_process';
    const keeper = spawn(process.execPath, [${JSON.stringify(CLI)}, 'keep', process.argv[1]], {
      stdio: ['pipe', 'inherit', 'inherit'], env: { ...process.env, DEVICE_OWNED: '1' },
    });
    process.on('SIGTERM', () => keeper.stdin.end());
    keeper.on('exit', () => process.exit(0));`;
  const config = defaultConfig(name, tier);
  const run = spawn(process.execPath, ['--input-type=module', '-e', script, JSON.stringify(config)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  runs.push(run);
  return run;
}

async function startWholeRun(name: string, tier: 1 | 2) {
  const run = startRun(name, tier);
  const [line] = (await once(createInterface({ input: run.stdout }), 'line')) as [string];
  expect(line).toBe('up');
  expect(await act(name, 'vmc', ['start', '--no-shell', 'termina'])).toMatchObject({ ok: true });
  return run;
}

describe.each([1, 2] as const)('what is left of a device of tier %s', (tier) => {
  it('is nothing after its end, though all of it was there before', async () => {
    const name = freshName();
    const run = await startWholeRun(name, tier);
    const device = footprint(name);
    const before = remains(device);
    expect(before.processes.length).toBeGreaterThan(20);
    expect(device.namespaces.size).toBeGreaterThan(8);
    expect(before.files).toEqual([name]);
    // The device's own root and its VM's, each with proc, dev, usr and more.
    expect(before.mounts.length).toBeGreaterThan(40);
    if (tier === 2) {
      expect(before.cables).toHaveLength(1);
      expect(before.firewall).toHaveLength(2);
      expect(before.cgroups.length).toBeGreaterThan(0);
    }
    run.kill('SIGTERM');
    await once(run, 'exit');
    await untilNothing(device);
  });

  it('is nothing when the test run that held it is killed', async () => {
    const name = freshName();
    const run = await startWholeRun(name, tier);
    const device = footprint(name);
    run.kill('SIGKILL');
    await untilNothing(device);
  });

  it('is nothing after down, when even its keeper was killed', async () => {
    const name = freshName();
    await startWholeRun(name, tier);
    const device = footprint(name);
    process.kill(Number.parseInt(readRecord(name)?.keeper ?? '', 10), 'SIGKILL');
    execFileSync(process.execPath, [CLI, 'down', name]);
    await untilNothing(device);
  });

  it('is nothing after down, when it was killed while it booted', async () => {
    const name = freshName();
    const run = startRun(name, tier);
    const { record } = deviceFiles(name);
    while (!existsSync(record)) await new Promise((resolve) => setImmediate(resolve));
    const device = footprint(name);
    process.kill(Number.parseInt(readRecord(name)?.keeper ?? '', 10), 'SIGKILL');
    await once(run, 'exit');
    execFileSync(process.execPath, [CLI, 'down', name]);
    await untilNothing(device);
  });
});
