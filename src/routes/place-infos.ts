import { PLACE_INFO } from '#lib/catalog/places.ts';
import { PLACES } from '#lib/domain/place.ts';
import type { PlaceInfos } from '#lib/ui/sheet/place-info.ts';

/** The catalogue's words for every Place, short enough for chips. */
export const PLACE_INFOS = Object.fromEntries(
  PLACES.map((place) => [place, { label: PLACE_INFO[place].shortName, help: PLACE_INFO[place].what }]),
) as unknown as PlaceInfos;
