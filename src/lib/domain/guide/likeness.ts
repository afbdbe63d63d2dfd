import { textLikeness } from '../align.ts';
import type { BlockFacts, TextFacts } from '../guide-facts.ts';

/** A section of either side: what makes it that section. */
interface Section {
  readonly heading: string;
  readonly level: number;
  readonly blocks: readonly BlockFacts[];
}

/** Whether two blocks say the same. */
export function isSameBlock(first: BlockFacts, second: BlockFacts): boolean {
  return factsKey(first) === factsKey(second);
}

/** How alike two blocks are, from 0 to 1: 1 the same, 0 where one cannot have become the other. */
export function blockLikeness(first: BlockFacts, second: BlockFacts): number {
  if (isSameBlock(first, second)) return 1;
  if ('text' in first && 'text' in second) {
    // Fingerprints are not more or less alike: what stands at the same place is taken for the same text, rewritten.
    if (first.text === second.text) return 0.95;
    return 0.3 + 0.6 * overlap(exactWords(first), exactWords(second));
  }
  if ('command' in first && 'command' in second)
    return over(0.5, Math.min(textLikeness(first.command, second.command), 0.99));
  if ('cells' in first && 'cells' in second) {
    const alike = mean(first.cells.map((cell, column) => textLikeness(cell, second.cells[column] ?? '')));
    return over(0.5, first.cells[0] === second.cells[0] ? Math.max(alike, 0.9) : alike);
  }
  return 'columns' in first && 'columns' in second ? 0.5 : 0;
}

/** How alike two sections are, from 0 to 1: half by their headings, half by the blocks that both have. */
export function sectionLikeness(first: Section, second: Section): number {
  const headings =
    first.heading === second.heading && first.level === second.level
      ? 1
      : 0.9 * textLikeness(first.heading, second.heading);
  return 0.5 * headings + 0.5 * overlap(first.blocks.map(factsKey), second.blocks.map(factsKey));
}

function exactWords(facts: TextFacts): string[] {
  return [...(facts.literals ?? []), ...(facts.links ?? [])];
}

/** The facts of a block as one text, the same for the same facts. */
export function factsKey(facts: BlockFacts): string {
  if ('text' in facts) return JSON.stringify([facts.text, facts.literals ?? [], facts.links ?? []]);
  if ('command' in facts) return JSON.stringify([facts.prompt ?? '', facts.command, facts.comment ?? '']);
  return JSON.stringify('cells' in facts ? facts.cells : { columns: facts.columns });
}

/** The part of two lists that both have; 1 for two empty ones. */
function overlap(first: readonly string[], second: readonly string[]): number {
  const left = [...second];
  const shared = first.filter((one) => {
    const at = left.indexOf(one);
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
  return first.length + second.length === 0 ? 1 : (2 * shared.length) / (first.length + second.length);
}

function over(least: number, likeness: number): number {
  return likeness >= least ? likeness : 0;
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0) / Math.max(numbers.length, 1);
}
