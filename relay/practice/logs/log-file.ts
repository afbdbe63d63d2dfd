/** The most that one log file holds before it is rotated: 1 MiB. With its older files a log is bounded by this times its depth. */
export const LOG_FILE_LIMIT = 1024 * 1024;

/** One log file as an open descriptor sees it: it keeps its content when it is renamed. */
export class LogFile {
  #bytes = Buffer.alloc(16 * 1024);
  #size = 0;
  #modified: Date;
  readonly #listeners = new Set<() => void>();

  constructor(created: Date) {
    this.#modified = created;
  }

  get size(): number {
    return this.#size;
  }

  get modified(): Date {
    return this.#modified;
  }

  append(text: string | Uint8Array, at: Date): void {
    const added = typeof text === 'string' ? Buffer.from(text) : Buffer.from(text);
    if (this.#size + added.length > this.#bytes.length) {
      const grown = Buffer.alloc(Math.max(this.#bytes.length * 2, this.#size + added.length));
      this.#bytes.copy(grown, 0, 0, this.#size);
      this.#bytes = grown;
    }
    added.copy(this.#bytes, this.#size);
    this.#size += added.length;
    this.#modified = at;
    this.notify();
  }

  /** A copy of the bytes from `start`. */
  read(start = 0): Buffer {
    return Buffer.from(this.#bytes.subarray(Math.min(start, this.#size), this.#size));
  }

  truncate(at: Date): void {
    this.#size = 0;
    this.#modified = at;
    this.notify();
  }

  /** Calls `listener` after each change; returns how to stop. */
  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** A log with its older files: index 0 is the one being written. */
export class RotatedLog {
  readonly path: string;
  readonly #depth: number;
  readonly #now: () => Date;
  #files: LogFile[];

  /** `depth`: how many older files are kept (`path.1` … `path.<depth>`). */
  constructor(path: string, depth: number, now: () => Date) {
    this.path = path;
    this.#depth = depth;
    this.#now = now;
    this.#files = [new LogFile(now())];
  }

  get current(): LogFile {
    const [current] = this.#files;
    if (!current) throw new Error('a log always has a current file');
    return current;
  }

  get depth(): number {
    return this.#depth;
  }

  /** The file at `path` (0) or `path.<index>`. */
  file(index: number): LogFile | undefined {
    return this.#files[index];
  }

  append(text: string | Uint8Array): void {
    if (this.current.size >= LOG_FILE_LIMIT) this.rotate();
    this.current.append(text, this.#now());
  }

  /** Renames every file to the next number and starts a new one; the oldest is dropped. */
  rotate(): void {
    const rotated = this.current;
    this.#files = [new LogFile(this.#now()), ...this.#files].slice(0, this.#depth + 1);
    rotated.notify();
  }

  /** Forgets everything, as a wiped partition does. */
  clear(): void {
    const old = this.current;
    this.#files = [new LogFile(this.#now())];
    old.notify();
  }
}
