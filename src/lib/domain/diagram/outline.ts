import type { Position } from './geometry.ts';

/** Radius of a corner in px; less where two corners are closer. */
const CORNER = 5;
const HEAD_LENGTH = 6;
const HEAD_WIDTH = 3;

/** The path data of a line with rounded corners. */
export function outlineOf(corners: readonly Position[]): string {
  return corners
    .map(([x, y], index) => {
      const [before, after] = [corners[index - 1], corners[index + 1]];
      if (!before) return `M${x} ${y}`;
      if (!after) return `L${x} ${y}`;
      const radius = Math.min(CORNER, length(before, [x, y]) / 2, length([x, y], after) / 2);
      const [ax, ay] = towards([x, y], before, radius);
      const [bx, by] = towards([x, y], after, radius);
      return `L${ax} ${ay}Q${x} ${y} ${bx} ${by}`;
    })
    .join('');
}

/** The path data of the arrow head at the end of a line. */
export function headOf(corners: readonly Position[]): string {
  const [before, tip] = [corners.at(-2), corners.at(-1)];
  if (!before || !tip) return '';
  const [x, y] = towards(tip, before, HEAD_LENGTH);
  const [dx, dy] = tip[1] === before[1] ? [0, HEAD_WIDTH] : [HEAD_WIDTH, 0];
  return `M${tip[0]} ${tip[1]}L${x + dx} ${y + dy}L${x - dx} ${y - dy}Z`;
}

function length([ax, ay]: Position, [bx, by]: Position): number {
  return Math.abs(ax - bx) + Math.abs(ay - by);
}

/** From a point some px towards another one in the same row or column. */
function towards([x, y]: Position, [tx, ty]: Position, distance: number): Position {
  return [x + Math.sign(tx - x) * distance, y + Math.sign(ty - y) * distance];
}
