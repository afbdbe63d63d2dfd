import type { Component } from '../component.ts';
import { commandsOf } from '../guide.ts';
import type { GuideIndex } from '../guide-facts.ts';
import type { Erratum, Sheet } from '../sheet.ts';
import type { Comparison, IndexPlace } from './compare.ts';
import { type Finding, INDEX_FILE, NOTHING, sectionName } from './finding.ts';
import { readRepoRow } from './row.ts';
import { blockName, shownBlock } from './show.ts';

/** What of the catalogue the guide is checked against. */
export interface GuideContent {
  readonly components: readonly Component[];
  readonly sheets: readonly Sheet[];
  readonly errata: readonly Erratum[];
}

/**
 * What the catalogue itself lacks, or has otherwise than the index says, of what still stands in the guide: one finding
 * for each section and block.
 */
export function findGaps(comparison: Comparison, index: GuideIndex, content: GuideContent): Finding[] {
  const known = knownIds(content);
  const sections = comparison.standingSections.flatMap(([was, is]): Finding[] => {
    const gaps = (was.sheets ?? []).filter((id) => !known.sheets.has(id)).map((id) => `no sheet ${id}`);
    if (!was.sheets?.length && was.reason === undefined) gaps.push(NOTHING);
    if (gaps.length === 0) return [];
    return [
      {
        kind: 'section',
        line: is.line,
        what: `section ${sectionName(was)}`,
        guide: sectionName(is),
        catalogue: gaps.join('; '),
        action: `Name in ${INDEX_FILE} the sheet that replaces it, or the reason why none does.`,
      },
    ];
  });
  const blocks = comparison.standingBlocks.flatMap(([was, is]): Finding[] => {
    const gaps = blockGaps(was, index, content, known);
    if (gaps.length === 0) return [];
    return [
      {
        kind: 'cells' in was.block || 'columns' in was.block ? 'row' : 'command',
        line: is.block.line,
        what: `${blockName(was.block)} of ${sectionName(was.section)}`,
        guide: shownBlock(was.block),
        catalogue: gaps.join('; '),
        action: `Correct the catalogue or the entry in ${sectionName(was.section)} of ${INDEX_FILE}, or give it an erratum.`,
      },
    ];
  });
  return [...sections, ...blocks];
}

type KnownIds = Readonly<Record<'sheets' | 'steps' | 'components' | 'errata', ReadonlySet<string>>>;

function knownIds({ components, sheets, errata }: GuideContent): KnownIds {
  const ids = (things: readonly { readonly id: string }[]): Set<string> => new Set(things.map(({ id }) => id));
  const steps = new Set(sheets.flatMap((sheet) => sheet.steps.map((step) => `${sheet.id}#${step.id}`)));
  return { sheets: ids(sheets), steps, components: ids(components), errata: ids(errata) };
}

function blockGaps({ block }: IndexPlace, index: GuideIndex, content: GuideContent, known: KnownIds): string[] {
  const { steps = [], errata = [], components = [] } = block;
  const unknown = [
    ...steps.filter((id) => !known.steps.has(id)).map((id) => `no step ${id}`),
    ...errata.filter((id) => !known.errata.has(id)).map((id) => `no erratum ${id}`),
    ...components.filter((id) => !known.components.has(id)).map((id) => `no component ${id}`),
  ];
  const isAnswered = steps.length + errata.length + components.length > 0;
  const needsAnswer = 'cells' in block || commandsOf(block).length > 0;
  if (needsAnswer && !isAnswered) return [NOTHING];
  const described = content.components.filter(({ id }) => components.includes(id));
  // What an erratum corrects is meant to differ.
  const isComparable = 'cells' in block && described.length > 0 && errata.length === 0;
  return [...unknown, ...(isComparable ? rowDisagreements(block.cells, described, index) : [])];
}

/** Where the components of a row of repositories have something else than the row. */
function rowDisagreements(cells: readonly string[], components: readonly Component[], index: GuideIndex): string[] {
  const row = readRepoRow(cells);
  const facts: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['guideRow', [row.name], components.map(({ guideRow }) => guideRow ?? NOTHING)],
    ['layers', row.affects.map((one) => one.toLowerCase()), components.flatMap(({ layers }) => layers)],
    ['ebuilds', row.ebuilds, components.flatMap(({ ebuilds }) => ebuilds)],
    ['repo', [row.repo], components.map(({ repo }) => repo)],
    ['sourceUrl', [index.definitions[row.repo] ?? NOTHING], components.map(({ sourceUrl }) => sourceUrl ?? NOTHING)],
  ];
  return facts.flatMap(([what, ...lists]) => {
    const [guide, catalogue] = lists.map((list) => [...new Set(list)].toSorted().join(', ') || NOTHING);
    return guide === catalogue ? [] : [`${what} ${catalogue} instead of ${guide}`];
  });
}
