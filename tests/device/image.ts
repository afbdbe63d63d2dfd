import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { run } from './run.ts';
import { inCgroups, removeCgroups } from './cgroups.ts';
import { ROOT, isAlive, processIdentity } from './state.ts';

/** What the image is made by: another recipe makes another image. */
const RECIPE = ['rootfs.sh', 'penguin-setup.sh', 'image.sh'];

const boot = (name: string): string => join(ROOT, 'tests/device/boot', name);

/** Outside the checkout, so that a fresh clone finds it. */
const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'crostini-workbench', 'penguin');

/** Where the image of the present recipe is, or will be. */
export function imagePath(): string {
  const hash = createHash('sha256');
  for (const name of RECIPE) hash.update(readFileSync(boot(name)));
  return join(CACHE, hash.digest('hex').slice(0, 16));
}

/** Of the LXD that makes the image; no device can have this name. */
const CGROUP = '.image';

/** How long another process may take to make the image that this one waits for. */
const WAIT_MAX_MS = 10 * 60_000;

/**
 * The container image of tier 2: /mnt/stateful as it is in termina, with LXD's state and penguin. Made once, in about
 * a minute and 220 MB, as root; older recipes' images are removed.
 * @param say gets a line when there is something to wait for
 * @returns its path; throws with the end of the build's output if it cannot be made
 */
export async function ensureImage(say: (line: string) => void): Promise<string> {
  const image = imagePath();
  if (existsSync(image)) return image;
  mkdirSync(CACHE, { recursive: true });
  const lock = join(CACHE, 'lock');
  for (const begun = Date.now(); !takeLock(lock); await delay(200)) {
    if (existsSync(image)) return image;
    if (Date.now() - begun > WAIT_MAX_MS)
      throw new Error(`Another process makes the container image for too long: look at ${lock}.`);
  }
  const work = `${image}.part`;
  try {
    if (existsSync(image)) return image;
    for (const old of readdirSync(CACHE))
      if (old !== 'lock') rmSync(join(CACHE, old), { recursive: true, force: true });
    mkdirSync(join(work, 'stateful'), { recursive: true });
    const rootfs = join(work, 'rootfs.tar');
    say('Making the container image, once: Debian with mmdebstrap, then LXD …');
    const begun = Date.now();
    await build(['/bin/bash', boot('rootfs.sh'), rootfs]);
    await build(
      inCgroups(CGROUP, [
        ...[
          'unshare',
          '--mount',
          '--pid',
          '--net',
          '--fork',
          '--kill-child',
          '--mount-proc',
          '--propagation',
          'private',
        ],
        ...['/bin/bash', boot('image.sh'), join(work, 'stateful'), rootfs],
      ]),
    );
    renameSync(join(work, 'stateful'), image);
    say(`… made in ${((Date.now() - begun) / 1000).toFixed(0)} s`);
    return image;
  } finally {
    await removeCgroups(CGROUP);
    rmSync(work, { recursive: true, force: true });
    rmSync(lock, { force: true });
  }
}

async function build(argv: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await run(argv);
  if (code !== 0)
    throw new Error(
      `The container image could not be made:\n${(stdout + stderr).trim().split('\n').slice(-15).join('\n')}`,
    );
}

/** Takes the lock, also from a process that died with it. */
function takeLock(lock: string): boolean {
  try {
    writeFileSync(lock, processIdentity(process.pid) ?? '', { flag: 'wx' });
    return true;
  } catch {
    const owner = existsSync(lock) ? readFileSync(lock, 'utf8') : '';
    if (owner !== '' && !isAlive(owner)) rmSync(lock, { force: true });
    return false;
  }
}
