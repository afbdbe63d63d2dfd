const OFFSET = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;

/**
 * A 64-bit fingerprint of a text, as 16 hex digits: FNV-1a over its UTF-16 code units. It tells whether a text is
 * still the one that was read, without keeping a copy; it is no protection against somebody who wants a collision.
 */
export function fingerprint(text: string): string {
  let hash = OFFSET;
  for (let index = 0; index < text.length; index += 1)
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(index))) * PRIME);
  return hash.toString(16).padStart(16, '0');
}

/** Every run of whitespace as one space, none at the ends: two texts that differ in their line breaks become one. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
