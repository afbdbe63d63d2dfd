import { type Stats, closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { quoteWord } from '#lib/domain/quote.ts';
import { FileProblem, fileProblem } from './file-problem.ts';

/**
 * Files of the relay's state let people in and say whom they reach, so they are trusted by their owner and mode, and not
 * by their place. The rules are those of OpenSSH's safe_path (misc.c); trusted-way.ts has those for folders.
 */

/** Permission bits that a mode must not have, each with what chmod takes away then (stat(2)). */
const CHANGES = {
  /** Of a file or folder of the relay. */
  0o022: 'go-w',
  /** Of a folder above those. */
  0o002: 'o-w',
  /** Of a secret of the person's own. */
  0o077: 'go-rwx',
  /** Of a secret of root's, which a group may share. */
  0o027: 'g-w,o-rwx',
  /** Of a link, which has no mode, and of a sticky folder. */
  0: '',
} as const;

export type RefusedBits = keyof typeof CHANGES;

/** Two parts of a sentence: why something is not trusted, and the command that mends it. */
export interface Distrust {
  readonly reason: string;
  readonly command: string;
  /** It is somebody else's, whatever its mode. */
  readonly isForeign: boolean;
}

/** Why a file or folder of this owner and mode is not trusted; null if it is. */
export function distrustOf(
  path: string,
  { uid, mode }: Pick<Stats, 'uid' | 'mode'>,
  refused: RefusedBits = 0o022,
): Distrust | null {
  const own = process.getuid?.();
  // Without user ids (no POSIX system) there is nothing to compare.
  if (own === undefined) return null;
  const word = quoteWord(path);
  if (uid !== own && uid !== 0) {
    const reason = `it belongs to uid ${uid}, and neither to you nor to root`;
    return { reason, command: `${own === 0 ? '' : 'sudo '}chown ${own} ${word}`, isForeign: true };
  }
  const excess = mode & refused;
  if (excess === 0) return null;
  const reason = `others than its owner can ${excess & 0o022 ? 'write to' : 'read'} it (mode ${octal(mode)})`;
  return { reason, command: `${uid === own ? '' : 'sudo '}chmod ${CHANGES[refused]} ${word}`, isForeign: false };
}

const octal = (mode: number): string => (mode & 0o7777).toString(8).padStart(4, '0');

/** The sentence for a file or folder that is not trusted. */
export function distrusted(path: string, { reason, command }: Distrust): string {
  return `The relay does not trust ${path}: ${reason}; look at what it holds, then mend it with "${command}".`;
}

/** As much as a file of a flag may hold, in bytes: 64 devices or a chain of certificates take 100 kB. */
const GIVEN_BYTES_MAX = 1024 * 1024;

/**
 * Reads a file that the command line names, through links too: those of certbot are links. What was opened is judged.
 * @throws what the file system throws, and FileProblem
 */
export function readGiven(path: string, judge: (stats: Stats) => Distrust | null): string {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(descriptor);
    const distrust = judge(stats);
    if (distrust) throw new FileProblem(distrusted(path, distrust));
    // A device or pipe has no size, and may have no end.
    const bytes = Buffer.alloc(GIVEN_BYTES_MAX + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = readSync(descriptor, bytes, length, bytes.length - length, null);
    if (length > GIVEN_BYTES_MAX)
      throw new FileProblem(`${path} is larger than ${GIVEN_BYTES_MAX} bytes: name the right file.`);
    return bytes.toString('utf8', 0, length);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Opens a file of the relay, never through a link, and checks what was opened: an ordinary file that nobody else owns or
 * can write to. Whoever asked closes it.
 * @param flags of open(2) @param mode of a file that it makes
 * @throws FileProblem, and what open(2) says as its cause
 */
export function openTrusted(path: string, flags: number, mode = 0o600): number {
  const verb = flags & (constants.O_WRONLY | constants.O_RDWR) ? 'written' : 'read';
  let descriptor: number;
  try {
    // Not blocking: opening a pipe would wait for its other end.
    descriptor = openSync(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, mode);
  } catch (error) {
    throw fileProblem(path, verb, error);
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile())
      throw new FileProblem(
        `${path} cannot be ${verb}, because it is no ordinary file: name another one, or move it away.`,
      );
    const distrust = distrustOf(path, stats);
    if (distrust) throw new FileProblem(distrusted(path, distrust));
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw fileProblem(path, verb, error);
  }
}
