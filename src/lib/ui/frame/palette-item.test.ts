import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KIND_WORDS, type PaletteItem, type PaletteKind, groupResults } from './palette-item.ts';

const kinds = Object.keys(KIND_WORDS) as PaletteKind[];
const results = (marks: readonly string[] | undefined) =>
  fc
    .array(fc.constantFrom(...kinds))
    .map((found) =>
      found.map((kind, index): PaletteItem => ({ id: `${kind}:${index}`, title: `result ${index}`, kind, marks })),
    );

test('every result is there once, the best first, then by kind, each in the order of the search', () => {
  fc.assert(
    fc.property(results(['word']), (items) => {
      const groups = groupResults(items);
      const shown = groups.flatMap((group) => group.items);
      expect(shown.toSorted((one, other) => items.indexOf(one) - items.indexOf(other))).toEqual(items);
      expect(new Set(groups.map(({ heading }) => heading)).size).toBe(groups.length);
      for (const { mixed, items: some } of groups) {
        expect(some).toEqual(some.toSorted((one, other) => items.indexOf(one) - items.indexOf(other)));
        if (!mixed) expect(new Set(some.map(({ kind }) => kind)).size).toBe(1);
      }
      expect(shown.slice(0, 3)).toEqual(items.slice(0, 3));
    }),
  );
});

test('what nobody searched for is by kind', () => {
  fc.assert(
    fc.property(results(undefined), (items) => {
      const groups = groupResults(items);
      expect(groups.map(({ heading }) => heading)).toEqual([...new Set(items.map(({ kind }) => KIND_WORDS[kind]))]);
      for (const { heading, items: some } of groups)
        expect(some).toEqual(items.filter(({ kind }) => KIND_WORDS[kind] === heading));
    }),
  );
});
