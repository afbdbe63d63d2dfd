import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { inCgroups, removeCgroups } from './cgroups.ts';
import { withLock } from './lock.ts';
import { run } from './run.ts';
import { ROOT } from './state.ts';

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
const WAIT_MAX_MS = 15 * 60_000;

/** How long each half of making one may take. On a slow line Debian's 100 MB are most of it. */
const BUILD_MAX_MS = 10 * 60_000;

/** An image that nobody started a device with for so long is of a recipe that no checkout has any more. */
export const UNUSED_MAX_MS = 14 * 24 * 3_600_000;

/**
 * The container image of tier 2: /mnt/stateful as it is in termina, with LXD's state and penguin. Made once, in about
 * a minute and 220 MB, as root. Other recipes' images stay for as long as they are used: they are other checkouts'.
 * @param say gets a line when there is something to wait for
 * @returns its path; throws with the end of the build's output if it cannot be made
 */
export async function ensureImage(say: (line: string) => void): Promise<string> {
  const image = imagePath();
  mkdirSync(CACHE, { recursive: true });
  if (!existsSync(image))
    await withLock(join(CACHE, 'lock'), WAIT_MAX_MS, async () => {
      if (!existsSync(image)) await make(image, say);
    });
  const now = new Date();
  utimesSync(image, now, now);
  return image;
}

async function make(image: string, say: (line: string) => void): Promise<void> {
  const work = `${image}.part`;
  const begun = Date.now();
  say('Making the container image, once: Debian with mmdebstrap, then LXD …');
  try {
    // Of one who was killed at it; nobody else is, because the lock is held.
    await removeCgroups(CGROUP);
    rmSync(work, { recursive: true, force: true });
    removeUnused(CACHE, begun);
    mkdirSync(join(work, 'stateful'), { recursive: true });
    const rootfs = join(work, 'rootfs.tar');
    await build(['/bin/bash', boot('rootfs.sh'), rootfs], []);
    await build(['/bin/bash', boot('image.sh'), join(work, 'stateful'), rootfs], ['--net']);
    renameSync(join(work, 'stateful'), image);
    say(`… made in ${((Date.now() - begun) / 1000).toFixed(0)} s`);
  } finally {
    await removeCgroups(CGROUP);
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Removes images that have not been used for long.
 * @param folder of images
 * @param now Unix time in ms
 */
export function removeUnused(folder: string, now: number): void {
  for (const entry of readdirSync(folder)) {
    const path = join(folder, entry);
    const stat = statSync(path);
    if (stat.isDirectory() && now - stat.mtimeMs > UNUSED_MAX_MS) rmSync(path, { recursive: true, force: true });
  }
}

/** Runs one half of making, in namespaces of its own: it ends with this process, whatever it has started. */
async function build(argv: readonly string[], namespaces: readonly string[]): Promise<void> {
  const isolated = [
    'unshare',
    '--mount',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
    '--propagation',
    'private',
  ];
  const command = inCgroups(CGROUP, ['setpriv', '--pdeathsig', 'KILL', ...isolated, ...namespaces, ...argv]);
  const { code, stdout, stderr } = await run(command, { timeoutMs: BUILD_MAX_MS });
  if (code !== 0)
    throw new Error(
      `The container image could not be made:\n${(stdout + stderr).trim().split('\n').slice(-15).join('\n')}`,
    );
}
