import { fingerprint, oneLine } from './fingerprint.ts';
import { DEFINITION, HEADING, LIST_MARK, splitChunks } from './guide/chunks.ts';
import { type Line, readCodeBlock, splitPrompt } from './guide/code-block.ts';
import { readInline, unescape } from './guide/inline.ts';
import type { Block, BlockFacts, Definition, Guide, GuideSection } from './guide-facts.ts';

/** Languages of code blocks that hold commands; a block in another one is a text. */
const SHELLS: readonly string[] = ['', 'bash', 'console', 'sh', 'shell', 'text', 'zsh'];

/**
 * Reads the Markdown of the guide into the facts of its blocks. Total: any text gives a Guide, and everything in it
 * is part of a block, a heading or a definition, but what has no meaning: blank lines, line breaks, list marks,
 * fences, and the rulers of tables.
 */
export function parseGuide(text: string): Guide {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .map((one, index): Line => ({ text: one, line: index + 1 }));
  const sections: GuideSection[] = [];
  const definitions: Definition[] = [];
  let blocks: Block[] = [];
  const beginSection = (heading: string, level: number, line: number): void => {
    const parent = sections.findLast((one) => one.level < level);
    blocks = [];
    sections.push({ heading, level, path: level > 0 ? [...(parent?.path ?? []), heading] : [], line, blocks });
  };

  beginSection('', 0, 1);
  for (const chunk of splitChunks(lines)) {
    const [first] = chunk.lines;
    if (!first) continue;
    if (chunk.form === 'heading') {
      const [, marks = '', heading = ''] = HEADING.exec(first.text) ?? [];
      beginSection(unescape(oneLine(heading)), marks.length, first.line);
    } else if (chunk.form === 'definition') {
      const [, label = '', url = ''] = DEFINITION.exec(first.text) ?? [];
      definitions.push({ label: unescape(oneLine(label)), url, line: first.line });
    } else if (chunk.form === 'table') blocks.push(...readTable(chunk.lines));
    else if (chunk.form === 'code' && SHELLS.includes(chunk.language)) blocks.push(...readCodeBlock(chunk.lines));
    else blocks.push(readText(chunk.lines, first.line));
  }
  return { sections, definitions };
}

/** The cells of a line of a table, each on one line; `\|` is no border. */
export function splitCells(line: string): string[] {
  return line
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '')
    .split(/(?<!\\)\|/)
    .map(oneLine);
}

function readTable(lines: readonly Line[]): Block[] {
  return lines.map(({ text, line }, index) =>
    index === 0 ? { columns: splitCells(text), line } : { cells: splitCells(text), line },
  );
}

function readText(lines: readonly Line[], line: number): Block {
  const joined = lines.map(({ text }, index) => (index === 0 ? text.replace(LIST_MARK, '') : text)).join('\n');
  const { prose, literals, links } = readInline(joined);
  return { text: fingerprint(prose), literals, links, line };
}

/**
 * The commands that a block tells to run: the one of a code block, those in a table that have a prompt, and the
 * literals of a text that have several words, such as `uname -m`. A name like `journalctl` cannot be told from others.
 */
export function commandsOf(facts: BlockFacts): string[] {
  if ('command' in facts) return [facts.command];
  if ('text' in facts)
    return (facts.literals ?? []).filter((literal) => /\S\s+\S/.test(literal) && !literal.includes('<'));
  const cells = 'cells' in facts ? facts.cells : facts.columns;
  return cells.flatMap((cell) => readInline(cell).literals.filter((literal) => splitPrompt(literal).prompt !== ''));
}
