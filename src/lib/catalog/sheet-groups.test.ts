import { expect, it } from 'vitest';
import { SHEET_GROUPS } from './sheet-groups.ts';
import { SHEETS } from './sheets.ts';

it('every sheet stands in exactly one group of the index', () => {
  const grouped = SHEET_GROUPS.flatMap(({ sheets }) => sheets);
  for (const { id } of SHEETS) expect(grouped.filter((other) => other === id)).toEqual([id]);
});
