/** Cuts a text into terms: `vm_host_tools` is found by its whole name and by each of its words. */
export function searchTerms(text: string): string[] {
  const words = text.split(/\s+/).map((word) => word.replace(/^[("'“”‘’]+|[)"'“”‘’.,:;?!]+$/gu, ''));
  const parts = text.split(/[^\p{L}\p{N}]+/u);
  return [...new Set([...words, ...parts])].filter(Boolean);
}

/**
 * A term as the index has it: small letters, and English endings off, so that "copying files" finds "copy a file".
 * Both sides of a comparison go through it, so that a stem need not be a word.
 */
export function stemTerm(term: string): string {
  const small = term.toLowerCase();
  if (small.length < 4 || /[^a-z]/.test(small)) return small;
  return small
    .replace(/(?:ies|ied)$/, 'y')
    .replace(/([b-df-hj-np-tv-z])\1(?:ing|ed|er)$/, '$1')
    .replace(/(.{3})(?:ing|ed)$/, '$1')
    .replace(/([^su])s$/, '$1');
}
