import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { align, match, textLikeness } from './align.ts';

const aligned = (first: string, second: string): string => {
  const { pairs, onlyFirst, onlySecond } = align([...first.split(' ')], second.split(' '), textLikeness, 0.5);
  return [
    ...pairs.map(([one, other]) => (one === other ? one : `${one}>${other}`)),
    ...onlyFirst.map((one) => `-${one}`),
    ...onlySecond.map((one) => `+${one}`),
  ].join(' ');
};

it.each([
  ['pour stir sip', 'pour stir sip', 'pour stir sip'],
  ['pour stir sip', 'pour sip', 'pour sip -stir'],
  ['pour sip', 'pour stir sip', 'pour sip +stir'],
  ['pour kettle sip', 'pour kettles sip', 'pour kettle>kettles sip'],
  ['pour kettle sip', 'pour mug sip', 'pour sip -kettle +mug'],
  // Two of a kind that changed places are one that moved, not two that changed.
  ['teapot teacup', 'teacup teapot', 'teacup -teapot +teapot'],
  ['pour', 'xyz', '-pour +xyz'],
])('%j beside %j is %j', (first, second, expected) => {
  expect(aligned(first, second)).toBe(expected);
});

it('match pairs the most alike first, wherever they stand', () => {
  expect(match(['kettle', 'teacup', 'pour'], ['teacups', 'kettle', 'kettles'], textLikeness, 0.7)).toEqual({
    pairs: [
      ['kettle', 'kettle'],
      ['teacup', 'teacups'],
    ],
    onlyFirst: ['pour'],
    onlySecond: ['kettles'],
  });
});

it.each([
  ['', '', 1],
  ['a', 'b', 0],
  ['', 'pour', 0],
  ['aaab', 'aaab', 1],
  ['abab', 'baba', 2 / 3],
])('likeness of %j and %j', (first, second, expected) => {
  expect(textLikeness(first, second)).toBeCloseTo(expected);
});

describe('any two sequences', () => {
  const words = fc.array(fc.constantFrom('pour', 'pours', 'stir', 'sip', 'sips'), { maxLength: 8 });

  it.each([align, match])('lose nothing, and pair only what is alike: $name', (pairing) => {
    fc.assert(
      fc.property(words, words, (first, second) => {
        const [a, b] = [first, second].map((list) => list.map((word, at) => ({ word, at })));
        const { pairs, onlyFirst, onlySecond } = pairing(a ?? [], b ?? [], (x, y) => textLikeness(x.word, y.word), 0.5);
        const at = (list: readonly { at: number }[]): number[] => list.map((one) => one.at).toSorted((x, y) => x - y);
        expect(at([...pairs.map(([one]) => one), ...onlyFirst])).toEqual([...first.keys()]);
        expect(at([...pairs.map(([, one]) => one), ...onlySecond])).toEqual([...second.keys()]);
        for (const [x, y] of pairs) expect(textLikeness(x.word, y.word)).toBeGreaterThanOrEqual(0.5);
      }),
    );
  });

  it('are paired completely where they are the same', () => {
    fc.assert(
      fc.property(words, (list) => {
        expect(align(list, list, textLikeness, 0.5).pairs).toEqual(list.map((word) => [word, word]));
      }),
    );
  });

  it('are as alike one way as the other', () => {
    const text = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(text, text, (one, other) => {
        expect(textLikeness(one, other)).toBeCloseTo(textLikeness(other, one));
        expect(textLikeness(one, other) === 1).toBe(one === other);
      }),
    );
  });
});
