/** A record of penguin's journal. */
export interface JournalRecord {
  readonly at: Date;
  readonly priority: number;
  readonly identifier: string;
  readonly pid: number;
  readonly unit: string;
  readonly user: boolean;
  readonly text: string;
  readonly cursor: number;
}

/** The most records kept; older ones are vacuumed. About 1 MiB. */
const JOURNAL_LIMIT = 5000;

/** The journal of the container. */
export class Journal {
  #records: JournalRecord[] = [];
  #cursor = 0;
  readonly #now: () => Date;
  readonly #listeners = new Set<() => void>();

  constructor(now: () => Date) {
    this.#now = now;
  }

  get records(): readonly JournalRecord[] {
    return this.#records;
  }

  append(record: Omit<JournalRecord, 'at' | 'cursor'>): void {
    this.#records.push({ ...record, at: this.#now(), cursor: ++this.#cursor });
    // Cut in steps, so that a full journal does not move its records at each line.
    if (this.#records.length > JOURNAL_LIMIT * 1.1) this.#records = this.#records.slice(-JOURNAL_LIMIT);
    for (const listener of [...this.#listeners]) listener();
  }

  clear(): void {
    this.#records = [];
  }

  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
