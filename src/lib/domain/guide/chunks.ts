import type { Line } from './code-block.ts';

/** A run of lines of one form. Of a code block the fences are left out, of a table the ruler. */
export interface Chunk {
  readonly form: 'text' | 'heading' | 'code' | 'table' | 'definition';
  /** The language of a code block; empty otherwise. */
  readonly language: string;
  readonly lines: readonly Line[];
}

export const HEADING = /^ {0,3}(#{1,6})(?:\s+(.*))?$/;
export const DEFINITION = /^ {0,3}\[([^[\]]+)\]:\s*<?([^\s<>]+)>?(?:\s+["'(].*)?\s*$/;
export const LIST_MARK = /^\s*(?:[*+-]|\d{1,9}[.)]|[a-z][.)])\s+/;
const FENCE = /^\s*(`{3,}|~{3,})\s*([^`\s]*)[^`]*$/;
const RULER = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;
const FRONT_MATTER = /^---\s*$/;

/**
 * Splits Markdown into its blocks. Each list item is a chunk of its own. What a missing end would leave open ends
 * with the text.
 */
export function splitChunks(lines: readonly Line[]): Chunk[] {
  const chunks: (Chunk & { readonly lines: Line[] })[] = [];
  const start = (form: Chunk['form'], language: string, ...first: readonly Line[]): void => {
    chunks.push({ form, language, lines: [...first] });
  };
  const frontMatter = FRONT_MATTER.test(lines[0]?.text ?? '')
    ? 1 + lines.findIndex(({ text }, index) => index > 0 && FRONT_MATTER.test(text))
    : 0;
  if (frontMatter > 0) start('text', '', ...lines.slice(0, frontMatter));

  /** Whether the last chunk takes further lines. */
  let isOpen = false;
  let fence = '';
  for (const line of lines.slice(frontMatter)) {
    const last = chunks.at(-1);
    const open = isOpen ? last : undefined;
    const above = open?.form === 'text' ? open.lines.at(-1) : undefined;
    const opening = FENCE.exec(line.text);
    if (fence) {
      const mark = line.text.trim();
      if (mark.startsWith(fence) && mark === mark.charAt(0).repeat(mark.length)) fence = '';
      else last?.lines.push(line);
    } else if (opening) {
      fence = opening[1] ?? '';
      start('code', opening[2] ?? '');
      isOpen = false;
    } else if (line.text.trim() === '') {
      isOpen = false;
    } else if (HEADING.test(line.text)) {
      start('heading', '', line);
      isOpen = false;
    } else if (open?.form === 'table' && line.text.includes('|')) {
      open.lines.push(line);
    } else if (above?.text.includes('|') && RULER.test(line.text)) {
      open?.lines.pop();
      start('table', '', above);
    } else if (!above && DEFINITION.test(line.text)) {
      start('definition', '', line);
      isOpen = false;
    } else if (above && !LIST_MARK.test(line.text)) {
      open?.lines.push(line);
    } else {
      start('text', '', line);
      isOpen = true;
    }
  }
  return chunks.filter((chunk) => chunk.lines.length > 0);
}
