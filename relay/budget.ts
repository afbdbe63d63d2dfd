/** In ms. */
const DAY = 24 * 60 * 60_000;

/** Principals that a `Budgets` remembers by default: many times the sign-ins there can be (sessions.ts, SESSIONS_MAX). */
const NAMES_MAX = 1024;

export interface BudgetLimits {
  /** How much may be taken at once, after a rest. */
  readonly burst: number;
  /** How much comes back, in a second. */
  readonly perSecond: number;
  /** How much may be taken in one day of UTC. Default: as much as the rate gives. */
  readonly perDay?: number;
}

/**
 * How much of something may be done: a bucket of `burst` that refills at a rate (a token bucket), and a count a day.
 * It holds four numbers and starts no timer.
 */
export class Budget {
  readonly #limits: Required<BudgetLimits>;
  readonly #clock: () => number;
  /** When #left was counted, in ms since the epoch. */
  #at: number;
  #left: number;
  #day: number;
  #takenToday = 0;

  /** @param clock ms since the epoch. A clock that is set back refills nothing for that time. */
  constructor(limits: BudgetLimits, clock: () => number = Date.now) {
    this.#limits = { perDay: Infinity, ...limits };
    this.#clock = clock;
    this.#at = clock();
    this.#left = limits.burst;
    this.#day = dayOf(this.#at);
  }

  /** Takes `cost` and gives true; or false, which takes nothing. A cost above `burst` or `perDay` is never given. */
  take(cost = 1): boolean {
    this.#refill();
    if (cost > this.#left || this.#takenToday + cost > this.#limits.perDay) return false;
    this.#left -= cost;
    this.#takenToday += cost;
    return true;
  }

  /** How long until `take(cost)` gives true, if nothing else is taken, in whole ms; Infinity where it never will. */
  wait(cost = 1): number {
    const { burst, perSecond, perDay } = this.#limits;
    this.#refill();
    if (cost > burst || cost > perDay) return Infinity;
    const untilRefilled = cost <= this.#left ? 0 : Math.ceil(((cost - this.#left) * 1000) / perSecond);
    const untilTomorrow = this.#takenToday + cost <= perDay ? 0 : (this.#day + 1) * DAY - this.#at;
    return Math.max(untilRefilled, untilTomorrow);
  }

  #refill(): void {
    const now = this.#clock();
    const seconds = Math.max(0, now - this.#at) / 1000;
    this.#at = now;
    this.#left = Math.min(this.#limits.burst, this.#left + seconds * this.#limits.perSecond);
    // An earlier day is a new one too: a clock that was far ahead and is put right must lock nobody out.
    if (dayOf(now) === this.#day) return;
    this.#day = dayOf(now);
    this.#takenToday = 0;
  }
}

/**
 * A budget for each name. It remembers a bounded number of names and forgets the one used least recently, which gives
 * that one a full budget again: the bound must exceed the names that can exist at a time.
 */
export class Budgets {
  readonly #limits: BudgetLimits;
  readonly #clock: () => number;
  readonly #max: number;
  /** The least recently used first. */
  readonly #of = new Map<string, Budget>();

  /** @param clock as for Budget @param max how many names are remembered */
  constructor(limits: BudgetLimits, clock: () => number = Date.now, max = NAMES_MAX) {
    this.#limits = limits;
    this.#clock = clock;
    this.#max = max;
  }

  /** How many names are remembered. */
  get size(): number {
    return this.#of.size;
  }

  /** The budget of a name. */
  of(name: string): Budget {
    const budget = this.#of.get(name) ?? new Budget(this.#limits, this.#clock);
    this.#of.delete(name);
    this.#of.set(name, budget);
    for (const oldest of this.#of.keys()) {
      if (this.#of.size <= this.#max) break;
      this.#of.delete(oldest);
    }
    return budget;
  }
}

/** A wait in words, rounded up: `in 3 hours`. @param ms a number, or Infinity for what will never be */
export function waitInWords(ms: number): string {
  if (ms === Infinity) return 'never';
  const [count, unit] =
    ms <= 60_000
      ? [Math.max(1, Math.ceil(ms / 1000)), 'second']
      : ms <= 60 * 60_000
        ? [Math.ceil(ms / 60_000), 'minute']
        : [Math.ceil(ms / (60 * 60_000)), 'hour'];
  return `in ${count} ${unit}${count === 1 ? '' : 's'}`;
}

const dayOf = (time: number): number => Math.floor(time / DAY);
