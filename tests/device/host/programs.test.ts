import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { lsbRelease } from '../layout.ts';
import { ciceroneClient } from './cicerone-client.ts';
import { crosConfig } from './cros-config.ts';
import { crossystem } from './crossystem.ts';
import type { World } from './world.ts';

const world = (): World =>
  ({
    config: { guestUser: 'testuser' },
    jobs: { pid: () => 1, isRunning: () => true },
    vms: { list: () => [{ name: 'termina', sizeBytes: 1, state: 'running', cid: 33, containers: ['penguin'] }] },
  }) as unknown as World;

describe('crossystem (chromeos-facts.md section 9)', () => {
  const device = { arch: 'x86_64', testImage: true, devMode: true } as const;

  it('prints a value without a line end', () => {
    expect(crossystem(['cros_debug'], device)).toEqual({ stdout: '1', stderr: '', code: 0 });
  });

  it('compares with its exit code', () => {
    expect(crossystem(['cros_debug?1'], device)).toMatchObject({ stdout: '', code: 0 });
    expect(crossystem(['cros_debug?0'], device)).toMatchObject({ stdout: '', code: 1 });
    expect(crossystem(['nonsense'], device)).toMatchObject({ code: 1 });
  });

  it('tells a device that is not in developer mode', () => {
    expect(crossystem(['cros_debug'], { ...device, devMode: false })).toMatchObject({ stdout: '0', code: 0 });
    expect(crossystem(['cros_debug?1'], { ...device, devMode: false })).toMatchObject({ code: 1 });
  });
});

describe('cicerone_client (chromeos-facts.md section 9)', () => {
  const run = (...argv: string[]) => ciceroneClient(world(), { program: 'cicerone_client', argv, env: {} });

  it('lists VMs and containers, indented by tabs', async () => {
    const { stdout, code } = await run('--get_info');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^VM: termina\n\tContainer: penguin\n\t\t\S/);
  });

  it('wants exactly one operation, and knows no others', async () => {
    expect(await run()).toMatchObject({ code: 255 });
    expect(await run('--get_info', '--set_timezone')).toMatchObject({ code: 255 });
    expect(await run('--nonsense')).toMatchObject({ code: 64 });
  });

  it('names the user of a container', async () => {
    expect(await run('--get_username', '--vm_name=termina', '--container_name=penguin', '--owner_id=x')).toMatchObject({
      stdout: 'testuser\n',
    });
  });
});

describe('cros_config (chromeos-facts.md section 9)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cros-config-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'hardware-properties'));
  writeFileSync(join(folder, 'name'), 'voxel');
  writeFileSync(join(folder, 'hardware-properties/form-factor'), 'CHROMEBOOK');

  it.each([
    [['/', 'name'], 'voxel', 0],
    [['/hardware-properties', 'form-factor'], 'CHROMEBOOK', 0],
    [['/', 'nonsense'], '', 1],
  ])('%j', (argv, stdout, code) => {
    expect(crosConfig(argv, folder)).toEqual({ stdout, stderr: '', code });
  });

  it('wants a path and a property', () => {
    expect(crosConfig(['name'], folder)).toMatchObject({ code: 1, stderr: expect.stringContaining('Usage') as string });
  });
});

describe('uname (chromeos-facts.md section 7.2)', () => {
  const own = (...argv: string[]) => spawnSync('/usr/bin/uname', argv, { encoding: 'utf8' }).stdout;
  const other = own('-m').trim() === 'x86_64' ? 'aarch64' : 'x86_64';
  const script = readFileSync(new URL('../boot/uname', import.meta.url), 'utf8').replace(/^arch=.*$/m, `arch=${other}`);
  const uname = (...argv: string[]) => spawnSync('sh', ['-c', script, 'uname', ...argv], { encoding: 'utf8' });

  it('names the architecture of the device, and else what the machine says', () => {
    expect(uname('-m').stdout).toBe(`${other}\n`);
    expect(uname('-r').stdout).toBe(own('-r'));
    expect(uname('-a').stdout).toBe(own('-a').replace(` ${own('-m').trim()} `, ` ${other} `));
    expect(uname('-mm').stdout).toBe(`${other}\n`);
    expect(uname('--nonsense')).toMatchObject({ status: 1, stdout: '' });
  });
});

describe('lsb-release (chromeos-facts.md section 9)', () => {
  it('tells a test image by its track', () => {
    expect(lsbRelease({ arch: 'x86_64', testImage: true })).toContain('\nCHROMEOS_RELEASE_TRACK=testimage-channel\n');
    expect(lsbRelease({ arch: 'x86_64', testImage: false })).not.toContain('testimage');
    expect(lsbRelease({ arch: 'aarch64', testImage: true })).toContain('\nCHROMEOS_RELEASE_BOARD=trogdor\n');
  });

  it.each([true, false])('has every key that ChromeOS writes, test image or not: %s', (testImage) => {
    const keys = lsbRelease({ arch: 'x86_64', testImage })
      .trimEnd()
      .split('\n')
      .map((line) => line.split('=')[0]);
    const release = ['NAME', 'BOARD', 'VERSION', 'CHROME_MILESTONE', 'BUILD_NUMBER', 'BRANCH_NUMBER', 'PATCH_NUMBER'];
    const more = ['BUILD_TYPE', 'TRACK', 'DESCRIPTION', 'BUILDER_PATH', 'KEYSET', 'UNIBUILD', 'APPID'];
    const other = ['AUSERVER', 'DEVSERVER', 'BOARD_APPID', 'CANARY_APPID', 'ARC_VERSION', 'ARC_ANDROID_SDK_VERSION'];
    expect(new Set(keys)).toEqual(
      new Set([
        ...[...release, ...more].map((key) => `CHROMEOS_RELEASE_${key}`),
        ...other.map((key) => `CHROMEOS_${key}`),
        'GOOGLE_RELEASE',
      ]),
    );
  });
});
