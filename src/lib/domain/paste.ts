/** Clipboard text as a terminal may send it: `readPaste` alone makes one. */
export interface Paste {
  /** What is sent: no control character is in it but TAB, LF and CR. */
  readonly text: string;
  /** How many control characters were left out. */
  readonly leftOut: number;
  /** How many lines a person sees in the text; an end of the last line begins no new one. */
  readonly lines: number;
  /** A line ends in the text: a program that was not told of a paste takes that for Enter. */
  readonly endsLine: boolean;
}

/** Unicode's Cc is C0, DEL and C1: all that a terminal or a shell acts on. Text needs three of them. */
const ACTS = /(?![\t\n\r])\p{Cc}/gu;

const LINE_END = /\r\n|\r|\n/g;

/**
 * Makes clipboard text harmless. A shell cannot tell pasted control characters from pressed keys, and ESC can end
 * the bracket around a paste (`ESC [ 201 ~`), so they are left out; other text stays as it is, byte for byte.
 */
export function readPaste(raw: string): Paste {
  const text = raw.replace(ACTS, '');
  const ends = text.match(LINE_END)?.length ?? 0;
  const open = text !== '' && !/[\r\n]$/.test(text);
  return { text, leftOut: raw.length - text.length, lines: ends + (open ? 1 : 0), endsLine: ends > 0 };
}

/** Whether an input event brings more than somebody types: text with any control character in it. */
export function isPasted(text: string): boolean {
  return /\p{Cc}/u.test(text);
}
