import { Budgets } from './budget.ts';

/** How often the resumes of one channel have a line of their own at most, in ms; the others are counted. */
const LINE_EVERY_MS = 60_000;

/**
 * Lines that one principal gets for resumes: 128 at once are all terminals after a night, twice; a day of waking laptops
 * has some hundred. What is beyond is counted, and told when the channel ends.
 */
const LINES = { burst: 128, perSecond: 1, perDay: 2_000 };

/** Resumes of channels, and which of them have a line. It knows a channel from its first resume until it is forgotten. */
export class Resumes {
  readonly #lines: Budgets;
  readonly #clock: () => number;
  readonly #channels = new Map<number, { readonly principal: string; untold: number; toldAt: number }>();

  /** @param clock in ms since the epoch */
  constructor(clock: () => number) {
    this.#clock = clock;
    this.#lines = new Budgets(LINES, clock);
  }

  /** A page came back to a channel. Gives how many resumes a line tells now; 0: no line. */
  note(principal: string, channel: number): number {
    const state = this.#channels.get(channel) ?? { principal, untold: 0, toldAt: -Infinity };
    this.#channels.set(channel, state);
    state.untold++;
    const isDue = Math.abs(this.#clock() - state.toldAt) >= LINE_EVERY_MS;
    if (!isDue || !this.#lines.of(principal).take()) return 0;
    state.toldAt = this.#clock();
    return this.take(channel);
  }

  /** Resumes of a channel that no line has told; from now on it has. */
  take(channel: number): number {
    const state = this.#channels.get(channel);
    const untold = state?.untold ?? 0;
    if (state) state.untold = 0;
    return untold;
  }

  /** The channel is gone. Gives what no line has told, and whose it was. */
  forget(channel: number): { readonly principal: string; readonly untold: number } | undefined {
    const state = this.#channels.get(channel);
    this.#channels.delete(channel);
    return state;
  }
}
