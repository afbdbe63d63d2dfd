import { align, match } from '../align.ts';
import type { Block, BlockFacts, Guide, GuideIndex, GuideSection, IndexBlock, IndexSection } from '../guide-facts.ts';
import { blockLikeness, isSameBlock, sectionLikeness } from './likeness.ts';

/** A block with the section that it stands in. */
export interface IndexPlace {
  readonly section: IndexSection;
  readonly block: IndexBlock;
}
export interface GuidePlace {
  readonly section: GuideSection;
  readonly block: Block;
}

/** A link definition. */
export interface Target {
  readonly label: string;
  readonly url: string;
}

/**
 * Where a copy differs from the index: `was` without `is` is gone, `is` without `was` is new, both are one thing that
 * changed or moved. Of something gone, `line` is the last known line before the place where it stood.
 */
export interface Difference<Was, Is> {
  readonly was?: Was;
  readonly is?: Is;
  readonly hasMoved?: boolean;
  readonly line: number;
}

/** A copy of the guide beside the index. */
export interface Comparison {
  readonly sections: readonly Difference<IndexSection, GuideSection>[];
  readonly blocks: readonly Difference<IndexPlace, GuidePlace>[];
  readonly definitions: readonly Difference<Target, Target>[];
  /** What stands in both, changed or not. */
  readonly standingSections: readonly (readonly [IndexSection, GuideSection])[];
  readonly standingBlocks: readonly (readonly [IndexPlace, GuidePlace])[];
}

/** From this likeness on, two blocks or sections at different places are one that moved. */
const MOVED = 0.6;
/** The same for sections at the same place. */
const RENAMED_SECTION = 0.5;

/** Compares a copy of the guide with the index. One edit gives one difference wherever the two can be paired. */
export function compareGuide(index: GuideIndex, guide: Guide): Comparison {
  const inOrder = align(index.sections, guide.sections, sectionLikeness, RENAMED_SECTION);
  const moved = match(inOrder.onlyFirst, inOrder.onlySecond, sectionLikeness, MOVED);
  const standingSections = [...inOrder.pairs, ...moved.pairs];
  const movedSections = new Set(moved.pairs.map(([was]) => was));
  const parentOf = (section: IndexSection): IndexSection | undefined =>
    above(index.sections, section).findLast((one) => one.level < section.level);
  const lines = new Map(inOrder.pairs.map(([was, is]) => [was, is.line]));

  const sections: Difference<IndexSection, GuideSection>[] = [
    ...standingSections
      .map(([was, is]) => {
        const parent = parentOf(was);
        return { was, is, line: is.line, hasMoved: movedSections.has(was) && !(parent && movedSections.has(parent)) };
      })
      .filter(({ was, is, hasMoved }) => hasMoved || was.heading !== is.heading || was.level !== is.level),
    ...moved.onlyFirst.map((was) => ({ was, line: lineBefore(index.sections, was, lines) ?? 1 })),
    ...moved.onlySecond.map((is) => ({ is, line: is.line })),
  ];
  const { blocks, standingBlocks } = compareBlocks(standingSections, moved.onlyFirst, moved.onlySecond);
  const definitions = compareDefinitions(
    index,
    guide,
    changedLabels(blocks, [...moved.onlyFirst, ...moved.onlySecond]),
  );
  return { sections, blocks, definitions, standingSections, standingBlocks };
}

/** `lost` and `added` are whole sections: what left or came with one of them is told by it. */
function compareBlocks(
  standing: readonly (readonly [IndexSection, GuideSection])[],
  lost: readonly IndexSection[],
  added: readonly GuideSection[],
): Pick<Comparison, 'blocks' | 'standingBlocks'> {
  const alignments = standing.map(([was, is]) => align(placesOf(was), placesOf(is), placeLikeness, Number.MIN_VALUE));
  const inOrder = alignments.flatMap(({ pairs }) => pairs);
  const moved = match(
    [...alignments.flatMap(({ onlyFirst }) => onlyFirst), ...lost.flatMap((section) => placesOf(section))],
    [...alignments.flatMap(({ onlySecond }) => onlySecond), ...added.flatMap((section) => placesOf(section))],
    placeLikeness,
    MOVED,
  );
  const headings = new Map(standing.map(([was, is]) => [was, is.line]));
  const lines = new Map(inOrder.map(([was, is]) => [was.block, is.block.line]));
  const stood = ({ section }: IndexPlace): boolean => !lost.includes(section);
  const stands = ({ section }: GuidePlace): boolean => !added.includes(section);
  const blocks: Difference<IndexPlace, GuidePlace>[] = [
    ...inOrder.filter(isChanged).map(([was, is]) => ({ was, is, line: is.block.line })),
    ...moved.pairs
      .map(([was, is]) => ({ was, is, line: is.block.line, hasMoved: stood(was) && stands(is) }))
      .filter(({ was, is, hasMoved }) => hasMoved || isChanged([was, is])),
    ...moved.onlyFirst.filter(stood).map((was) => ({
      was,
      line: lineBefore(was.section.blocks, was.block, lines) ?? headings.get(was.section) ?? 1,
    })),
    ...moved.onlySecond.filter(stands).map((is) => ({ is, line: is.block.line })),
  ];
  return { blocks, standingBlocks: [...inOrder, ...moved.pairs] };
}

function placesOf<B, S extends { readonly blocks: readonly B[] }>(
  section: S,
): { section: S; block: S['blocks'][number] }[] {
  return section.blocks.map((block) => ({ section, block }));
}

function placeLikeness(was: IndexPlace, is: GuidePlace): number {
  return blockLikeness(was.block, is.block);
}

function isChanged([was, is]: readonly [IndexPlace, GuidePlace]): boolean {
  return !isSameBlock(was.block, is.block);
}

/** What stands above an element of a list. */
function above<T>(all: readonly T[], one: T): T[] {
  return all.slice(0, all.indexOf(one));
}

/** The line of the nearest element above `one` that still stands in the copy. */
function lineBefore<T>(all: readonly T[], one: T, lines: ReadonlyMap<T, number>): number | undefined {
  const nearest = above(all, one).findLast((each) => lines.has(each));
  return nearest && lines.get(nearest);
}

/** Labels whose use changed: that explains why their definition came, went or got another name. */
function changedLabels(
  blocks: Comparison['blocks'],
  sections: readonly { readonly blocks: readonly BlockFacts[] }[],
): ReadonlySet<string> {
  const changed = [
    ...blocks.flatMap(({ was, is }) => [was?.block, is?.block]),
    ...sections.flatMap((section) => section.blocks),
  ];
  return new Set(changed.flatMap((block) => (block ? labelsOf(block) : [])));
}

/** The labels of link definitions that a block uses. */
function labelsOf(block: BlockFacts): string[] {
  const texts = 'cells' in block ? block.cells : 'text' in block ? (block.links ?? []) : [];
  return texts.flatMap((text) => [...text.matchAll(/\[([^[\]]+)\]/g)].map(([, label = '']) => label));
}

function compareDefinitions(
  index: GuideIndex,
  guide: Guide,
  explained: ReadonlySet<string>,
): Comparison['definitions'] {
  const known = Object.entries(index.definitions).map(([label, url]): Target => ({ label, url }));
  const byLabel = match(known, guide.definitions, (was, is) => (was.label === is.label ? 1 : 0), 1);
  const byUrl = match(byLabel.onlyFirst, byLabel.onlySecond, (was, is) => (was.url === is.url ? 1 : 0), 1);
  const renamed: Comparison['definitions'] = [
    ...byUrl.pairs.map(([was, is]) => ({ was, is, line: is.line })),
    ...byUrl.onlyFirst.map((was) => ({ was, line: 1 })),
    ...byUrl.onlySecond.map((is) => ({ is, line: is.line })),
  ];
  return [
    ...byLabel.pairs.filter(([was, is]) => was.url !== is.url).map(([was, is]) => ({ was, is, line: is.line })),
    ...renamed.filter(({ was, is }) => ![was, is].some((one) => one && explained.has(one.label))),
  ];
}
