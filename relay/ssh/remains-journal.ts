import { randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, ftruncateSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode, fileProblem } from '../file-problem.ts';
import { writeWhole } from '../state-file.ts';
import { openTrusted } from '../trusted-file.ts';
import { trustedDirectory } from '../trusted-way.ts';
import { readEarlierJournals } from './earlier-journals.ts';
import type { Log } from './options.ts';
import { ownLife } from './relay-life.ts';

/** Marks in one journal: of 4096 channels, the most that a relay may have, and as many left behind. More are not noted. */
const MARKS_MAX = 8192;

/**
 * The journal is written anew, with what counts only, when it has grown to this many bytes and three times what counted the
 * last time: so writing costs about two lines for each command, however many run. MARKS_MAX lines take 740 kB at most, and
 * 50 bytes each in practice, so no journal is larger than 2.3 MB.
 */
const COMPACTED_AT = 64 * 1024;

/** While the disk takes nothing it is asked again after this, in ms. */
const TRY_AGAIN_MS = 2_000;

/** open(2), write(2): the disk or this user's share of it is full. */
const NO_ROOM: readonly unknown[] = ['ENOSPC', 'EDQUOT'];

/**
 * The marks of what runs on devices, on disk: the relay that comes after one which was killed ends what that one has left
 * (remains.ts). One file for each relay, named by its process, to which only that one writes; a relay takes over the files
 * of those that have surely ended, and only those. What the kernel has outlives a killed process, so nothing is synced: a
 * machine that loses its power has an older state of the file at worst.
 */
export class RemainsJournal {
  readonly #directory: string;
  readonly #file: string;
  readonly #log: Log;
  /** Target by mark, of all that may run. */
  readonly #marks: Map<string, string>;
  /** Of those: what earlier relays left, until their target's next connection asks. */
  readonly #left: Set<string>;
  #descriptor: number | undefined;
  /** In bytes, as is `#limit`, which says when it is written anew. */
  #size = 0;
  #limit = COMPACTED_AT;
  /** The file lacks something. */
  #isBehind = false;
  /** When all of it was written last, or tried to be, as of `performance.now()`. */
  #triedAt = -Infinity;
  #isClosed = false;

  /** Takes over what relays left that have ended. Never throws: a disk that takes nothing stops no command. */
  constructor(directory: string, log: Log) {
    this.#directory = directory;
    this.#file = join(directory, `remains-${ownLife()}.${randomBytes(4).toString('hex')}.log`);
    this.#log = log;
    const marks = new Map<string, string>();
    this.#guard(() => {
      const earlier = readEarlierJournals(directory, (error) => this.#warn(error));
      for (const [mark, target] of earlier.marks) marks.set(mark, target);
      if (marks.size > 0) this.#rewrite(marks);
      // Only now: what is in no file is lost with this process.
      for (const path of earlier.files) rmSync(path, { force: true });
    });
    this.#marks = marks;
    this.#left = new Set(marks.keys());
  }

  /** What earlier relays left at a target; whoever asks says `end` when it is gone. Each mark is given once. */
  takeLeft(target: string): string[] {
    const marks = [...this.#left].filter((mark) => this.#marks.get(mark) === target);
    for (const mark of marks) this.#left.delete(mark);
    return marks;
  }

  /** A command with this mark is about to start. */
  start(mark: string, target: string): void {
    if (this.#marks.size >= MARKS_MAX) return;
    this.#marks.set(mark, target);
    this.#guard(() => this.#append(lineOf(mark, target)));
  }

  /** Nothing of these is left, or nothing that the relay is to end. */
  end(marks: readonly string[]): void {
    const gone = marks.filter((mark) => this.#marks.delete(mark));
    if (gone.length > 0) this.#guard(() => this.#append(gone.map((mark) => `- ${mark}\n`).join('')));
  }

  /** Nothing starts any more. The file stays only while something is left. */
  close(): void {
    this.#guard(() => {
      if (this.#isBehind && this.#marks.size > 0) this.#rewrite(this.#marks);
      this.#isClosed = true;
      this.#closeFile();
      if (this.#marks.size === 0) rmSync(this.#file, { force: true });
    });
  }

  #append(lines: string): void {
    if (this.#isClosed) {
      if (this.#marks.size === 0) rmSync(this.#file, { force: true });
      return;
    }
    if (this.#isBehind) {
      // A disk that takes nothing is not asked for each command: all marks are in memory.
      if (performance.now() - this.#triedAt < TRY_AGAIN_MS) return;
      return this.#rewrite(this.#marks);
    }
    if (this.#size + lines.length > this.#limit) return this.#rewrite(this.#marks);
    this.#descriptor ??= this.#open();
    this.#size += lines.length;
    writeAll(this.#descriptor, lines);
  }

  /** Writes what counts in place of all there is; where the disk has no room for both, in the room of the former. */
  #rewrite(marks: ReadonlyMap<string, string>): void {
    const text = [...marks].map(([mark, target]) => lineOf(mark, target)).join('');
    this.#triedAt = performance.now();
    try {
      writeWhole(this.#file, text);
      this.#closeFile();
    } catch (error) {
      this.#descriptor ??= this.#open();
      const isFull = error instanceof Error && NO_ROOM.includes(errorCode(error.cause));
      // What is there must not be lost for what does not fit.
      if (!isFull || text.length > fstatSync(this.#descriptor).size) throw error;
      ftruncateSync(this.#descriptor);
      writeAll(this.#descriptor, text);
    }
    this.#size = text.length;
    this.#limit = COMPACTED_AT + 2 * text.length;
    this.#isBehind = false;
  }

  #open(): number {
    trustedDirectory(this.#directory);
    return openTrusted(this.#file, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT);
  }

  #closeFile(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  /** Says once that the disk takes nothing, and again after it has taken something. */
  #guard(write: () => void): void {
    const wasBehind = this.#isBehind;
    try {
      write();
    } catch (error) {
      this.#isBehind = true;
      if (!wasBehind) this.#warn(error);
    }
  }

  #warn(error: unknown): void {
    const reason = fileProblem(this.#file, 'written', error).message;
    this.#log('warn', { reason }, 'what runs on devices when a relay is killed may go on there');
  }
}

const lineOf = (mark: string, target: string): string => `+ ${mark} ${target}\n`;

/** A disk with little room left takes a part, and says so by the count only. */
function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written);
}
