import { closeSync, constants, lstatSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { FileProblem, fileProblem } from './file-problem.ts';
import { DRAFT_SUFFIX } from './state-file.ts';
import { distrustOf, distrusted, openTrusted } from './trusted-file.ts';
import { trustedDirectory, trustedTarget } from './trusted-way.ts';

/** Age of a draft that no relay is still writing, in ms: each is written within one turn of the event loop. */
const DRAFT_AGE_MS = 60_000;

/**
 * Makes the state directory, and refuses to start on one that others could have written: each file in it, what its
 * known_hosts leads to, and the audit log are checked before anything is believed. Removes drafts of relays that were
 * killed while they wrote. @param audit a file, `-`, or undefined for the one in the state directory
 * @throws FileProblem
 */
export function prepareState(stateDirectory: string, audit: string | undefined): void {
  trustedDirectory(stateDirectory);
  try {
    for (const entry of readdirSync(stateDirectory, { withFileTypes: true }))
      if (entry.isFile()) checkEntry(join(stateDirectory, entry.name));
  } catch (error) {
    throw fileProblem(stateDirectory, 'read', error);
  }
  trustedTarget(join(stateDirectory, 'known_hosts'));
  if (audit !== '-') checkAudit(resolve(audit ?? join(stateDirectory, 'audit.log')));
}

function checkEntry(path: string): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  // Another relay on the same state has finished its draft meanwhile.
  if (!stats) return;
  const distrust = distrustOf(path, stats);
  if (distrust) throw new FileProblem(distrusted(path, distrust));
  if (path.endsWith(DRAFT_SUFFIX) && Date.now() - stats.mtimeMs > DRAFT_AGE_MS) rmSync(path, { force: true });
}

/** A log that cannot be written from the start is a mistake of the command line; the start is when somebody looks. */
function checkAudit(path: string): void {
  // Others may keep their logs there, too (/var/log).
  trustedDirectory(dirname(path), 0);
  closeSync(openTrusted(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT));
}
