import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LAYERS } from '#lib/domain/component.ts';
import { PERSPECTIVES } from '#lib/domain/perspective.ts';
import { SORT_KEYS } from '#lib/ui/map/component-order.ts';
import { type MapState, readAddress, writeAddress } from './map-address.ts';

const optionally = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const states: fc.Arbitrary<MapState> = fc.record({
  perspective: fc.constantFrom(...PERSPECTIVES),
  view: fc.constantFrom('diagram', 'table'),
  query: fc.string(),
  layers: fc.subarray([...LAYERS]),
  group: optionally(fc.string()),
  component: optionally(fc.string()),
  order: optionally(fc.record({ by: fc.constantFrom(...SORT_KEYS), descending: fc.boolean() })),
});

describe('the address of the map', () => {
  it('gives back what it was made of', () => {
    fc.assert(
      fc.property(states, (state) => {
        expect(readAddress(new URLSearchParams(writeAddress(state)))).toEqual(state);
      }),
    );
  });

  it('is empty where all is as usual', () => {
    expect(writeAddress(readAddress(new URLSearchParams()))).toBe('');
  });

  it('takes no harm from what it does not know', () => {
    const search = new URLSearchParams('show=nonsense&view=3d&layer=moon&sort=-colour');
    expect(writeAddress(readAddress(search))).toBe('');
  });
});
