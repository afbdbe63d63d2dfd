import type { Place } from '#lib/domain/place.ts';

export type PaletteKind = 'component' | 'sheet' | 'step' | 'plan' | 'correction' | 'value' | 'log' | 'action' | 'page';

/** Something the palette and the start page can find. Finding is done by whoever makes the list. */
export interface PaletteItem {
  readonly id: string;
  readonly title: string;
  readonly subtitle?: string | undefined;
  readonly kind: PaletteKind;
  readonly place?: Place | undefined;
  /** The page that it leads to, from the app's root; an action has none. */
  readonly path?: string | undefined;
  /** What was found: words that begin with one of these are marked. In small letters. */
  readonly marks?: readonly string[] | undefined;
}

/** How a kind is written as the heading of its results. */
export const KIND_WORDS: Readonly<Record<PaletteKind, string>> = {
  component: 'Components',
  sheet: 'Sheets',
  step: 'Steps',
  plan: 'Plans',
  correction: 'Corrections of the guide',
  value: 'Values',
  log: 'Logs',
  action: 'Actions',
  page: 'Pages',
};

/** One result by its kind, beside those of other kinds. */
export const KIND_WORD: Readonly<Record<PaletteKind, string>> = {
  component: 'component',
  sheet: 'sheet',
  step: 'step',
  plan: 'plan',
  correction: 'correction',
  value: 'value',
  log: 'log',
  action: 'action',
  page: 'page',
};

/** Results that stand together under a heading. */
export interface PaletteGroup {
  readonly heading: string;
  /** The best results are of several kinds, so each says which. */
  readonly mixed: boolean;
  readonly items: readonly PaletteItem[];
}

/** So many results stand first, whatever their kind. */
const BEST_MAX = 3;

/**
 * The best results of a search in its order, then the others by kind; the kind of the better result first, and within
 * a kind the order of the search. A list that nobody searched for is by kind from the start.
 */
export function groupResults(items: readonly PaletteItem[]): PaletteGroup[] {
  const isSearched =
    items.some(({ marks }) => marks !== undefined) && items.some(({ kind }) => kind !== items[0]?.kind);
  const best = isSearched ? items.slice(0, BEST_MAX) : [];
  const others = items.slice(best.length);
  const kinds = [...new Set(others.map(({ kind }) => kind))];
  return [
    ...(best.length > 0 ? [{ heading: 'Best', mixed: true, items: best }] : []),
    ...kinds.map((kind) => ({
      heading: KIND_WORDS[kind],
      mixed: false,
      items: others.filter((item) => item.kind === kind),
    })),
  ];
}
