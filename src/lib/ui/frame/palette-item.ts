import type { Place } from '#lib/domain/place.ts';

export type PaletteKind = 'component' | 'sheet' | 'step' | 'action' | 'page';

/** Something the palette and the start page can find. Finding is done by whoever makes the list. */
export interface PaletteItem {
  readonly id: string;
  readonly title: string;
  readonly subtitle?: string | undefined;
  readonly kind: PaletteKind;
  readonly place?: Place | undefined;
  readonly keywords?: readonly string[] | undefined;
}

/** How a kind is written as the heading of its results. */
export const KIND_WORDS: Readonly<Record<PaletteKind, string>> = {
  action: 'Actions',
  component: 'Components',
  sheet: 'Sheets',
  step: 'Steps',
  page: 'Pages',
};

/** Results of one kind, which stand together under its heading. */
export interface PaletteGroup {
  readonly kind: PaletteKind;
  readonly items: readonly PaletteItem[];
}

/** Results by kind; the kind of the best result first, and within a kind the order of the search. */
export function groupByKind(items: readonly PaletteItem[]): PaletteGroup[] {
  const kinds = [...new Set(items.map(({ kind }) => kind))];
  return kinds.map((kind) => ({ kind, items: items.filter((item) => item.kind === kind) }));
}
