export interface MergedLimits {
  /** How often each name is said at most, in ms. */
  readonly everyMs: number;
  /** Names that are told apart; what comes under another one meanwhile is counted under `others`. */
  readonly max: number;
}

/** What names beyond the bound are counted under. */
const OTHERS = 'others';

/**
 * Says at once what happens under a name, and counts what happens under it again: that is said when a pause is over. So
 * whoever does something again and again fills no log. A name that was quiet for a pause is forgotten.
 */
export class Merged {
  readonly #limits: MergedLimits;
  readonly #say: (name: string, count: number) => void;
  readonly #counts = new Map<string, { untold: number; readonly timer: NodeJS.Timeout }>();

  /** @param say it happened `count` times since this name was said last */
  constructor(limits: MergedLimits, say: (name: string, count: number) => void) {
    this.#limits = limits;
    this.#say = say;
  }

  /** It happened. */
  note(wanted: string): void {
    const name = this.#counts.has(wanted) || this.#counts.size < this.#limits.max ? wanted : OTHERS;
    const known = this.#counts.get(name);
    if (known) known.untold++;
    else {
      const timer = setInterval(() => this.#pauseIsOver(name), this.#limits.everyMs).unref();
      this.#counts.set(name, { untold: 0, timer });
      this.#say(name, 1);
    }
  }

  /** Says what is counted, and forgets all. */
  close(): void {
    for (const name of [...this.#counts.keys()]) {
      this.#sayUntold(name);
      this.#forget(name);
    }
  }

  #pauseIsOver(name: string): void {
    if (!this.#sayUntold(name)) this.#forget(name);
  }

  /** False where there is nothing to say. */
  #sayUntold(name: string): boolean {
    const known = this.#counts.get(name);
    if (!known || known.untold === 0) return false;
    this.#say(name, known.untold);
    known.untold = 0;
    return true;
  }

  #forget(name: string): void {
    clearInterval(this.#counts.get(name)?.timer);
    this.#counts.delete(name);
  }
}
