import { compareGuide } from './guide/compare.ts';
import { describeBlock, describeDefinition, describeSection } from './guide/describe.ts';
import type { Finding } from './guide/finding.ts';
import { type GuideContent, findGaps } from './guide/gaps.ts';
import { parseGuide } from './guide.ts';
import type { BlockFacts, GuideIndex } from './guide-facts.ts';

export type { Finding, GuideContent };

/**
 * Compares a copy of the Crostini developer guide with the catalogue: `index` is the guide as it was when the catalogue
 * was checked, so what an erratum corrects counts as known as long as the guide still says it. Gives every row, command,
 * section, link and text that is new, gone, changed or moved, and what of the index the catalogue does not answer; by
 * line, one finding for one edit. Line breaks, indentation, list marks and the width of columns do not matter.
 */
export function checkGuide(text: string, index: GuideIndex, content: GuideContent): Finding[] {
  const guide = parseGuide(text);
  const comparison = compareGuide(index, guide);
  const lines = text.split(/\r\n|\n|\r/);
  const sheetsOf = new Map(comparison.standingSections.map(([was, is]) => [is, was.sheets ?? []]));
  const findings = [
    ...comparison.sections.map(describeSection),
    ...comparison.blocks.map((difference) => {
      const { was, is } = difference;
      const sheets = was?.section.sheets ?? (is && sheetsOf.get(is.section)) ?? [];
      const columns = columnsOf((was ?? is)?.section.blocks ?? []);
      return describeBlock(difference, sheets, { lines, columns });
    }),
    ...comparison.definitions.map(describeDefinition),
    ...findGaps(comparison, index, content),
  ];
  return findings.toSorted((one, other) => one.line - other.line);
}

/** The names of the columns of a section's table. */
function columnsOf(blocks: readonly BlockFacts[]): readonly string[] {
  return blocks.flatMap((block) => ('columns' in block ? [block.columns] : []))[0] ?? [];
}

/** The findings as text for a terminal, and how many they are. `checked` is the day of the index. */
export function formatFindings(findings: readonly Finding[], checked: string): string {
  const texts = findings.map(({ line, what, guide, catalogue, action, entry }) =>
    [
      `line ${line}: ${what}`,
      `  guide      ${guide}`,
      `  catalogue  ${catalogue}`,
      `  next       ${action}`,
      ...(entry === undefined ? [] : [`  entry      ${entry}`]),
      '',
      '',
    ].join('\n'),
  );
  const count = findings.length === 1 ? '1 finding' : `${findings.length || 'no'} findings`;
  return `${texts.join('')}${count}, compared with the guide of ${checked}\n`;
}
