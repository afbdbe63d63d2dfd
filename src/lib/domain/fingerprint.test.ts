import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fingerprint, oneLine } from './fingerprint.ts';

// The reference values of the FNV authors.
it.each([
  ['', 'cbf29ce484222325'],
  ['a', 'af63dc4c8601ec8c'],
  ['foobar', '85944171f73967e8'],
])('fingerprint of %j is %s', (text, expected) => {
  expect(fingerprint(text)).toBe(expected);
});

it('is 16 hex digits for any text, and another one for another text', () => {
  const text = fc.string({ unit: 'binary', maxLength: 40 });
  fc.assert(
    fc.property(text, text, (one, other) => {
      expect(fingerprint(one)).toMatch(/^[0-9a-f]{16}$/);
      expect(fingerprint(one) === fingerprint(other)).toBe(one === other);
    }),
  );
});

it('oneLine takes line breaks and indentation out', () => {
  expect(oneLine('  a\r\n\t b \n\n')).toBe('a b');
});
