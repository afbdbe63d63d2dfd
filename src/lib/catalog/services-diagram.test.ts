import { describe, expect, it } from 'vitest';
import { findFaults } from '../domain/diagram/faults.ts';
import { layOut } from '../domain/diagram/layout.ts';
import { DIAGRAM_SHAPES } from '../domain/diagram/shapes.ts';
import { COMPONENTS } from './components.ts';
import { LINKS } from './links.ts';

/** In px: what a window of 1280 leaves beside rail and panel, the least of middle width, and one of 400. */
const ROOM = { wide: 848, medium: 700, narrow: 384 };

describe.each(Object.entries(DIAGRAM_SHAPES))('the services diagram, %s', (name, shape) => {
  const layout = layOut(COMPONENTS, LINKS, shape);

  it('has nothing that would make it hard to read', () => {
    expect(findFaults(layout, COMPONENTS, LINKS)).toEqual([]);
  });

  it('has every component and every link', () => {
    expect(new Set(Object.keys(layout.boxes))).toEqual(new Set(COMPONENTS.map(({ id }) => id)));
    expect(new Set(Object.values(layout.lines).flatMap((set) => Object.keys(set))).size).toBe(LINKS.length);
  });

  it('shows its text of 12 px with at least 11', () => {
    expect(12 * (ROOM[name as keyof typeof ROOM] / layout.width)).toBeGreaterThanOrEqual(11);
  });
});
