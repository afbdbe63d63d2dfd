import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { act } from '../device/control.ts';
import { startDevice } from '../device/start.ts';
import { DEVICES, ROOT, deviceFiles, isAlive, readRecord } from '../device/state.ts';

const CLI = join(ROOT, 'build/device/cli.mjs');

const names: string[] = [];
const clients: ChildProcess[] = [];

function freshName(): string {
  const name = `cli-${process.pid}-${names.length}`;
  names.push(name);
  return name;
}

afterEach(() => {
  for (const client of clients.splice(0)) client.kill('SIGKILL');
  for (const name of names.splice(0)) execFileSync(process.execPath, [CLI, 'down', name]);
});

/** Runs the command line with its output captured, until everybody has closed that. */
async function device(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number];
  return { code, stdout, stderr };
}

describe('up', () => {
  it('keeps nothing of its caller, and the device goes on', async () => {
    const name = freshName();
    const { code, stdout, stderr } = await device('up', name, '--tier', '1');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`${name} is up`);
    expect((await device('list')).stdout).toContain(`${name}\troot@127.0.0.1:`);
    expect((await device('ssh', name, 'echo in')).stdout).toBe('in\n');
    expect(await device('down', name)).toEqual({ code: 0, stdout: `${name} is down\n`, stderr: '' });
    expect((await device('down', name)).stdout).toBe(`there is no ${name}\n`);
  });

  it('says why a device cannot be, and leaves the one that is', async () => {
    const name = freshName();
    expect((await device('up', name, '--tier', '1')).code).toBe(0);
    const second = await device('up', name, '--tier', '1');
    expect(second).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining(`A device "${name}" is there already`) as string,
    });
    expect(await act(name, 'vmc', ['list'])).toMatchObject({ ok: true });
  });

  it('says why one does not come up, and leaves nothing of it', async () => {
    const before = process.env['TMPDIR'];
    const folder = mkdtempSync(join(tmpdir(), 'closed-'));
    process.env['TMPDIR'] = folder;
    try {
      expect(await device('up', 'closed', '--tier', '1')).toEqual({
        code: 1,
        stdout: '',
        stderr: `device: ${folder} is closed to other accounts, and root of the device is one: set TMPDIR to a folder that they may enter, such as /tmp.\n`,
      });
      expect(readdirSync(folder)).toEqual([]);
      // Not so one whose root is this machine's own account.
      expect((await device('up', 'closed', '--plain')).code).toBe(0);
      expect((await device('down', 'closed')).stdout).toBe('closed is down\n');
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      delete process.env['TMPDIR'];
      if (before !== undefined) process.env['TMPDIR'] = before;
      rmSync(folder, { recursive: true });
    }
  });

  it('fails when the VM that was asked for does not start; the device is there to look at', async () => {
    const name = freshName();
    const { code, stdout, stderr } = await device('up', name, '--tier', '1', '--no-dlc', '--vm');
    expect(code).toBe(1);
    expect(stderr).toContain('termina did not start');
    expect(stderr).toContain('DLC service failed to install module `termina-dlc`');
    expect(stdout).toContain(`${name} is up`);
  });

  it('refuses what is no option, before anything is made', async () => {
    expect(await device('up', freshName(), '--vsh-log', '1999')).toMatchObject({ code: 2, stdout: '' });
    expect(await device('up', 'UPPER')).toMatchObject({ code: 2 });
    expect(
      existsSync(DEVICES) ? readdirSync(DEVICES).filter((entry) => entry.includes(`cli-${process.pid}`)) : [],
    ).toEqual([]);
  });
});

describe('an action', () => {
  it('that would open a shell is refused, and does not hold up the next', async () => {
    const started = await startDevice(1);
    try {
      await started.act('vmc', 'start', '--no-shell', 'termina');
      await expect(started.act('vmc', 'container', 'termina', 'penguin')).rejects.toThrow('opens a shell');
      await expect(started.act('vmc', 'start', 'termina')).rejects.toThrow('opens a shell');
      await expect(started.act('vmc', 'start')).rejects.toThrow('expected <name>');
      expect(await started.act('vmc', 'list')).toContain('running');
    } finally {
      await started.stop();
    }
  });

  it("knows nothing of this machine's environment", async () => {
    process.env['CROS_USER_ID_HASH'] = 'f00';
    const started = await startDevice(1);
    delete process.env['CROS_USER_ID_HASH'];
    try {
      // With that variable vmc would take it for the owner (chromeos-facts.md section 2.4).
      expect(await started.act('vmc', 'list')).toContain('termina');
    } finally {
      await started.stop();
    }
  });
});

it('down ends a device whose keeper does not listen any more, and says so', async () => {
  const name = freshName();
  await device('up', name, '--tier', '1');
  const keeper = readRecord(name)?.keeper ?? '';
  process.kill(Number.parseInt(keeper, 10), 'SIGSTOP');
  expect(await device('down', name)).toEqual({
    code: 0,
    stdout: `${name} is down; its keeper did not end within 5 s and was killed\n`,
    stderr: '',
  });
  expect(isAlive(keeper)).toBe(false);
  expect(existsSync(deviceFiles(name).directory)).toBe(false);
});
