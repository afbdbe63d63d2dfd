import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { openTrusted } from './trusted-file.ts';

export interface DayFilesOptions {
  /** Days that are kept, of those that have a line, today included. */
  readonly days: number;
  /** What all files together may have, in bytes; above it the oldest goes. A file has a quarter of it at most. */
  readonly max: number;
  /** In ms since the epoch. */
  readonly clock: () => number;
  /** A file could not be renamed or removed; lines are written all the same. */
  readonly onError: (error: unknown) => void;
}

/** What follows the path of an earlier file: its day, and a number where a day has several. `1` is of older relays. */
const SUFFIX = /^\.(1|\d{4}-\d\d-\d\d)(?:\.(\d+))?$/;

interface Older {
  readonly path: string;
  readonly day: string;
  readonly number: number;
  /** In bytes. */
  readonly size: number;
}

/**
 * Lines in one file a day of UTC, readable by their owner only: `audit.log` is today's, `audit.log.2026-11-30` that of
 * an earlier day. A day with many lines has several.
 */
export class DayFiles {
  readonly #path: string;
  readonly #options: DayFilesOptions;
  #descriptor: number | undefined;
  /** The day of what is in today's file. */
  #day = '';
  #size = 0;
  /** Where today's file could not be turned, it is tried again at this size, in bytes. */
  #turnAt = 0;
  /** The last line was cut off by a full disk. */
  #isTorn = false;
  /** Earlier files, the oldest first. */
  #older: Older[] = [];

  constructor(path: string, options: DayFilesOptions) {
    this.#path = path;
    this.#options = options;
  }

  /** Synchronously: a line is there even if the relay dies of what comes next. Throws where it cannot be written. */
  append(line: string): void {
    const bytes = Buffer.from(this.#isTorn ? `\n${line}` : line);
    this.#descriptor ??= this.#open();
    const today = dayOf(this.#options.clock());
    if (this.#day !== today && this.#size > 0) this.#turn();
    this.#day = today;
    this.#makeRoom(bytes.length);
    const written = writeSync((this.#descriptor ??= this.#open()), bytes);
    this.#isTorn = written < bytes.length;
    this.#size += written;
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #open(): number {
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    const descriptor = openTrusted(this.#path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT);
    const state = fstatSync(descriptor);
    fchmodSync(descriptor, 0o600);
    this.#size = state.size;
    this.#day = dayOf(state.size > 0 ? state.mtimeMs : this.#options.clock());
    this.#older = this.#list();
    return descriptor;
  }

  /**
   * Today's file becomes that of its day, and days that are too many go. Where it cannot, the file goes on: one that is
   * too large is better than one with a gap.
   */
  #turn(): void {
    try {
      // Two relays may share a state directory: the other one may have turned it already.
      const inode = statSync(this.#path, { throwIfNoEntry: false })?.ino;
      if (this.#descriptor !== undefined && inode === fstatSync(this.#descriptor).ino) {
        const same = this.#list().filter(({ day }) => day === this.#day);
        const number = (same.at(-1)?.number ?? 0) + 1;
        renameSync(this.#path, `${this.#path}.${this.#day}${number === 1 ? '' : `.${number}`}`);
      }
      this.close();
      this.#descriptor = this.#open();
    } catch (error) {
      this.#options.onError(error);
      return;
    }
    const today = dayOf(this.#options.clock());
    const days = [...new Set(this.#older.map(({ day }) => day))].filter((day) => day !== today);
    const dropped = days.slice(0, Math.max(0, days.length - (this.#options.days - 1)));
    while (this.#older[0] && dropped.includes(this.#older[0].day)) this.#dropOldest();
  }

  #makeRoom(length: number): void {
    const quarter = this.#options.max / 4;
    if (this.#size > 0 && this.#size + length > Math.max(quarter, this.#turnAt)) {
      const before = this.#size;
      this.#turn();
      this.#turnAt = this.#size < before ? 0 : before + quarter;
    }
    const isTooMuch = (): boolean =>
      this.#older.reduce((sum, { size }) => sum + size, this.#size + length) > this.#options.max;
    while (this.#older.length > 0 && isTooMuch()) this.#dropOldest();
  }

  #dropOldest(): void {
    const oldest = this.#older.shift();
    try {
      if (oldest) unlinkSync(oldest.path);
    } catch (error) {
      this.#options.onError(error);
    }
  }

  #list(): Older[] {
    const folder = dirname(this.#path);
    const name = basename(this.#path);
    return readdirSync(folder)
      .flatMap((entry) => {
        const match = entry.startsWith(name) ? SUFFIX.exec(entry.slice(name.length)) : undefined;
        if (!match) return [];
        const path = join(folder, entry);
        const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
        return [{ path, day: match[1] ?? '', number: Number(match[2] ?? 1), size }];
      })
      .toSorted((a, b) => (a.day === b.day ? a.number - b.number : a.day < b.day ? -1 : 1));
  }
}

const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);
