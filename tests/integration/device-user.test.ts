import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ROOT } from '../device/state.ts';

/*
 * A device of tier 1 as an ordinary user has it. Where the tests run as root, that user is made for one process: its
 * account and its subordinate ids are in files that only this process's mount namespace shows.
 */
const isRoot = userInfo().uid === 0;
const UID = isRoot ? 1234 : userInfo().uid;
const NAME = `user-${process.pid}`;

let folder: string;
let cli: string;

/** Runs a command as the ordinary user. */
function asUser(...argv: string[]): { status: number | null; stdout: string; stderr: string } {
  const [program = '', ...args] = isRoot ? ['unshare', '--mount', 'sh', join(folder, 'as-user.sh'), ...argv] : argv;
  return spawnSync(program, args, { encoding: 'utf8', env: { ...process.env, TMPDIR: join(folder, 'tmp') } });
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ordinary-'));
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, 'tmp'), { mode: 0o1777 });
  chmodSync(join(folder, 'tmp'), 0o1777);
  // The checkout may be where only root gets.
  for (const path of ['build/device', 'tests/device/boot'])
    cpSync(join(ROOT, path), join(folder, 'checkout', path), { recursive: true });
  cli = join(folder, 'checkout/build/device/cli.mjs');
  const account = `ordinary:x:${UID}:${UID}::${folder}/tmp:/bin/sh\n`;
  writeFileSync(join(folder, 'passwd'), readFileSync('/etc/passwd', 'utf8') + account);
  writeFileSync(join(folder, 'group'), `${readFileSync('/etc/group', 'utf8')}ordinary:x:${UID}:\n`);
  for (const name of ['subuid', 'subgid']) writeFileSync(join(folder, name), 'ordinary:300000:65536\n');
  writeFileSync(
    join(folder, 'as-user.sh'),
    `for file in passwd group subuid subgid; do mount --bind ${folder}/$file /etc/$file; done
exec setpriv --reuid ${UID} --regid ${UID} --clear-groups env HOME=${folder}/tmp USER=ordinary "$@"\n`,
  );
});

afterAll(() => {
  asUser(process.execPath, cli, 'down', NAME);
  rmSync(folder, { recursive: true, force: true });
});

it('has a root that is not that user, owns nothing of theirs, and leaves nothing', () => {
  const up = asUser(process.execPath, cli, 'up', NAME, '--tier', '1', '--vm');
  expect(up.stderr).toBe('');
  expect(up.stdout).toContain(`${NAME} is up`);
  const ids = asUser(process.execPath, cli, 'ssh', NAME, 'cat /proc/self/uid_map /proc/self/gid_map; id -u; vmc list');
  const [uids = '', gids = '', ...rest] = ids.stdout.split('\n');
  for (const map of [uids, gids]) {
    const [inside = NaN, outside = NaN, count = NaN] = map.trim().split(/\s+/).map(Number);
    expect(inside).toBe(0);
    expect(count).toBeGreaterThanOrEqual(65_536);
    // This user is not among them.
    expect(UID >= outside && UID < outside + count).toBe(false);
  }
  // One range each, and no other.
  expect(ids.stdout.split('\n').filter((line) => /^\s+\d+\s+\d+\s+\d+$/.test(line))).toHaveLength(2);
  expect(rest[0]).toBe('0');
  expect(rest[1]).toContain('running');
  writeFileSync(join(folder, 'tmp/mine'), '');
  const owner = execFileSync('stat', ['-c', '%u', join(folder, 'tmp', `crostini-devices-${UID}`, NAME)], {
    encoding: 'utf8',
  });
  expect(Number(owner)).toBe(UID);
  expect(asUser(process.execPath, cli, 'reflash', NAME).status).toBe(0);
  expect(asUser(process.execPath, cli, 'ssh', NAME, 'echo again').stdout).toBe('again\n');
  expect(asUser(process.execPath, cli, 'down', NAME).stdout).toBe(`${NAME} is down\n`);
  expect(asUser('ls', '-A', join(folder, 'tmp')).stdout).toBe('mine\n');
});
