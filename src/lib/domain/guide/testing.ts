import { sealOf } from './seal.ts';
import { parseGuide } from '../guide.ts';
import type { Answers, BlockFacts, GuideIndex, GuideSection, IndexBlock, TextFacts } from '../guide-facts.ts';

/** For tests: a copy of the guide made of the facts of an index, with stand-ins for its sentences. */
export function renderGuide({ sections, definitions }: GuideIndex): string {
  return [
    ...sections.flatMap(({ heading, level, blocks }) => [
      ...(level > 0 ? [`${'#'.repeat(level)} ${heading}`] : []),
      ...blocks.map(renderBlock),
    ]),
    Object.entries(definitions)
      .map(([label, url]) => `[${label}]: ${url}`)
      .join('\n'),
  ]
    .join('\n\n')
    .replace(/^(\|.*)\n\n(?=\|)/gm, '$1\n');
}

/** For tests: the index of a copy of the guide. `answer` gives what answers a block. */
export function indexOf(text: string, answer: (facts: BlockFacts, section: GuideSection) => Answers): GuideIndex {
  const { sections, definitions } = parseGuide(text);
  return {
    checked: '2026-11-23',
    seal: sealOf(sections, definitions),
    sections: sections.map((section) => ({
      heading: section.heading,
      level: section.level,
      reason: 'A test.',
      blocks: section.blocks.map((block) => ({ ...block, ...answer(block, section) })),
    })),
    definitions: Object.fromEntries(definitions.map(({ label, url }) => [label, url])),
  };
}

/** For tests: an index with the fingerprints of a copy that has the same blocks. */
export function withFingerprintsOf(text: string, index: GuideIndex): GuideIndex {
  const { sections } = parseGuide(text);
  const taken = (facts: IndexBlock, copy: BlockFacts | undefined): IndexBlock => {
    if (copy && 'text' in facts && 'text' in copy) return { ...facts, text: copy.text };
    if (copy && 'command' in facts && 'command' in copy && copy.comment) return { ...facts, comment: copy.comment };
    return facts;
  };
  return {
    ...index,
    sections: index.sections.map((section, at) => ({
      ...section,
      blocks: section.blocks.map((block, position) => taken(block, sections[at]?.blocks[position])),
    })),
  };
}

function renderBlock(facts: BlockFacts): string {
  if ('text' in facts) return renderText(facts);
  if ('command' in facts) {
    const comment = facts.comment === undefined ? '' : ` # comment ${facts.comment}`;
    return ['```bash', [facts.prompt, facts.command + comment].filter(Boolean).join(' '), '```'].join('\n');
  }
  if ('cells' in facts) return `| ${facts.cells.join(' | ')} |`;
  return [`| ${facts.columns.join(' | ')} |`, `|${'---|'.repeat(facts.columns.length)}`].join('\n');
}

function renderText({ text, literals = [], links = [] }: TextFacts): string {
  const words = literals.map((literal) => `\`${literal}\``);
  const targets = links.map((link) => (link.startsWith('[') ? link : `[here](${link})`));
  return ['Words', text, ...words, ...targets].join(' ');
}
