import { type Component, LAYERS } from '../component.ts';
import type { Link } from '../link.ts';
import { type Perspective, shows } from '../perspective.ts';
import { familyOf } from '../transport-family.ts';
import { type Position, type Shape, cornerOf, drawPaths, measure } from './geometry.ts';
import { type Net, type Path, routeNet, span } from './route.ts';
import { type Pull, type Seating, seatBoxes } from './seats.ts';
import { layStreets } from './streets.ts';
import { type Plan, planTracks } from './tracks.ts';
import { tangle, untangle } from './untangle.ts';

/** Perspectives with lines of their own; `rpc` shows some of those of `runs`, so that nothing moves between the two. */
export type LineSet = Exclude<Perspective, 'rpc'>;

export const LINE_SETS: readonly LineSet[] = ['runs', 'ships', 'logs'];

/** The services diagram, ready to be drawn; all lengths in px. */
export interface DiagramLayout {
  readonly width: number;
  readonly height: number;
  readonly boxWidth: number;
  readonly boxHeight: number;
  /** At the left, for the names of the lanes. */
  readonly gutter: number;
  /** In the order of LAYERS. */
  readonly lanes: readonly { readonly top: number; readonly height: number }[];
  /** The top left corner of each component's box, by id. */
  readonly boxes: Readonly<Record<string, Position>>;
  /** By number of the link: the corners of its line from `from` to `to`. */
  readonly lines: Readonly<Record<LineSet, Readonly<Record<number, readonly Position[]>>>>;
}

/** Seatings tried; the one that is easiest to read is taken. */
const SEATINGS = 20;

/**
 * Lays out components in lanes, one below the other, and the lines between them. Lines run in the streets between
 * boxes, never through one, and two nets never share a track. The same input gives the same diagram.
 */
export function layOut(components: readonly Component[], links: readonly Link[], shape: Shape): DiagramLayout {
  const lanes = LAYERS.map((lane) => components.filter((one) => one.lane === lane).map(({ id }) => id));
  const netsOf = LINE_SETS.map((set) => bundle(links, set));
  const pulls = links.map((link): Pull => ({ a: link.from, b: link.to, weight: weigh(link) }));
  const candidates = Array.from({ length: SEATINGS }, (_, seed) => {
    const seating = seatBoxes(lanes, shape.columns, pulls, seed);
    const plans = netsOf.map((nets) => planTracks(routeAll(nets, seating, shape)));
    // The first set is the one that most people look at.
    const scores = plans.map((plan, set) => tangle(plan, seating.laneRows, shape) * (set === 0 ? 1 : 0.2));
    return { seating, plans, score: scores.reduce((sum, score) => sum + score) };
  });
  const { seating, plans } = candidates.reduce((best, other) => (other.score < best.score ? other : best));
  for (const plan of plans) untangle(plan, seating.laneRows, shape);
  const geometry = measure(seating.laneRows, shape, plans);
  const linesOf = (set: LineSet): DiagramLayout['lines'][LineSet] => {
    const plan = plans[LINE_SETS.indexOf(set)] as Plan;
    const drawn = [...drawPaths(plan, geometry, shape)];
    return Object.fromEntries(
      drawn.map(([link, corners]) => [link, fansIn(links[link] as Link) ? corners.toReversed() : corners]),
    );
  };
  return {
    width: geometry.width,
    height: geometry.height,
    boxWidth: shape.boxWidth,
    boxHeight: shape.boxHeight,
    gutter: shape.gutter,
    lanes: geometry.lanes,
    boxes: Object.fromEntries([...seating.seats].map(([id, seat]) => [id, cornerOf(seat, geometry)])),
    lines: { runs: linesOf('runs'), ships: linesOf('ships'), logs: linesOf('logs') },
  };
}

/** Whether links of this kind are bundled where they end. The others are bundled where they begin. */
function fansIn({ transport }: Link): boolean {
  return transport === 'syslog' || transport === 'grpc-vsock';
}

function weigh({ kind, transport }: Link): number {
  if (kind === 'build') return 0.15;
  return transport === 'syslog' ? 0.25 : familyOf(transport) === 'dbus' ? 1 : 1.15;
}

/** Links that end at the same box and are drawn alike become one net. */
function bundle(links: readonly Link[], set: LineSet): Net[] {
  const nets = new Map<string, { hub: string; leaves: { id: string; link: number }[] }>();
  links.forEach((link, index) => {
    if (!shows(set, link)) return;
    const [hub, leaf] = fansIn(link) ? [link.to, link.from] : [link.from, link.to];
    const key = `${hub} ${familyOf(link.transport)}`;
    const net = nets.get(key) ?? { hub, leaves: [] };
    net.leaves.push({ id: leaf, link: index });
    nets.set(key, net);
  });
  return [...nets.values()];
}

/** Short nets first: they have the least choice. */
function routeAll(nets: readonly Net[], { seats, laneRows }: Seating, { columns }: Shape): Path[][] {
  const rows = laneRows.reduce((sum, count) => sum + count);
  const boxes = layStreets(seats, rows, columns);
  const reach = ({ hub, leaves }: Net): number => Math.max(...leaves.map(({ id }) => span(boxes, hub, id)));
  return [...nets].sort((a, b) => reach(a) - reach(b)).map((net) => routeNet(net, boxes));
}
