import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ERRATA } from '../../src/lib/catalog/errata.ts';
import { PARAMETERS } from '../../src/lib/catalog/parameters.ts';
import { PLACE_INFO } from '../../src/lib/catalog/places.ts';
import { SHEETS } from '../../src/lib/catalog/sheets.ts';
import { sheetScript } from '../../src/lib/domain/export/bash.ts';
import { resolveParameters } from '../../src/lib/domain/resolve.ts';
import { type TestDevice, startDevice } from '../device/start.ts';

/* Exported scripts against a device made of real parts: they reach its Places by themselves. */

let device: TestDevice;
let folder: string;

beforeAll(async () => {
  device = await startDevice(1);
  await device.act('vmc', 'start', '--no-shell', 'termina');
  folder = mkdtempSync(join(tmpdir(), 'sheet-device-'));
  // The client's configuration is the account's; this one is the test's.
  const options = device.sshOptions.map((word) => `'${word}'`).join(' ');
  writeFileSync(join(folder, 'ssh'), `#!/bin/sh\nexec /usr/bin/ssh ${options} "$@"\n`, { mode: 0o755 });
});

afterAll(async () => {
  await device?.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs steps of a sheet's script, with these values. */
async function run(sheetId: string, typed: Record<string, string>, args: readonly string[]): Promise<Run> {
  const sheet = SHEETS.find(({ id }) => id === sheetId);
  if (!sheet) throw new Error(`no sheet ${sheetId}`);
  const address = `ssh://root@${device.host}:${device.port}`;
  const ownerHash = device.config.user.hash;
  const values = resolveParameters(PARAMETERS, { facts: {}, address, typed: { ownerHash, ...typed } });
  const script = sheetScript({ sheet, values, places: PLACE_INFO, errata: ERRATA, device: [] });
  return new Promise((resolve) => {
    const child = execFile(
      'bash',
      ['--norc', '-c', script, 'script', ...args],
      { env: { ...process.env, PATH: `${folder}:${process.env['PATH']}` } },
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
    child.stdin?.end();
  });
}

it('runs the steps of a sheet on the device, one after the other', async () => {
  const { code, stdout, stderr } = await run('guest-board', {}, []);
  expect(stderr).toBe(
    '\n(device) # Ask for the architecture\n\n(device) # Ask the installed Termina\n\n(device) # See which kind of VM it is\n',
  );
  expect(stdout).toMatch(/^(?:x86_64|aarch64)\nCHROMEOS_RELEASE_BOARD=ta(?:tl|el)\ntermina \(.* {2}running\n/);
  expect(code).toBe(0);
});

it('carries a file into the VM and back, whatever its names are', async () => {
  const [here, back] = [join(folder, `it's a "file" $(x)`), join(folder, '-back & forth')];
  const there = "/tmp/over `there`, it's";
  writeFileSync(here, 'its bytes');
  expect(await run('copy-termina', { file: here, destination: there }, ['file-in'])).toMatchObject({ code: 0 });
  expect(await run('copy-termina', { file: there, destination: back }, ['file-out'])).toMatchObject({ code: 0 });
  expect(readFileSync(back, 'utf8')).toBe('its bytes');
});

it('enters the container, and says what is wrong where a step fails', async () => {
  const { code, stderr } = await run('debug-container', { program: 'no-such-program' }, ['pid']);
  expect(stderr).toMatch(/^\n\(penguin\) \$ .*\n\nStep "pid" failed with exit status 1\.\n {2}\S/);
  expect(code).toBe(1);
});

it('leaves a device alone that somebody wants to keep as it is', async () => {
  const services = { board: 'eve', hostPackages: 'vm_host_tools' };
  expect(await run('host-service-change', services, ['restart'])).toMatchObject({ code: 1, stdout: '' });
  expect((await device.ssh('vmc list')).stdout).toContain('running');
  expect(await run('host-service-change', services, ['--yes', 'restart'])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^vm_concierge start\/running, process \d+$/m) as string,
  });
});
