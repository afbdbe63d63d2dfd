/** Widths of Inter's glyphs in em at weight 540, by kind, as measured in Chromium. */
const WIDTHS: readonly (readonly [glyphs: RegExp, width: number])[] = [
  [/[ijlI.,:;'’| ]/, 0.27],
  [/[ftr()]/, 0.38],
  [/[1_-]/, 0.46],
  [/[acekszvxy]/, 0.58],
  [/[mwMW@→←≥…]/, 0.89],
  [/[A-Z0-9+]/, 0.69],
];
const OTHER = 0.615;

/** About how wide a text is, in px; SVG has no line breaks, so whoever draws has to know before. */
export function textWidth(text: string, size: number): number {
  const width = (glyph: string): number => WIDTHS.find(([glyphs]) => glyphs.test(glyph))?.[1] ?? OTHER;
  return [...text].reduce((sum, glyph) => sum + width(glyph), 0) * size;
}

/** The text, cut with an ellipsis where it is wider than the width, in px; after a word if there is a whole one. */
export function clipText(text: string, width: number, size: number): string {
  if (textWidth(text, size) <= width) return text;
  let end = text.length;
  while (end > 1 && textWidth(`${text.slice(0, end)}…`, size) > width) end--;
  const cut = text.slice(0, end);
  // Half a port is a wrong one.
  return `${cut.slice(0, cut.lastIndexOf(' ') + 1).trimEnd() || cut}…`;
}

/** The text in two lines at most, broken after a space, a hyphen or an underscore. */
export function wrapText(text: string, width: number, size: number): string[] {
  if (textWidth(text, size) <= width) return [text];
  const parts = text.split(/(?<=[ _-])/);
  let first = '';
  while (parts[0] !== undefined && textWidth((first + parts[0]).trimEnd(), size) <= width) first += parts.shift();
  if (first === '') return [clipText(text, width, size)];
  return [first.trimEnd(), clipText(parts.join(''), width, size)];
}
