import type { Attacker, Outcome } from './case.ts';

/** Counts how often an attacker was cut off or refused, and why. */
export class Tally {
  readonly #attacker: Attacker;
  readonly #reasons = new Map<string, number>();

  constructor(attacker: Attacker) {
    this.#attacker = attacker;
  }

  /** @param reason a problem's code and message; only the code counts */
  add(reason: string): void {
    this.#attacker.wasEnded();
    const code = /^[a-z]+(?:-[a-z]+)+(?=:)/.exec(reason)?.[0] ?? reason;
    this.#reasons.set(code, (this.#reasons.get(code) ?? 0) + 1);
  }

  /** @param otherwise what there is to say when it never happened */
  outcome(otherwise = 'served'): Outcome {
    const text = [...this.#reasons]
      .map(([reason, count]) => (count === 1 ? reason : `${count} × ${reason}`))
      .join(', ');
    return { text: text || otherwise, ended: this.#reasons.size > 0 };
  }
}
