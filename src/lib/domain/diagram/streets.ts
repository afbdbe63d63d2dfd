import type { Seat } from './seats.ts';

/**
 * Where lines may run: a street above and below each row, one left and right of each column. A point's `x` and `y`
 * count half steps: even ones lie in a street, and where both are odd stands a box or nothing.
 */
export interface Point {
  readonly x: number;
  readonly y: number;
  readonly steps: Step[];
}

/** From a point to one of its neighbours. */
export interface Step {
  readonly to: Point;
  readonly horizontal: boolean;
  /** Between a street and the side of a box. */
  readonly isDoor: boolean;
  /** In px, roughly: how wide the streets become is known only when all lines are laid. */
  readonly length: number;
  /** How many nets run here already, the same count in both directions. */
  readonly traffic: { count: number };
}

const HALF_COLUMN = 80;
const HALF_ROW = 47;
const DOOR = 12;
/** Along the rim the diagram would grow for a single line. */
const RIM = 20;

/** The point of every box, by id, in a net of streets around `rows` times `columns` seats. */
export function layStreets(seats: ReadonlyMap<string, Seat>, rows: number, columns: number): Map<string, Point> {
  const points = new Map<string, Point>();
  const pointAt = (x: number, y: number): Point => {
    const key = `${x} ${y}`;
    const point = points.get(key) ?? { x, y, steps: [] };
    points.set(key, point);
    return point;
  };
  const join = (a: Point, b: Point, isDoor: boolean): void => {
    const horizontal = a.y === b.y;
    const isRim = horizontal ? a.y === 0 || a.y === 2 * rows : a.x === 0 || a.x === 2 * columns;
    const length = (isDoor ? DOOR : horizontal ? HALF_COLUMN : HALF_ROW) + (isRim && !isDoor ? RIM : 0);
    const traffic = { count: 0 };
    a.steps.push({ to: b, horizontal, isDoor, length, traffic });
    b.steps.push({ to: a, horizontal, isDoor, length, traffic });
  };

  for (let y = 0; y <= 2 * rows; y += 2)
    for (let x = 0; x < 2 * columns; x++) join(pointAt(x, y), pointAt(x + 1, y), false);
  for (let x = 0; x <= 2 * columns; x += 2)
    for (let y = 0; y < 2 * rows; y++) join(pointAt(x, y), pointAt(x, y + 1), false);
  return new Map(
    [...seats].map(([id, { row, column }]) => {
      const [x, y] = [2 * column + 1, 2 * row + 1];
      const box = pointAt(x, y);
      for (const street of [pointAt(x, y - 1), pointAt(x, y + 1), pointAt(x - 1, y), pointAt(x + 1, y)])
        join(box, street, true);
      return [id, box];
    }),
  );
}
