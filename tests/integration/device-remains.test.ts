import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { act } from '../device/control.ts';
import { startDevice } from '../device/start.ts';
import { DEVICES, ROOT, deviceFiles, readRecord } from '../device/state.ts';

const CLI = join(ROOT, 'build/device/cli.mjs');

/** Everything a device could leave behind on this machine, by name. */
function remains(name: string) {
  const processes = readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(name) ||
          readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(`crostini-device-${name}`)
        );
      } catch {
        return false;
      }
    });
  const list = (program: string, ...args: string[]) => execFileSync(program, args, { encoding: 'utf8' }).split('\n');
  return {
    processes,
    mounts: readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.includes(name)),
    namespaces: list('lsns', '--noheadings', '--output', 'COMMAND').filter((line) => line.includes(name)),
    cables: list('ip', '-o', 'link').filter((line) => /\bdut\d/.test(line) && readRecord(name)?.index !== undefined),
    cgroups: list('find', '/sys/fs/cgroup', '-name', `crostini-device-${name}`).filter((line) => line !== ''),
    files: [deviceFiles(name).directory, ...readdirSync(tmpdir()).filter((entry) => entry.includes(name))].filter(
      (path) => existsSync(path),
    ),
  };
}

const NOTHING = { processes: [], mounts: [], namespaces: [], cables: [], cgroups: [], files: [] };

/** Network namespaces and links of the whole machine: they carry no name of a device. */
const network = () => ({
  namespaces: execFileSync('lsns', ['--noheadings', '--type', 'net', '--output', 'NS'], { encoding: 'utf8' })
    .trim()
    .split('\n').length,
  links: readdirSync('/sys/class/net').filter((name) => name.startsWith('dut')),
});

/** The kernel takes namespaces and cgroups down a moment after their last process: waits for that, as long as the test may. */
async function untilNothing(name: string): Promise<void> {
  while (JSON.stringify(remains(name)) !== JSON.stringify(NOTHING))
    await new Promise((resolve) => setImmediate(resolve));
}

describe('what is left of a device', () => {
  const names: string[] = [];
  afterEach(() => {
    for (const name of names.splice(0)) execFileSync(process.execPath, [CLI, 'down', name]);
  });

  it('is nothing after down, though it was there before', async () => {
    const device = await startDevice(2);
    await device.act('vmc', 'start', '--no-shell', 'termina');
    const running = remains(device.name);
    expect(running.processes.length).toBeGreaterThan(20);
    expect(running.namespaces.length).toBeGreaterThan(0);
    expect(running.cgroups.length).toBeGreaterThan(0);
    expect(running.files.length).toBeGreaterThan(0);
    const { links } = network();
    await device.stop();
    await untilNothing(device.name);
    expect(remains(device.name)).toEqual(NOTHING);
    expect(network().links.length).toBe(links.length - 1);
  });

  it.each([1, 2] as const)('is nothing when the test run that started it is killed (tier %s)', async (tier) => {
    // A process of its own plays the test run; SIGKILL gives it no chance to clean up.
    const before = network();
    const config = { tier, name: `killed-${process.pid}-${tier}` };
    names.push(config.name);
    const script = `
      import { spawn } from 'node:child_process';
      const keeper = spawn(process.execPath, [${JSON.stringify(CLI)}, 'keep', process.argv[1]], {
        stdio: ['pipe', 'inherit', 'inherit'], env: { ...process.env, DEVICE_OWNED: '1' },
      });
      keeper.on('exit', () => process.exit(1));`;
    const whole = { ...(await exampleConfig()), ...config };
    const run = spawn(process.execPath, ['--input-type=module', '-e', script, JSON.stringify(whole)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface({ input: run.stdout }), 'line')) as [string];
    expect(line).toBe('up');
    expect(await act(config.name, 'vmc', ['start', '--no-shell', 'termina'])).toMatchObject({ ok: true });
    expect(remains(config.name).processes.length).toBeGreaterThan(8);
    run.kill('SIGKILL');
    await untilNothing(config.name);
    expect(network()).toEqual(before);
  });

  it('is nothing after down when its keeper was killed', async () => {
    const before = network();
    const name = `orphan-${process.pid}`;
    names.push(name);
    execFileSync(process.execPath, [CLI, 'up', name, '--tier', '2', '--vm'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    process.kill(Number.parseInt(readRecord(name)?.keeper ?? '', 10), 'SIGKILL');
    execFileSync(process.execPath, [CLI, 'down', name]);
    await untilNothing(name);
    expect(network()).toEqual(before);
  });

  it('is nothing after an up that failed', async () => {
    await expect(startDevice(2, { timeZone: '../../no/such\0zone' })).rejects.toThrow();
    expect(
      existsSync(DEVICES) ? readdirSync(DEVICES).filter((entry) => entry.startsWith(`test-${process.pid}`)) : [],
    ).toEqual([]);
  });
});

async function exampleConfig(): Promise<object> {
  const device = await startDevice(1);
  await device.stop();
  return device.config;
}
