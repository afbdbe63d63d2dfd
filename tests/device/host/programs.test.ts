import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { lsbRelease } from '../layout.ts';
import { ciceroneClient } from './cicerone-client.ts';
import { crossystem } from './crossystem.ts';
import { dlcserviceUtil } from './dlcservice-util.ts';
import { uname } from './uname.ts';
import type { World } from './world.ts';

const world = (terminaDlc = true): World =>
  ({
    config: { terminaDlc, guestUser: 'testuser' },
    jobs: { pid: () => 1, isRunning: () => true },
    vms: { list: () => [{ name: 'termina', sizeBytes: 1, state: 'running', cid: 33, containers: ['penguin'] }] },
  }) as unknown as World;

describe('crossystem (chromeos-facts.md section 9)', () => {
  const device = { arch: 'x86_64', testImage: true } as const;

  it('prints a value without a line end', () => {
    expect(crossystem(['cros_debug'], device)).toEqual({ stdout: '1', stderr: '', code: 0 });
  });

  it('compares with its exit code', () => {
    expect(crossystem(['cros_debug?1'], device)).toMatchObject({ stdout: '', code: 0 });
    expect(crossystem(['cros_debug?0'], device)).toMatchObject({ stdout: '', code: 1 });
    expect(crossystem(['nonsense'], device)).toMatchObject({ code: 1 });
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

describe('dlcservice_util (chromeos-facts.md sections 7 and 9)', () => {
  const run = (installed: boolean, ...argv: string[]) =>
    dlcserviceUtil(world(installed), { program: 'dlcservice_util', argv, env: {} });

  it.each([
    [true, 2, '/run/imageloader/termina-dlc/package/root'],
    [false, 0, ''],
  ])('tells whether termina-dlc is installed: %s', async (installed, state, root) => {
    const { stdout } = await run(installed, '--id=termina-dlc', '--dlc_state');
    expect(JSON.parse(stdout)).toMatchObject({ id: 'termina-dlc', state, root_path: root });
    expect(stdout).toMatch(/^\{\n {3}"id": /);
  });

  it('lists what is installed', async () => {
    expect(Object.keys(JSON.parse((await run(true, '--list')).stdout) as object)).toEqual(['termina-dlc']);
    expect(JSON.parse((await run(false, '--list')).stdout)).toEqual({});
  });
});

describe('uname (chromeos-facts.md section 7.2)', () => {
  it('names the architecture of the device, and else what the machine says', () => {
    expect(uname(['-m'], { arch: 'aarch64' }).stdout).toBe('aarch64\n');
    expect(uname(['-r'], { arch: 'aarch64' }).stdout).toBe(
      spawnSync('/usr/bin/uname', ['-r'], { encoding: 'utf8' }).stdout,
    );
    expect(uname(['-a'], { arch: 'aarch64' }).stdout.split(' ')).toContain('aarch64');
    expect(uname(['--nonsense'], { arch: 'aarch64' })).toMatchObject({ code: 1, stdout: '' });
  });
});

describe('lsb-release (chromeos-facts.md section 9)', () => {
  it('tells a test image by its track', () => {
    expect(lsbRelease({ arch: 'x86_64', testImage: true })).toContain('\nCHROMEOS_RELEASE_TRACK=testimage-channel\n');
    expect(lsbRelease({ arch: 'x86_64', testImage: false })).not.toContain('testimage');
    expect(lsbRelease({ arch: 'aarch64', testImage: true })).toContain('\nCHROMEOS_RELEASE_BOARD=trogdor\n');
  });
});
