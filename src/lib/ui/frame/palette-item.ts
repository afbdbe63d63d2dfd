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
