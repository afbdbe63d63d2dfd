import { unescape } from './inline.ts';

/** A row of the guide's table of repositories. */
export interface RepoRow {
  readonly name: string;
  /** Such as `Host`. */
  readonly affects: readonly string[];
  readonly repo: string;
  /** Full names; none for `N/A`. */
  readonly ebuilds: readonly string[];
}

/** Reads the cells of such a row; cells that are missing are empty. Markup of links is taken off, in any form. */
export function readRepoRow(cells: readonly string[]): RepoRow {
  const [name = '', affects = '', repo = '', ebuilds = ''] = cells.map(cellText);
  return { name, affects: listOf(affects), repo, ebuilds: listOf(ebuilds).filter((one) => one !== 'N/A') };
}

/** A cell as it reads: `[sommelier]` and `[sommelier](…)` are sommelier. */
export function cellText(cell: string): string {
  return unescape(cell.replace(/\[([^[\]]*)\](?:\([^()\s]*\)|\[[^[\]]*\])?/g, '$1').replaceAll('`', ''));
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}
