import { type Stats, lstatSync, mkdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { FileProblem, errorCode, fileProblem } from './file-problem.ts';
import { type RefusedBits, distrustOf, distrusted } from './trusted-file.ts';

/**
 * Folders that lead to files of the relay, by the rules of OpenSSH's safe_path (misc.c) with two exceptions: a folder
 * above the relay's own may be writable by its group, because home folders of user private groups are, and by everybody
 * if it is sticky, as /tmp.
 */

/** Links that one path may go through: as many as Linux follows (path_resolution(7)). */
const LINKS_MAX = 40;

/**
 * Checks every folder and link on the way to `path`, and not what is there: none may belong to somebody else, and no
 * folder may be writable by everybody unless it is sticky. Who owns a link leads it elsewhere at any time, so each counts.
 * @throws FileProblem
 */
export function checkWay(path: string): void {
  check(resolve(path), true, 0);
}

/** @param isEnd it is the end of the way and no part of it, unless it is a link @param links followed so far */
function check(path: string, isEnd: boolean, links: number): void {
  const parent = dirname(path);
  if (parent !== path) check(parent, false, links);
  let stats: Stats | undefined;
  try {
    stats = lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw fileProblem(path, 'used', error);
  }
  const isLink = stats?.isSymbolicLink() ?? false;
  if (!stats || (isEnd && !isLink)) return;
  const isSticky = stats.isDirectory() && (stats.mode & 0o1000) !== 0;
  const distrust = distrustOf(path, stats, isLink || isSticky ? 0 : 0o002);
  if (distrust && !(parent === dirname(parent) && stats.uid === unmappedUid()))
    throw new FileProblem(
      distrust.isForeign
        ? `The relay does not trust ${path}: ${distrust.reason}; keep its files elsewhere, for example with --state DIR.`
        : distrusted(path, distrust),
    );
  if (!isLink) return;
  if (links >= LINKS_MAX)
    throw new FileProblem(`${path} cannot be used, because its links go in a circle: remove one of them.`);
  check(resolve(parent, readlinkSync(path)), isEnd, links + 1);
}

/**
 * In a user namespace files of this machine's root seem to belong to "nobody", the root folder among them. So do those of
 * other users, so only the top folders get away with it, which are root's everywhere. Undefined where every user id means
 * itself (user_namespaces(7)).
 */
function unmappedUid(): number | undefined {
  try {
    if (/^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'utf8'))) return undefined;
    return Number(readFileSync('/proc/sys/kernel/overflowuid', 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Makes a folder of the relay if it is not there, for its owner only, and checks it and the way to it.
 * @param refused bits that the folder itself must not have @throws FileProblem
 */
export function trustedDirectory(path: string, refused: RefusedBits = 0o022): void {
  const full = resolve(path);
  checkWay(full);
  try {
    makeFolder(full);
    // A ".." behind a link leads where no reading of the text can tell.
    const real = realpathSync(full);
    if (real !== full) checkWay(real);
    const distrust = distrustOf(full, statSync(full), refused);
    if (distrust) throw new FileProblem(distrusted(full, distrust));
  } catch (error) {
    throw fileProblem(full, 'made', error);
  }
}

/** With those above it. Node's own way of doing so says ENOENT of a disk that is read-only. */
function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another relay that starts at this moment was first.
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}

/**
 * Where a file of the relay really is, for one that may be a link (dotfiles): the way there, its folder and the file
 * itself are to be trusted as those of the state directory are. The path itself where there is no file yet.
 * @throws FileProblem
 */
export function trustedTarget(path: string): string {
  const full = resolve(path);
  let target: string;
  try {
    target = realpathSync(full);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return full;
    throw fileProblem(full, 'read', error);
  }
  trustedDirectory(dirname(target));
  checkWay(full);
  const distrust = distrustOf(target, statSync(target));
  if (distrust) throw new FileProblem(distrusted(target, distrust));
  return target;
}
