import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Position } from './geometry.ts';
import { nearestBox } from './nearest.ts';

const GRID: Readonly<Record<string, Position>> = {
  a: [0, 0],
  b: [100, 0],
  c: [300, 0],
  d: [0, 50],
  e: [200, 50],
};

describe('nearestBox', () => {
  it('goes along the row or column, also over a gap', () => {
    expect(nearestBox(GRID, 'a', 'right')).toBe('b');
    expect(nearestBox(GRID, 'b', 'right')).toBe('c');
    expect(nearestBox(GRID, 'a', 'down')).toBe('d');
    expect(nearestBox(GRID, 'e', 'left')).toBe('d');
  });

  it('steps aside where nothing is straight ahead', () => {
    expect(nearestBox(GRID, 'b', 'down')).toBe('d');
    expect(nearestBox(GRID, 'c', 'down')).toBe('e');
  });

  it('stays at the rim', () => {
    expect(nearestBox(GRID, 'a', 'up')).toBeUndefined();
    expect(nearestBox(GRID, 'c', 'right')).toBeUndefined();
    expect(nearestBox(GRID, 'unknown', 'right')).toBeUndefined();
  });

  it('always goes in its direction', () => {
    const boxes = fc.uniqueArray(fc.tuple(fc.nat(9), fc.nat(9)), {
      minLength: 1,
      selector: ([x, y]) => `${x} ${y}`,
    });
    fc.assert(
      fc.property(boxes, (positions) => {
        const all = Object.fromEntries(positions.map(([x, y], index) => [String(index), [x, y] as const]));
        for (const [id, [x, y]] of Object.entries(all)) {
          const right = all[nearestBox(all, id, 'right') ?? ''];
          const up = all[nearestBox(all, id, 'up') ?? ''];
          expect(right?.[0] ?? Infinity).toBeGreaterThan(x);
          expect(up?.[1] ?? -1).toBeLessThan(y);
          expect(right === undefined).toBe(Object.values(all).every(([other]) => other <= x));
        }
      }),
    );
  });
});
