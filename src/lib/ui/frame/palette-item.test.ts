import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KIND_WORDS, type PaletteItem, type PaletteKind, groupByKind } from './palette-item.ts';

const kinds = Object.keys(KIND_WORDS) as PaletteKind[];
const results = fc.array(fc.constantFrom(...kinds)).map((found) =>
  found.map((kind, index): PaletteItem => ({
    id: `${kind}:${index}`,
    title: `result ${index}`,
    kind,
  })),
);

test('grouped by kind, every result is there once, the best first, and each kind in the order of the search', () => {
  fc.assert(
    fc.property(results, (items) => {
      const groups = groupByKind(items);
      const shown = groups.flatMap((group) => group.items);
      expect(shown.toSorted((one, other) => items.indexOf(one) - items.indexOf(other))).toEqual(items);
      expect(shown[0]).toBe(items[0]);
      for (const { kind, items: some } of groups) expect(some).toEqual(items.filter((item) => item.kind === kind));
      expect(new Set(groups.map(({ kind }) => kind)).size).toBe(groups.length);
    }),
  );
});
