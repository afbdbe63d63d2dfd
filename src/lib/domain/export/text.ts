import type { SheetStyle } from '../render-sheet.ts';
import { type Block, outline } from './outline.ts';
import type { SheetExport } from './sheet-export.ts';

/** Columns of a line of prose; a command stays one line, however long, so that it can be copied. */
const WIDTH = 80;

/** A sheet as plain text for a terminal, commands with the prompts of their Places. */
export function sheetText(exported: SheetExport, style: SheetStyle): string {
  return `${outline(exported, style).map(blockText).join('\n\n')}\n`;
}

function blockText(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `${block.text}\n${(block.level === 1 ? '=' : '-').repeat(block.text.length)}`;
    case 'text':
      return wrap(block.text).join('\n');
    case 'note':
      return wrap(`${block.name}: ${block.text}`).join('\n');
    case 'list':
      return [
        `${block.name}:`,
        ...block.items.flatMap((item) => wrap(item, 4).map((line, index) => `${index === 0 ? '  - ' : '    '}${line}`)),
      ].join('\n');
    case 'values': {
      const column = Math.max(...block.values.map(({ name }) => name.length)) + 2;
      return block.values
        .map(
          ({ name, value, hint }) => `${name.padEnd(column)}${[value, hint && `(${hint})`].filter(Boolean).join('  ')}`,
        )
        .join('\n');
    }
    case 'commands':
      return [
        ...(block.name ? [`${block.name}:`] : []),
        ...block.lines.map(({ prompt, text }) => `  ${prompt} ${text}`),
        ...(block.expect ? wrap(block.expect, 4).map((line, index) => `${index === 0 ? '  → ' : '    '}${line}`) : []),
      ].join('\n');
  }
}

/** Breaks prose between words; a word that is longer than a line has one for itself. */
function wrap(text: string, indent = 0): string[] {
  return text.split(' ').reduce<string[]>((lines, word) => {
    const last = lines.at(-1);
    if (last === undefined || indent + last.length + 1 + word.length > WIDTH) return [...lines, word];
    return [...lines.slice(0, -1), `${last} ${word}`];
  }, []);
}
