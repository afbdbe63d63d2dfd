import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../file-problem.ts';
import { readText } from '../state-file.ts';
import { LIFE, hasEnded } from './relay-life.ts';

/** Marks that are taken over from earlier relays, and journals that are read for them at a start. Others are forgotten. */
const TAKEN_MAX = 4096;
const JOURNALS_MAX = 64;

/** A larger journal, in bytes, is none: see `remains-journal.ts` for how large one gets. */
const BYTES_MAX = 4 * 1024 * 1024;

/** A journal of another machine or container is removed after this long without a line, in ms: 30 days. */
const FOREIGN_AGE_MS = 30 * 24 * 60 * 60_000;

const NAME = /^remains-(.+)\.[0-9a-f]{8}\.log$/;

/** `+ MARK TARGET`: a command starts. `- MARK`: nothing of it is left. A line without its end was never written. */
const LINE = /^(?:\+ ([A-Za-z0-9_-]{22}) ([A-Za-z0-9_-]{1,64})|- ([A-Za-z0-9_-]{22}))$/;

/** What relays that have surely ended left: marks with their targets, and the journals to remove when those are safe. */
export interface Earlier {
  readonly marks: ReadonlyMap<string, string>;
  readonly files: readonly string[];
}

/**
 * Reads the journals of relays that have ended, and removes those that nobody can judge any more. A journal that cannot
 * be read stays. @throws FileProblem, and what the file system throws
 */
export function readEarlierJournals(directory: string, onUnreadable: (error: unknown) => void): Earlier {
  const marks = new Map<string, string>();
  const files: string[] = [];
  for (const name of namesIn(directory)) {
    const life = NAME.exec(name)?.[1];
    if (life === undefined || !LIFE.test(life)) continue;
    const path = join(directory, name);
    if (!hasEnded(life)) {
      const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
      if (Date.now() - changed > FOREIGN_AGE_MS) rmSync(path, { force: true });
    } else if (files.length < JOURNALS_MAX) {
      try {
        for (const [mark, target] of marksIn(readText(path, BYTES_MAX) ?? ''))
          if (marks.size < TAKEN_MAX) marks.set(mark, target);
        files.push(path);
      } catch (error) {
        onUnreadable(error);
      }
    }
  }
  return { marks, files };
}

/** Empty where there is no folder yet. */
function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** The marks that a journal leaves, with their targets. */
function marksIn(text: string): Map<string, string> {
  const marks = new Map<string, string>();
  for (const line of text.split('\n').slice(0, -1)) {
    const [, started, target, gone] = LINE.exec(line) ?? [];
    if (started !== undefined && target !== undefined) marks.set(started, target);
    if (gone !== undefined) marks.delete(gone);
  }
  return marks;
}
