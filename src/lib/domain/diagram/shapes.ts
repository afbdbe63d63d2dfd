import type { Shape } from './geometry.ts';

const WIDE: Shape = {
  columns: 6,
  boxWidth: 118,
  boxHeight: 52,
  pitch: 5,
  margin: 7,
  emptyStreet: 10,
  laneGap: 8,
  gutter: 20,
};

/** The services diagram beside a panel, in a window of middle width, and on a phone. */
export const DIAGRAM_SHAPES = {
  wide: WIDE,
  medium: { ...WIDE, columns: 5 },
  narrow: { ...WIDE, columns: 3, boxWidth: 98, pitch: 4, margin: 6, emptyStreet: 8, gutter: 18 },
} as const satisfies Record<string, Shape>;

export type DiagramShape = keyof typeof DIAGRAM_SHAPES;
