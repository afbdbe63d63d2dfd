import type { Layer } from '#lib/domain/component.ts';
import type { Place } from '#lib/domain/place.ts';

/** A layer in words, and the Place whose colour it takes. */
export const LAYER_WORDS: Readonly<Record<Layer, { readonly label: string; readonly place: Place }>> = {
  host: { label: 'Host', place: 'device' },
  termina: { label: 'Termina', place: 'termina' },
  container: { label: 'Container', place: 'penguin' },
};
