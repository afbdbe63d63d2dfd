/**
 * A file or folder that the relay cannot use. Its message is one whole sentence for the person who runs the relay: it
 * names the file, the reason and what mends it. At the start it ends the relay; later it refuses what needed the file.
 */
export class FileProblem extends Error {
  override readonly name = 'FileProblem';
}

/** Why a system call on a file failed, and what to do: errno(3), open(2), rename(2). */
const REASONS: Readonly<Record<string, readonly [reason: string, remedy: string]>> = {
  ENOSPC: ['the disk is full', 'free some space on it, then try again'],
  EDQUOT: ['your quota of the disk is used up', 'free some space on it, then try again'],
  EFBIG: ['it has the largest size that this process may write', 'raise "ulimit -f", then try again'],
  EROFS: ['its file system is read-only', 'make that writable, or name another place with --state DIR'],
  EACCES: ['you have no permission', 'look at that path with "namei -l", or name another place with --state DIR'],
  EPERM: ['you have no permission', 'look at its owner and at "lsattr", or name another place with --state DIR'],
  ENOTDIR: [
    'a part of its path is a file and no folder',
    'move that file away, or name another place with --state DIR',
  ],
  EEXIST: ['a file is in its place', 'move that file away, or name another place with --state DIR'],
  EISDIR: ['it is a folder', 'move it away, then try again'],
  ENOTEMPTY: ['a folder is in its place', 'move it away, then try again'],
  ENOENT: ['it is not there', 'make it, then try again'],
  ELOOP: ['it is a link', 'put the file itself there, then try again'],
  ENXIO: ['it is a pipe or a socket', 'move it away, then try again'],
  ENAMETOOLONG: ['its path is too long', 'name a shorter one with --state DIR'],
  EIO: ['the disk reports an error', 'look at the end of "dmesg", then try again'],
  EMFILE: ['the relay has too many files open', 'raise "ulimit -n", then try again'],
  ENFILE: ['this machine has too many files open', 'end some programs, then try again'],
};

/** The errno's name of an error of the file system, such as ENOSPC. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/**
 * The problem of a system call that failed. One that is a problem already stays as it is.
 * @param verb what could not be done with `path`: "read", "written", "opened"
 */
export function fileProblem(path: string, verb: string, error: unknown): FileProblem {
  if (error instanceof FileProblem) return error;
  const code = errorCode(error);
  const known = code === undefined ? undefined : REASONS[code];
  const [reason, remedy] = known ?? [
    error instanceof Error ? error.message : String(error),
    'mend that, then try again',
  ];
  const named = known ? `${reason} (${code})` : reason;
  return new FileProblem(`${path} cannot be ${verb}, because ${named}: ${remedy}.`, { cause: error });
}
