/**
 * Characters that show nothing and turn the direction of the text behind them (Unicode Standard Annex 9, section 2):
 * embeddings, overrides, isolates and marks. With them a device could make a text read as another one.
 */
const DIRECTIONS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A text of a device without what turns its direction. Arabic and Hebrew letters stay, and know their own. */
export function withoutDirections(text: string): string {
  return text.replace(DIRECTIONS, '');
}
