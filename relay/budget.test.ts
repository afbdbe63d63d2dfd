import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Budget, type BudgetLimits, Budgets } from './budget.ts';

const DAY = 24 * 60 * 60_000;

/** A clock that is set by hand. */
function clockAt(time: number): { now: number; readonly read: () => number } {
  const clock = { now: time, read: () => clock.now };
  return clock;
}

const limitsArbitrary: fc.Arbitrary<BudgetLimits> = fc.record(
  {
    burst: fc.integer({ min: 1, max: 50 }),
    perSecond: fc.double({ min: 0.01, max: 20, noNaN: true }),
    perDay: fc.integer({ min: 1, max: 200 }),
  },
  { requiredKeys: ['burst', 'perSecond'] },
);
/** Time that passes, in ms, and then what is asked for. */
const stepsArbitrary = fc.array(
  fc.record({
    pause: fc.oneof(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 0, max: 2 * DAY })),
    cost: fc.integer({ min: 1, max: 20 }),
  }),
  { minLength: 1, maxLength: 100 },
);

describe('a budget', () => {
  it('gives in no span of time more than its burst and its rate, and on no day more than that day has', () => {
    fc.assert(
      fc.property(limitsArbitrary, fc.nat({ max: 3 * DAY }), stepsArbitrary, (limits, start, steps) => {
        const clock = clockAt(start);
        const budget = new Budget(limits, clock.read);
        const given: { at: number; cost: number }[] = [];
        for (const { pause, cost } of steps) {
          clock.now += pause;
          if (budget.take(cost)) given.push({ at: clock.now, cost });
        }
        for (const [from, first] of given.entries()) {
          let sum = 0;
          for (const { at, cost } of given.slice(from)) {
            sum += cost;
            expect(sum).toBeLessThanOrEqual(limits.burst + ((at - first.at) / 1000) * limits.perSecond + 1e-6);
          }
        }
        const ofDay = new Map<number, number>();
        for (const { at, cost } of given) {
          const day = Math.floor(at / DAY);
          ofDay.set(day, (ofDay.get(day) ?? 0) + cost);
        }
        expect(Math.max(0, ...ofDay.values())).toBeLessThanOrEqual(limits.perDay ?? Infinity);
      }),
    );
  });

  it('never refuses what stays below its rate and its day', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 300 }), (perSecond, count) => {
        const clock = clockAt(0);
        const budget = new Budget({ burst: 1, perSecond, perDay: count }, clock.read);
        for (let index = 0; index < count; index++) {
          expect(budget.take()).toBe(true);
          clock.now += Math.ceil(1000 / perSecond);
        }
      }),
    );
  });

  it('says how long to wait: then it gives, a moment before it does not', () => {
    fc.assert(
      fc.property(limitsArbitrary, fc.nat({ max: 3 * DAY }), stepsArbitrary, (limits, start, steps) => {
        const clock = clockAt(start);
        const budget = new Budget(limits, clock.read);
        for (const { pause, cost } of steps) {
          clock.now += pause;
          const wait = budget.wait(cost);
          if (wait === Infinity) expect(cost).toBeGreaterThan(Math.min(limits.burst, limits.perDay ?? Infinity));
          else if (wait > 0) {
            clock.now += wait - 1;
            expect(budget.take(cost)).toBe(false);
            clock.now += 1;
            // Refilling by fractions may lack the last digit of a whole one.
            if (!budget.take(cost)) clock.now += 1;
            else continue;
          }
          expect(budget.take(cost)).toBe(wait !== Infinity);
        }
      }),
    );
  });

  it('refills nothing for a clock that is set back, goes on from there, and takes a day before for another day', () => {
    const clock = clockAt(10 * DAY + 5000);
    const budget = new Budget({ burst: 2, perSecond: 1, perDay: 3 }, clock.read);
    expect([budget.take(), budget.take(), budget.take()]).toEqual([true, true, false]);
    clock.now -= 4000;
    expect(budget.take()).toBe(false);
    clock.now += 1000;
    expect(budget.take()).toBe(true);
    clock.now += 1000;
    expect(budget.take()).toBe(false);
    clock.now -= 5 * DAY;
    expect(budget.take()).toBe(true);
  });
});

describe('budgets by name', () => {
  it('do not touch each other, and are bounded: the one used least recently is forgotten', () => {
    const budgets = new Budgets({ burst: 1, perSecond: 1 }, () => 0, 2);
    expect([budgets.of('a').take(), budgets.of('a').take(), budgets.of('b').take()]).toEqual([true, false, true]);
    budgets.of('a');
    budgets.of('c');
    expect(budgets.size).toBe(2);
    expect(budgets.of('a').take()).toBe(false);
    expect(budgets.of('b').take()).toBe(true);
  });
});
