import type { BlockFacts } from '../guide-facts.ts';
import { NOTHING } from './finding.ts';
import { cellText } from './row.ts';

/** What a block is called: `row chunnel`, `command`. */
export function blockName(facts: BlockFacts): string {
  if ('cells' in facts) return `row ${cellText(facts.cells[0] ?? '')}`;
  if ('columns' in facts) return 'table head';
  return 'command' in facts ? 'command' : 'text';
}

/** A block as its facts show it: of a text, only what is to be taken exactly. */
export function shownBlock(facts: BlockFacts): string {
  if ('cells' in facts) return facts.cells.join(' | ');
  if ('columns' in facts) return facts.columns.join(' | ');
  if ('command' in facts) return [facts.prompt, facts.command].filter(Boolean).join(' ');
  const words = [...(facts.literals ?? []), ...(facts.links ?? [])];
  return words.length === 0 ? 'a text' : `a text with ${quoteAll(words)}`;
}

export function quoteAll(words: readonly string[]): string {
  return words.length === 0 ? NOTHING : words.map((word) => `\`${word}\``).join(', ');
}
