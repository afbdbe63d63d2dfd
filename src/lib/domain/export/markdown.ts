import type { SheetStyle } from '../render-sheet.ts';
import { type Block, outline } from './outline.ts';
import type { SheetExport } from './sheet-export.ts';

/** A sheet as a Markdown document (CommonMark), commands with the prompts of their Places. */
export function sheetMarkdown(exported: SheetExport, style: SheetStyle): string {
  return `${outline(exported, style).map(blockMarkdown).join('\n\n')}\n`;
}

function blockMarkdown(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `${'#'.repeat(block.level)} ${inline(block.text)}`;
    case 'text':
      return inline(block.text);
    case 'note':
      return `**${block.name}:** ${inline(block.text)}`;
    case 'list':
      return [`**${block.name}:**`, '', ...block.items.map((item) => `- ${inline(item)}`)].join('\n');
    case 'values':
      return block.values
        .map(
          ({ name, value, hint }) => `- ${name}:${value && ` ${codeSpan(value)}`}${hint ? ` (${inline(hint)})` : ''}`,
        )
        .join('\n');
    case 'commands': {
      const lines = block.lines.map(({ prompt, text }) => `${prompt} ${text}`);
      const fence = '`'.repeat(Math.max(3, longestRun(lines.join('\n')) + 1));
      return [
        ...(block.name ? [`**${block.name}:**`, ''] : []),
        `${fence}console`,
        ...lines,
        fence,
        ...(block.expect ? ['', `→ ${inline(block.expect)}`] : []),
      ].join('\n');
    }
  }
}

/** Text in which nothing is markup. An underscore inside a word is none, so names keep theirs. */
function inline(text: string): string {
  return text
    .replace(/[\\`*[\]<>]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|&(?=[#\w]+;)/g, '\\$&')
    .replace(/^(\d+)([.)] )(?!\S)/, '$1\\$2')
    .replace(/^([#+-])(?=\s)/, '\\$1');
}

function codeSpan(text: string): string {
  const ticks = '`'.repeat(longestRun(text) + 1);
  const gap = /^`|`$/.test(text) ? ' ' : '';
  return `${ticks}${gap}${text}${gap}${ticks}`;
}

/** The length of the longest run of backticks. */
function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}
