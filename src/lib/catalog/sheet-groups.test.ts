import { expect, it } from 'vitest';
import { SHEET_GROUPS } from './sheet-groups.ts';
import { SHEETS } from './sheets.ts';

it('every sheet stands in exactly one group of the index', () => {
  expect(SHEET_GROUPS.flatMap(({ sheets }) => sheets).toSorted()).toEqual(SHEETS.map(({ id }) => id).toSorted());
});
