import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Component, LAYERS, type Layer } from '../component.ts';
import type { Link, Transport } from '../link.ts';
import { findFaults } from './faults.ts';
import { layOut } from './layout.ts';
import { DIAGRAM_SHAPES } from './shapes.ts';

const SHAPE = DIAGRAM_SHAPES.narrow;
const TRANSPORTS = ['dbus', 'grpc-vsock', 'exec', 'syslog', 'build'] as const;

/** Components in any lanes with any links between them. */
const maps = fc
  .tuple(
    fc.array(fc.constantFrom(...LAYERS), { minLength: 2, maxLength: 12 }),
    fc.array(fc.tuple(fc.nat(), fc.nat(), fc.constantFrom(...TRANSPORTS)), { maxLength: 24 }),
  )
  .map(([lanes, ends]) => {
    const components = lanes.map((lane, index) => component(`c${index}`, lane));
    const pick = (index: number): string => components[index % components.length]?.id ?? '';
    const links = ends
      .map(([a, b, transport]) => link(pick(a), pick(b), transport))
      .filter(({ from, to }) => from !== to);
    return { components, links };
  });

describe('layOut', () => {
  it('gives a readable diagram of anything, with every link in it', () => {
    fc.assert(
      fc.property(maps, ({ components, links }) => {
        const layout = layOut(components, links, SHAPE);
        expect(findFaults(layout, components, links)).toEqual([]);
        const drawn = Object.values(layout.lines).flatMap((set) => Object.keys(set));
        expect(new Set(drawn).size).toBe(links.length);
      }),
      // Shrinking lays out hundreds of diagrams; the first counterexample says enough.
      { numRuns: 15, endOnFailure: true },
    );
  });

  it('gives the same diagram for the same map', () => {
    fc.assert(
      fc.property(maps, ({ components, links }) => {
        expect(layOut(components, links, SHAPE)).toEqual(layOut(components, links, SHAPE));
      }),
      { numRuns: 2, endOnFailure: true },
    );
  });

  it('puts together what talks to each other', () => {
    const components = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => component(id, 'host'));
    const { boxes } = layOut(components, [link('a', 'f', 'dbus')], SHAPE);
    const [[ax, ay], [fx, fy]] = [boxes.a ?? [0, 0], boxes.f ?? [0, 0]];
    expect(Math.abs(ax - fx) < 1.5 * SHAPE.boxWidth && Math.abs(ay - fy) < 2 * SHAPE.boxHeight).toBe(true);
  });
});

describe('findFaults', () => {
  const components = [component('a', 'host'), component('b', 'host'), component('c', 'termina')];
  const links = [link('a', 'b', 'dbus'), link('a', 'c', 'exec')];
  const layout = layOut(components, links, SHAPE);
  const [a = [0, 0], b = [0, 0]] = [layout.boxes.a, layout.boxes.b];

  it.each([
    ['a box in another lane', { boxes: { ...layout.boxes, c: [a[0], a[1] - 1] } as const }, 'c is not in its lane'],
    ['a box on another', { boxes: { ...layout.boxes, b: [a[0] + 5, a[1]] } as const }, 'a lies on b'],
    ['a line from nowhere', withLine([[0, 0], b]), 'a → b does not begin at its box'],
    ['a line to nowhere', withLine([a, [a[0], 0]]), 'a → b does not end at its box'],
    ['a line that is askew', withLine([a, [b[0], b[1] + 5]]), 'a → b is askew'],
    [
      'a line through a box',
      withLine([
        [0, a[1] + 5],
        [layout.width, a[1] + 5],
      ]),
      'a → b runs through a',
    ],
    ['a line on another', withLine(layout.lines.runs[1] ?? []), 'a → b runs on a → c'],
  ])('finds %s', (_, change, fault) => {
    expect(findFaults({ ...layout, ...change }, components, links)).toContain(fault);
  });

  function withLine(corners: readonly (readonly [number, number])[]) {
    return { lines: { ...layout.lines, runs: { ...layout.lines.runs, 0: corners } } };
  }
});

function link(from: string, to: string, transport: Transport): Link {
  return { from, to, kind: transport === 'build' ? 'build' : 'runtime', transport, what: '', source: '' };
}

function component(id: string, lane: Layer): Component {
  return {
    id,
    name: id,
    lane,
    layers: [lane],
    summary: '',
    language: '',
    repo: '',
    sourceUrl: null,
    readmeUrl: null,
    ebuilds: [],
    jobs: [],
    runs: { never: '' },
    logs: [],
    delivery: [],
    sheets: [],
  };
}
