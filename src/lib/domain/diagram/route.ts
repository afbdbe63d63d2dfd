import type { Point, Step } from './streets.ts';

/** Links that share one end and one transport; they share their way too, and branch off like railway tracks. */
export interface Net {
  /** The shared end, an id of a box. */
  readonly hub: string;
  readonly leaves: readonly { readonly id: string; /** What the path is for. */ readonly link: number }[];
}

/** The way of one link: the points from its net's hub to its own end. */
export interface Path {
  readonly link: number;
  readonly points: readonly Point[];
}

/** A reached point, and how: lines that bend less read better. */
interface Visit {
  readonly point: Point;
  readonly from: Visit | undefined;
  readonly step: Step | undefined;
  readonly cost: number;
}

const BEND = 30;
/** Per net that runs in the same street already, for each px. */
const TRAFFIC = 0.1;

/** Ways for all links of a net, the nearest leaf first, each from where the net already runs. Counts its traffic. */
export function routeNet(net: Net, boxes: ReadonlyMap<string, Point>): Path[] {
  const hub = boxOf(boxes, net.hub);
  /** Every point of the net with the way to it from the hub. */
  const tree = new Map<Point, readonly Point[]>([[hub, [hub]]]);
  const directions = new Map<Point, Set<boolean>>();
  const steps = new Set<Step['traffic']>();
  const near = [...net.leaves].sort(
    (a, b) => span(boxes, net.hub, a.id) - span(boxes, net.hub, b.id) || a.link - b.link,
  );
  const paths = near.map(({ id, link }) => {
    const leaf = boxOf(boxes, id);
    let visit = tree.has(leaf) ? undefined : findWay(tree, directions, hub, leaf);
    const branch: Visit[] = [];
    for (; visit?.step; visit = visit.from) branch.unshift(visit);
    for (const { point, step, from } of branch) {
      if (!step || !from) continue;
      tree.set(point, [...(tree.get(from.point) ?? []), point]);
      for (const end of [point, from.point])
        directions.set(end, (directions.get(end) ?? new Set()).add(step.horizontal));
      steps.add(step.traffic);
    }
    return { link, points: tree.get(leaf) ?? [] };
  });
  for (const traffic of steps) traffic.count++;
  return paths;
}

/** Dijkstra's shortest way from anywhere on the tree to the leaf. */
function findWay(
  tree: ReadonlyMap<Point, unknown>,
  directions: ReadonlyMap<Point, ReadonlySet<boolean>>,
  hub: Point,
  leaf: Point,
): Visit {
  const isBox = (point: Point): boolean => point.x % 2 === 1 && point.y % 2 === 1;
  const open = new Map<string, Visit>();
  const done = new Set<string>();
  const key = (point: Point, step: Step | undefined): string => `${point.x} ${point.y} ${step?.horizontal}`;
  for (const point of tree.keys())
    if (point === hub || !isBox(point))
      open.set(key(point, undefined), { point, from: undefined, step: undefined, cost: 0 });
  for (;;) {
    let next: [string, Visit] | undefined;
    for (const entry of open) if (!next || entry[1].cost < next[1].cost) next = entry;
    if (!next) throw new Error('streets that lead nowhere');
    const [reached, visit] = next;
    const { point, step: before } = visit;
    open.delete(reached);
    done.add(reached);
    if (point === leaf) return visit;
    if (isBox(point) && point !== hub) continue;
    for (const step of point.steps) {
      const id = key(step.to, step);
      if (done.has(id) || tree.has(step.to)) continue;
      const isStraight = before
        ? before.horizontal === step.horizontal
        : point === hub || directions.get(point)?.has(step.horizontal) === true;
      const cost = visit.cost + step.length * (1 + TRAFFIC * step.traffic.count) + (isStraight ? 0 : BEND);
      if (cost < (open.get(id)?.cost ?? Infinity)) open.set(id, { point: step.to, from: visit, step, cost });
    }
  }
}

/** How far two boxes are apart, in half steps. */
export function span(boxes: ReadonlyMap<string, Point>, one: string, other: string): number {
  const [a, b] = [boxOf(boxes, one), boxOf(boxes, other)];
  return Math.abs(a.x - b.x) + Math.abs(a.y - b.y);
}

function boxOf(boxes: ReadonlyMap<string, Point>, id: string): Point {
  const box = boxes.get(id);
  if (!box) throw new Error(`a link of "${id}", which has no box`);
  return box;
}
