import type { Place } from '#lib/domain/place.ts';

/** A Place in words; the catalogue's text. */
export interface PlaceInfo {
  readonly label: string;
  /** One sentence: where it is and how to get there. */
  readonly help: string;
}

export type PlaceInfos = Readonly<Record<Place, PlaceInfo>>;

/** Whether a requirement holds, as far as the device has said. */
export type Tick = 'ok' | 'unmet' | 'unknown';
