import { error } from '@sveltejs/kit';
import { SHEETS } from '#lib/catalog/sheets.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = ({ params }) => {
  const sheet = SHEETS.find(({ id }) => id === params.id);
  return sheet ? { sheet } : error(404, `There is no sheet "${params.id}".`);
};
