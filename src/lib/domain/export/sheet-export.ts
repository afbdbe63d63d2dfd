import type { PlaceInfos } from '../place.ts';
import type { Values } from '../resolve.ts';
import type { Erratum, Sheet } from '../sheet.ts';

/** What an export is made of: a sheet, its values, and the content that it names. */
export interface SheetExport {
  readonly sheet: Sheet;
  readonly values: Values;
  readonly places: PlaceInfos;
  /** All that steps may name. */
  readonly errata: readonly Erratum[];
  /** The device that the values are for, fact by fact, such as `board eve`; no secrets. Empty where none is known. */
  readonly device: readonly string[];
}
