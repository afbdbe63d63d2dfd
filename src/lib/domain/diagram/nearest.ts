import type { Position } from './geometry.ts';

export type Direction = 'left' | 'right' | 'up' | 'down';

/** A step aside costs more than a step ahead, so that an arrow key keeps to its row or column where it can. */
const ASIDE = 3;

/** The box that an arrow key leads to: the nearest one in that direction; undefined at the rim. */
export function nearestBox(
  boxes: Readonly<Record<string, Position>>,
  from: string,
  direction: Direction,
): string | undefined {
  const start = boxes[from];
  if (!start) return undefined;
  const sign = direction === 'left' || direction === 'up' ? -1 : 1;
  const [main, cross] = direction === 'left' || direction === 'right' ? ([0, 1] as const) : ([1, 0] as const);
  let best: { id: string; cost: number } | undefined;
  for (const [id, position] of Object.entries(boxes)) {
    const ahead = sign * (position[main] - start[main]);
    if (ahead <= 0) continue;
    const cost = ahead + ASIDE * Math.abs(position[cross] - start[cross]);
    if (!best || cost < best.cost) best = { id, cost };
  }
  return best?.id;
}
