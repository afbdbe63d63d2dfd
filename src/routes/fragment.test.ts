import { expect, it } from 'vitest';
import { fragmentOf } from './fragment.ts';

it.each([
  ['', undefined],
  ['#', undefined],
  ['#build', 'build'],
  ['#sign%20in', 'sign in'],
  ['#%', undefined],
  ['#%ff', undefined],
])('%j is %j', (hash, id) => {
  expect(fragmentOf({ hash })).toBe(id);
});
