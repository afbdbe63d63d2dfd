/** Characters that no POSIX shell gives a meaning inside a word. `~` and globs are left out; `=` only counts at the start. */
const PLAIN = /^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$/;

/**
 * Quotes one word for a POSIX shell, given in pieces, and returns the pieces of the quoted word, in order:
 * joined, they are what the shell must read to get exactly the joined input as one argument. Pieces let a
 * screen mark where each value came from. Words that need no quoting come back unchanged.
 * The one quoting function of the project (DESIGN.md, invariant 8).
 * Throws if a piece holds a NUL: no argument vector can carry one.
 */
export function quotePieces(pieces: readonly string[]): string[] {
  const word = pieces.join('');
  if (word.includes('\0')) throw new Error('a NUL cannot be part of a shell word');
  if (PLAIN.test(word)) return [...pieces];
  const escaped = pieces.map((piece) => piece.replaceAll("'", "'\\''"));
  const first = escaped[0] ?? '';
  if (escaped.length <= 1) return [`'${first}'`];
  return [`'${first}`, ...escaped.slice(1, -1), `${escaped.at(-1)}'`];
}

/** Quotes one word: the shell that reads the result gets exactly `word` as one argument. */
export function quoteWord(word: string): string {
  return quotePieces([word]).join('');
}

/** Quotes each word and joins them with spaces: one command line whose argument vector is `words`. */
export function quoteWords(words: readonly string[]): string {
  return words.map(quoteWord).join(' ');
}
