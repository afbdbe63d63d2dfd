import type { Path } from './route.ts';
import type { Point } from './streets.ts';

/** A stretch of one net along one street; it gets a track of its own there. */
export interface Run {
  readonly net: number;
  /** Half steps along the street. */
  readonly from: number;
  readonly to: number;
  track: number;
}

/** All that has to be told apart side by side. The order within a street or at a door is free: see `untangle`. */
export interface Plan {
  readonly nets: readonly (readonly Path[])[];
  /** By street: `streetOf`. Runs earlier in the list lie further up or left where they meet. */
  readonly streets: ReadonlyMap<string, Run[]>;
  /** By the point in the street before the door: the nets that go through, from left to right or top to bottom. */
  readonly doors: ReadonlyMap<Point, number[]>;
}

export type Line = 'horizontal' | 'vertical' | 'door';

/** What a step between neighbouring points is. */
export function lineOf(a: Point, b: Point): Line {
  if (isBox(a) || isBox(b)) return 'door';
  return a.y === b.y ? 'horizontal' : 'vertical';
}

export function isBox({ x, y }: Point): boolean {
  return x % 2 === 1 && y % 2 === 1;
}

/** The street along which two neighbouring points lie. */
export function streetOf(a: Point, b: Point): string {
  return a.y === b.y ? `row ${a.y / 2}` : `column ${a.x / 2}`;
}

/** Finds what the nets occupy, in an order that is a fair start: short runs first. */
export function planTracks(nets: readonly (readonly Path[])[]): Plan {
  const streets = new Map<string, Run[]>();
  const doors = new Map<Point, number[]>();
  nets.forEach((paths, net) => {
    const stretches = new Map<string, Set<number>>();
    for (const [a, b] of paths.flatMap(({ points }) => pairs(points))) {
      const line = lineOf(a, b);
      if (line === 'door') {
        const door = isBox(a) ? b : a;
        const through = doors.get(door) ?? [];
        if (!through.includes(net)) through.push(net);
        doors.set(door, through);
      } else {
        const street = streetOf(a, b);
        const taken = stretches.get(street) ?? new Set();
        taken.add(line === 'horizontal' ? Math.min(a.x, b.x) : Math.min(a.y, b.y));
        stretches.set(street, taken);
      }
    }
    for (const [street, taken] of stretches)
      streets.set(street, [...(streets.get(street) ?? []), ...joinStretches(net, [...taken])]);
  });
  for (const runs of streets.values())
    runs.sort((a, b) => a.to - a.from - (b.to - b.from) || a.from + a.to - (b.from + b.to) || a.net - b.net);
  const plan = { nets, streets, doors };
  assignTracks(plan);
  return plan;
}

/** Each run gets the first track behind those of all earlier runs that it meets. */
export function assignTracks({ streets }: Plan): void {
  for (const runs of streets.values())
    runs.forEach((run, index) => {
      const met = runs.slice(0, index).filter((other) => other.to >= run.from && other.from <= run.to);
      run.track = Math.max(-1, ...met.map(({ track }) => track)) + 1;
    });
}

/** How many tracks a street needs. */
export function trackCount({ streets }: Plan, street: string): number {
  return Math.max(0, ...(streets.get(street) ?? []).map(({ track }) => track + 1));
}

/** The track of a net where it runs along a street at this half step. */
export function trackAt({ streets }: Plan, net: number, street: string, position: number): number {
  const run = streets.get(street)?.find((each) => each.net === net && each.from <= position && each.to >= position);
  if (!run) throw new Error(`net ${net} does not run along ${street} at ${position}`);
  return run.track;
}

/** Neighbours in a list, pair by pair. */
export function pairs<T>(list: readonly T[]): (readonly [T, T])[] {
  return list.slice(1).map((value, index) => [list[index] as T, value]);
}

function joinStretches(net: number, starts: number[]): Run[] {
  const runs: { net: number; from: number; to: number; track: number }[] = [];
  for (const start of starts.sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last?.to === start) last.to = start + 1;
    else runs.push({ net, from: start, to: start + 1, track: 0 });
  }
  return runs;
}
