import type { Seat } from './seats.ts';
import type { Point } from './streets.ts';
import { type Plan, isBox, lineOf, pairs, streetOf, trackAt, trackCount } from './tracks.ts';

/** Sizes in px. */
export interface Shape {
  readonly columns: number;
  readonly boxWidth: number;
  readonly boxHeight: number;
  /** Between parallel lines in a street. */
  readonly pitch: number;
  /** Between the outer lines of a street and the boxes beside it. */
  readonly margin: number;
  /** A street without lines. */
  readonly emptyStreet: number;
  /** What a street between two lanes has on top. */
  readonly laneGap: number;
  /** Left of everything, for the names of the lanes. */
  readonly gutter: number;
}

export type Position = readonly [x: number, y: number];

interface Band {
  readonly start: number;
  readonly size: number;
}

/** Where streets, boxes and lanes lie. */
export interface Geometry {
  readonly width: number;
  readonly height: number;
  readonly streets: ReadonlyMap<string, Band>;
  readonly columns: readonly number[];
  readonly rows: readonly number[];
  readonly lanes: readonly { readonly top: number; readonly height: number }[];
}

/** How far doors are apart at most, in px; on a crowded side they stand closer. */
const DOOR_PITCH = 10;
/** Kept free at both ends of a side. */
const CORNER = 6;

/** Streets become as wide as the plan that needs most of them asks for. */
export function measure(laneRows: readonly number[], shape: Shape, plans: readonly Plan[]): Geometry {
  const streets = new Map<string, Band>();
  const add = (street: string, start: number, extra: number): number => {
    const tracks = Math.max(0, ...plans.map((plan) => trackCount(plan, street)));
    const size = (tracks === 0 ? shape.emptyStreet : 2 * shape.margin + (tracks - 1) * shape.pitch) + extra;
    streets.set(street, { start, size });
    return start + size;
  };
  const columns: number[] = [];
  let x = add('column 0', shape.gutter, 0);
  for (let column = 0; column < shape.columns; column++) {
    columns.push(x);
    x = add(`column ${column + 1}`, x + shape.boxWidth, 0);
  }
  const rows: number[] = [];
  const lanes: { top: number; height: number }[] = [];
  let y = add('row 0', 0, 0);
  let top = 0;
  laneRows.forEach((count, lane) => {
    const isLast = lane === laneRows.length - 1;
    for (let row = 1; row <= count; row++) {
      rows.push(y);
      y = add(`row ${rows.length}`, y + shape.boxHeight, row === count && !isLast ? shape.laneGap : 0);
    }
    // Half of the street between two lanes belongs to each.
    const bottom = isLast ? y : y - (streets.get(`row ${rows.length}`)?.size ?? 0) / 2;
    lanes.push({ top, height: bottom - top });
    top = bottom;
  });
  return { width: x, height: y, streets, columns, rows, lanes };
}

/** The top left corner of a seat. */
export function cornerOf({ row, column }: Seat, { columns, rows }: Geometry): Position {
  const [x, y] = [columns[column], rows[row]];
  if (x === undefined || y === undefined) throw new Error(`no seat in row ${row}, column ${column}`);
  return [x, y];
}

/** The corners of every link's line, from its net's hub to its own end, by link. */
export function drawPaths(plan: Plan, geometry: Geometry, shape: Shape): Map<number, Position[]> {
  return new Map(
    plan.nets.flatMap((paths, net) =>
      paths.map(({ link, points }) => [link, drawPath(points, net, plan, geometry, shape)] as const),
    ),
  );
}

/** An endless straight line: along x where `y` is given, along y where `x` is. */
interface Straight {
  readonly horizontal: boolean;
  readonly at: number;
}

function drawPath(points: readonly Point[], net: number, plan: Plan, geometry: Geometry, shape: Shape): Position[] {
  const straights: Straight[] = [];
  for (const [a, b] of pairs(points)) {
    const next = straightOf(a, b, net, plan, geometry, shape);
    const last = straights.at(-1);
    if (last?.horizontal !== next.horizontal) straights.push(next);
    else if (last.at !== next.at) throw new Error(`a line of net ${net} jumps from ${last.at} to ${next.at}`);
  }
  const ends = [points.slice(0, 2), points.slice(-2).reverse()].map(([box, door]) => {
    if (!box || !door) throw new Error('a path needs two ends');
    return sideOf(box, door, geometry, shape);
  });
  const all = [ends[0], ...straights, ends[1]].filter((each) => each !== undefined);
  return pairs(all).map(([a, b]) => (a.horizontal ? [b.at, a.at] : [a.at, b.at]));
}

/** The line on which a net goes from a point to its neighbour. */
function straightOf(a: Point, b: Point, net: number, plan: Plan, geometry: Geometry, shape: Shape): Straight {
  const horizontal = a.y === b.y;
  if (lineOf(a, b) === 'door') {
    const [box, door] = isBox(a) ? [a, b] : [b, a];
    const [x, y] = cornerOf({ row: (box.y - 1) / 2, column: (box.x - 1) / 2 }, geometry);
    const nets = plan.doors.get(door) ?? [];
    const [start, length] = horizontal ? [y, shape.boxHeight] : [x, shape.boxWidth];
    const pitch = Math.min(DOOR_PITCH, (length - 2 * CORNER) / nets.length);
    return { horizontal, at: start + length / 2 + (nets.indexOf(net) - (nets.length - 1) / 2) * pitch };
  }
  const street = streetOf(a, b);
  const band = geometry.streets.get(street);
  if (!band) throw new Error(`no street ${street}`);
  const track = trackAt(plan, net, street, horizontal ? a.x : a.y);
  const middle = (trackCount(plan, street) - 1) / 2;
  return { horizontal, at: band.start + band.size / 2 + (track - middle) * shape.pitch };
}

/** The side of a box at which a line through this door ends; it crosses the line. */
function sideOf(box: Point, door: Point, geometry: Geometry, shape: Shape): Straight {
  const [x, y] = cornerOf({ row: (box.y - 1) / 2, column: (box.x - 1) / 2 }, geometry);
  const horizontal = box.y !== door.y;
  const start = horizontal ? y : x;
  const size = horizontal ? shape.boxHeight : shape.boxWidth;
  return { horizontal, at: door.x + door.y > box.x + box.y ? start + size : start };
}
