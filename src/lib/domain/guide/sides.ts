import type { Block, IndexBlock, TextFacts } from '../guide-facts.ts';
import type { Difference, GuidePlace, IndexPlace } from './compare.ts';
import { NOTHING, sectionName } from './finding.ts';
import { isSameBlock } from './likeness.ts';
import { quoteAll, shownBlock } from './show.ts';

/** Both sides of a difference, in words. */
export interface Sides {
  readonly guide: string;
  readonly catalogue: string;
}

/** What a finding quotes from: the lines of the copy, and the names of a table's columns. */
export interface Source {
  readonly lines: readonly string[];
  readonly columns: readonly string[];
}

const LONGEST_EXCERPT = 100;

/** Says what the two sides of a difference have. */
export function sidesOf({ was, is, hasMoved }: Difference<IndexPlace, GuidePlace>, source: Source): Sides {
  if (!was || !is)
    return { guide: is ? excerpt(is.block, source) : NOTHING, catalogue: was ? shownBlock(was.block) : NOTHING };
  if (!isSameBlock(was.block, is.block)) {
    const { guide, catalogue } = changedSides(was.block, is.block, source);
    return { guide: hasMoved ? `${guide}; at another place` : guide, catalogue };
  }
  if (was.section.heading === is.section.heading)
    return { guide: `${excerpt(is.block, source)}, at another place`, catalogue: 'the same, in another order' };
  return { guide: `it stands in ${sectionName(is.section)}`, catalogue: `it stands in ${sectionName(was.section)}` };
}

function changedSides(was: IndexBlock, is: Block, source: Source): Sides {
  if ('text' in was && 'text' in is) return changedText(was, is, source);
  if ('cells' in was && 'cells' in is) return changedCells(was.cells, is.cells, source.columns);
  if ('command' in was && 'command' in is && was.command === is.command && was.prompt === is.prompt)
    return {
      guide: excerpt(is, source),
      catalogue: `${shownBlock(was)}, with ${was.comment ? 'another' : 'no'} comment`,
    };
  return { guide: shownBlock(is), catalogue: shownBlock(was) };
}

function changedCells(was: readonly string[], is: readonly string[], columns: readonly string[]): Sides {
  const differing = [...Array(Math.max(was.length, is.length)).keys()].filter((at) => was[at] !== is[at]);
  const side = (cells: readonly string[]): string =>
    differing.map((at) => `${columns[at] ?? `column ${at + 1}`}: ${cells[at] ?? NOTHING}`).join('; ');
  return { guide: side(is), catalogue: side(was) };
}

function changedText(was: TextFacts, is: TextFacts & { readonly line: number }, source: Source): Sides {
  const sides = [changedWords(was.literals, is.literals), changedWords(was.links, is.links)];
  if (was.text !== is.text) sides.push({ guide: excerpt(is, source), catalogue: 'another wording' });
  const known = sides.filter((side) => side !== undefined);
  return {
    guide: known.map(({ guide }) => guide).join('; '),
    catalogue: known.map(({ catalogue }) => catalogue).join('; '),
  };
}

/** What one list has and the other has not; the whole lists where only their order differs. */
export function changedWords(was: readonly string[] = [], is: readonly string[] = []): Sides | undefined {
  if (was.join('\n') === is.join('\n')) return undefined;
  const [guide, catalogue] = [without(is, was), without(was, is)];
  if (guide.length + catalogue.length > 0) return { guide: quoteAll(guide), catalogue: quoteAll(catalogue) };
  return { guide: quoteAll(is), catalogue: quoteAll(was) };
}

function without(words: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return words.filter((word) => {
    const at = left.indexOf(word);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/** A block as the copy has it, by its first line. */
function excerpt(block: Block, { lines }: Source): string {
  if (!('text' in block) && !('command' in block)) return shownBlock(block);
  const line = (lines[block.line - 1] ?? '').trim();
  return line.length <= LONGEST_EXCERPT ? line : `${line.slice(0, LONGEST_EXCERPT)}…`;
}
