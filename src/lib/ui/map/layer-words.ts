import type { Layer } from '#lib/domain/component.ts';
import type { Place } from '#lib/domain/place.ts';

/** A layer in words, the lane that it is on the map, and the Place whose colour it takes. */
export const LAYER_WORDS: Readonly<
  Record<Layer, { readonly label: string; readonly lane: string; readonly place: Place }>
> = {
  host: { label: 'Host', lane: 'Host', place: 'device' },
  termina: { label: 'Termina', lane: 'Termina', place: 'termina' },
  container: { label: 'Container', lane: 'Penguin', place: 'penguin' },
};
