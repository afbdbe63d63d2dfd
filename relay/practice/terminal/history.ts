/** The most lines kept, as bash's HISTSIZE on the device. */
const HISTORY_LIMIT = 500;

/** Lines typed before, and where in them the editor is. */
export class History {
  #lines: string[] = [];
  #position = 0;
  /** The line that was being typed when the walk began. */
  #draft = '';

  get lines(): readonly string[] {
    return this.#lines;
  }

  add(line: string): void {
    if (line.trim() === '' || line === this.#lines.at(-1)) return;
    this.#lines.push(line);
    if (this.#lines.length > HISTORY_LIMIT) this.#lines.shift();
  }

  rewind(): void {
    this.#position = this.#lines.length;
    this.#draft = '';
  }

  /** Null at the oldest. */
  older(current: string): string | null {
    if (this.#position === 0) return null;
    if (this.#position === this.#lines.length) this.#draft = current;
    return this.#lines[--this.#position] ?? null;
  }

  newer(): string | null {
    if (this.#position >= this.#lines.length) return null;
    this.#position++;
    return this.#lines[this.#position] ?? this.#draft;
  }

  /** The newest line with `text` in it, after `skip` newer ones. */
  find(text: string, skip: number): string | null {
    if (text === '') return null;
    return this.#lines.filter((line) => line.includes(text)).at(-1 - skip) ?? null;
  }
}
