/** Where a box stands: a row of the whole diagram, and a column. */
export interface Seat {
  readonly row: number;
  readonly column: number;
}

/** Two boxes that want to be close to each other, by id. */
export interface Pull {
  readonly a: string;
  readonly b: string;
  readonly weight: number;
}

export interface Seating {
  readonly seats: ReadonlyMap<string, Seat>;
  /** How many rows each lane takes. */
  readonly laneRows: readonly number[];
}

interface Cell extends Seat {
  box: Box | undefined;
}

interface Box {
  readonly id: string;
  /** The cells of its lane. */
  readonly lane: readonly Cell[];
  readonly pulls: { readonly other: Box; readonly weight: number }[];
  cell: Cell;
}

/** Exchanges tried: with more of them a few dozen boxes find nothing better. */
const STEPS = 40_000;
const HOT = 3;
const COLD = 0.02;

/**
 * Gives every box a seat in its lane so that what belongs together stands together: simulated annealing by
 * exchanging seats within lanes, which lie below each other. The same seed gives the same seating.
 */
export function seatBoxes(
  lanes: readonly (readonly string[])[],
  columns: number,
  pulls: readonly Pull[],
  seed: number,
): Seating {
  const random = randomNumbers(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const laneRows = lanes.map((ids) => Math.ceil(ids.length / columns));
  const boxes = fillRows(lanes, columns);
  const byId = new Map(boxes.map((box) => [box.id, box]));
  for (const { a, b, weight } of pulls) {
    const [one, other] = [byId.get(a), byId.get(b)];
    if (!one || !other) throw new Error(`a pull between ${a} and ${b}, and one of them has no box`);
    one.pulls.push({ other, weight });
    other.pulls.push({ other: one, weight });
  }

  for (let step = 0; step < STEPS && boxes.length > 0; step++) {
    const heat = HOT * (COLD / HOT) ** (step / STEPS);
    const box = pick(boxes);
    const cell = box.cell;
    const target = pick(box.lane);
    const other = target.box;
    if (other === box) continue;
    const before = strain(box) + strain(other);
    exchange(cell, target);
    const worse = strain(box) + strain(other) - before;
    if (worse > 0 && random() >= Math.exp(-worse / heat)) exchange(cell, target);
  }
  return { seats: new Map(boxes.map(({ id, cell: { row, column } }) => [id, { row, column }])), laneRows };
}

function fillRows(lanes: readonly (readonly string[])[], columns: number): Box[] {
  let firstRow = 0;
  return lanes.flatMap((ids) => {
    const rows = Math.ceil(ids.length / columns);
    const lane = Array.from({ length: rows * columns }, (_, index): Cell => ({
      row: firstRow + Math.floor(index / columns),
      column: index % columns,
      box: undefined,
    }));
    firstRow += rows;
    return lane.slice(0, ids.length).map((cell, index) => {
      const box: Box = { id: ids[index] ?? '', lane, pulls: [], cell };
      cell.box = box;
      return box;
    });
  });
}

function exchange(a: Cell, b: Cell): void {
  [a.box, b.box] = [b.box, a.box];
  if (a.box) a.box.cell = a;
  if (b.box) b.box.cell = b;
}

function strain(box: Box | undefined): number {
  return box ? box.pulls.reduce((sum, { other, weight }) => sum + weight * distance(box.cell, other.cell), 0) : 0;
}

/** In steps from box to box, with a supplement for what has to go around others. */
function distance(a: Seat, b: Seat): number {
  const across = Math.abs(a.column - b.column);
  const down = Math.abs(a.row - b.row);
  const around = (across === 0 && down > 1) || (down === 0 && across > 1) ? 0.8 : 0;
  return 1.3 * across + down + around + (down > 1 ? 0.3 : 0);
}

/** Numbers from 0 to 1 that look random and are the same at each build (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
