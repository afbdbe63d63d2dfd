import { type Geometry, type Position, type Shape, drawPaths, measure } from './geometry.ts';
import { type Plan, assignTracks, pairs } from './tracks.ts';

/** What makes a diagram hard to read, in one number; lower is better. */
export function tangle(plan: Plan, laneRows: readonly number[], shape: Shape): number {
  const geometry = measure(laneRows, shape, [plan]);
  const lines = drawPaths(plan, geometry, shape);
  let [bends, length] = [0, 0];
  for (const corners of lines.values()) bends += corners.length - 2;
  const strokes = strokesOf(plan, lines);
  for (const { from, to } of strokes) length += to - from;
  return 30 * countCrossings(strokes) + 3 * bends + 0.05 * length + sizeOf(geometry);
}

const sizeOf = ({ width, height }: Geometry): number => 1.5 * width + 0.5 * height;

/** Exchanges neighbours in streets and at doors as long as that makes the diagram easier to read. */
export function untangle(plan: Plan, laneRows: readonly number[], shape: Shape): void {
  let best = tangle(plan, laneRows, shape);
  for (let better = true; better;) {
    better = false;
    for (const list of [...plan.streets.values(), ...plan.doors.values()])
      for (const [a, b] of choices(list.length)) {
        swap(list, a, b);
        assignTracks(plan);
        const now = tangle(plan, laneRows, shape);
        if (now < best - 1e-6) {
          best = now;
          better = true;
        } else swap(list, a, b);
      }
    assignTracks(plan);
  }
}

function swap(list: unknown[], a: number, b: number): void {
  [list[a], list[b]] = [list[b], list[a]];
}

function choices(length: number): [number, number][] {
  return Array.from({ length }, (_, a) =>
    Array.from({ length: length - a - 1 }, (__, b): [number, number] => [a, a + 1 + b]),
  ).flat();
}

/** A straight piece of a net's line. */
export interface Stroke {
  readonly net: number;
  readonly horizontal: boolean;
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

/** Every piece once, also where links of a net share it. */
export function strokesOf(plan: Plan, lines: ReadonlyMap<number, readonly Position[]>): Stroke[] {
  const strokes = new Map<string, Stroke>();
  plan.nets.forEach((paths, net) => {
    for (const { link } of paths)
      for (const [[ax, ay], [bx, by]] of pairs(lines.get(link) ?? [])) {
        const horizontal = ay === by;
        const [at, from, to] = horizontal
          ? [ay, Math.min(ax, bx), Math.max(ax, bx)]
          : [ax, Math.min(ay, by), Math.max(ay, by)];
        strokes.set(`${net} ${horizontal} ${at} ${from} ${to}`, { net, horizontal, at, from, to });
      }
  });
  return [...strokes.values()];
}

/** Where lines of different nets cross. */
export function countCrossings(strokes: readonly Stroke[]): number {
  const [across, down] = [strokes.filter((one) => one.horizontal), strokes.filter((one) => !one.horizontal)];
  const seen = new Set<string>();
  for (const a of across)
    for (const b of down)
      if (a.net !== b.net && b.at > a.from && b.at < a.to && a.at > b.from && a.at < b.to)
        seen.add(`${a.net} ${b.net} ${a.at} ${b.at}`);
  return seen.size;
}
