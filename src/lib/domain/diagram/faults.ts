import { type Component, LAYERS } from '../component.ts';
import type { Link } from '../link.ts';
import { familyOf } from '../transport-family.ts';
import type { Position } from './geometry.ts';
import { type DiagramLayout, LINE_SETS } from './layout.ts';
import { pairs } from './tracks.ts';

/** A straight piece of a line. */
type Piece = readonly [Position, Position];

interface Line {
  readonly name: string;
  readonly link: Link;
  readonly corners: readonly Position[];
  readonly pieces: readonly Piece[];
}

/** What would make a layout hard to read, in words. There is nothing, or the layout has a bug: the build looks for it. */
export function findFaults(layout: DiagramLayout, components: readonly Component[], links: readonly Link[]): string[] {
  const lines = LINE_SETS.map((set) =>
    Object.entries(layout.lines[set]).flatMap(([index, corners]): Line[] => {
      const link = links[Number(index)];
      return link ? [{ name: `${link.from} → ${link.to}`, link, corners, pieces: pairs(corners) }] : [];
    }),
  );
  return [...boxFaults(layout, components), ...lines.flatMap((set) => lineFaults(layout, set))];
}

function boxFaults({ boxes, boxWidth, boxHeight, lanes }: DiagramLayout, components: readonly Component[]): string[] {
  const outside = components.flatMap(({ id, lane }) => {
    const [box, band] = [boxes[id], lanes[LAYERS.indexOf(lane)]];
    const isInside = box && band && box[1] >= band.top && box[1] + boxHeight <= band.top + band.height;
    return isInside ? [] : [`${id} is not in its lane`];
  });
  const all = Object.entries(boxes);
  const covered = all.flatMap(([one, [ax, ay]], index) =>
    all
      .slice(index + 1)
      .filter(([, [bx, by]]) => Math.abs(ax - bx) < boxWidth && Math.abs(ay - by) < boxHeight)
      .map(([other]) => `${one} lies on ${other}`),
  );
  return [...outside, ...covered];
}

function lineFaults(layout: DiagramLayout, lines: readonly Line[]): string[] {
  return lines.flatMap(({ name, link, corners, pieces }) => [
    ...(touchesSide(layout, link.from, corners[0]) ? [] : [`${name} does not begin at its box`]),
    ...(touchesSide(layout, link.to, corners.at(-1)) ? [] : [`${name} does not end at its box`]),
    ...pieces.filter(([a, b]) => a[0] !== b[0] && a[1] !== b[1]).map(() => `${name} is askew`),
    ...Object.keys(layout.boxes)
      .filter((id) => pieces.some((piece) => runsThrough(layout, id, piece)))
      .map((id) => `${name} runs through ${id}`),
    ...lines
      .filter((other) => !areBundled(link, other.link))
      .filter((other) => pieces.some((one) => other.pieces.some((two) => overlap(one, two))))
      .map((other) => `${name} runs on ${other.name}`),
  ]);
}

function touchesSide({ boxes, boxWidth, boxHeight }: DiagramLayout, id: string, end: Position | undefined): boolean {
  const box = boxes[id];
  if (!box || !end) return false;
  const [x, y] = [end[0] - box[0], end[1] - box[1]];
  const isWithin = x >= 0 && x <= boxWidth && y >= 0 && y <= boxHeight;
  return isWithin && (x === 0 || x === boxWidth || y === 0 || y === boxHeight);
}

function runsThrough({ boxes, boxWidth, boxHeight }: DiagramLayout, id: string, [a, b]: Piece): boolean {
  const [x, y] = boxes[id] ?? [0, 0];
  const isBeside = Math.max(a[0], b[0]) <= x || Math.min(a[0], b[0]) >= x + boxWidth;
  const isAbove = Math.max(a[1], b[1]) <= y || Math.min(a[1], b[1]) >= y + boxHeight;
  return !isBeside && !isAbove;
}

/** Only links with a common end and the same style may share their way. */
function areBundled(a: Link, b: Link): boolean {
  return familyOf(a.transport) === familyOf(b.transport) && (a.from === b.from || a.to === b.to);
}

/** Whether two pieces lie on each other for more than a point. */
function overlap([a, b]: Piece, [c, d]: Piece): boolean {
  return ([0, 1] as const).some((axis) => {
    if (a[axis] !== b[axis] || c[axis] !== d[axis] || a[axis] !== c[axis]) return false;
    const along = axis === 0 ? 1 : 0;
    const from = Math.max(Math.min(a[along], b[along]), Math.min(c[along], d[along]));
    const to = Math.min(Math.max(a[along], b[along]), Math.max(c[along], d[along]));
    return to > from;
  });
}
