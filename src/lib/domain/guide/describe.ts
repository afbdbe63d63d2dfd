import { commandsOf } from '../guide.ts';
import type { Block, BlockFacts, CommandFacts, GuideSection, IndexSection } from '../guide-facts.ts';
import type { Difference, GuidePlace, IndexPlace, Target } from './compare.ts';
import { type Finding, INDEX_FILE, NOTHING, nameAll, sectionName } from './finding.ts';
import { blockName } from './show.ts';
import { type Source, changedWords, sidesOf } from './sides.ts';

/** The finding for a difference between two blocks. `sheets` are the ids of those that replace its section. */
export function describeBlock(
  difference: Difference<IndexPlace, GuidePlace>,
  sheets: readonly string[],
  source: Source,
): Finding {
  const { was, is, line } = difference;
  const place = was ?? is;
  if (!place) throw new Error('a difference without sides');
  const kind = kindOf(was?.block, is?.block);
  const where = `${sectionName(place.section)} of ${INDEX_FILE}`;
  const errata = nameAll('erratum', 'errata', was?.block.errata);
  return {
    kind,
    line,
    what: `${subjectOf(kind, place.block)} of ${sectionName(place.section)}`,
    ...sidesOf(difference, source),
    action: [
      !was
        ? `Add to ${answerOf(was, sheets)} what it tells, then its entry to ${where}.`
        : is
          ? `Bring ${answerOf(was, sheets)} in line, then its entry in ${where}.`
          : `See what of ${answerOf(was, sheets)} is still right, then take its entry out of ${where}.`,
      ...(errata ? [`Drop what this settles of ${errata}.`] : []),
    ].join(' '),
    ...(is && { entry: entryOf(is.block) }),
  };
}

/** What of the catalogue answers a block: its components and steps, else the sheets of its section. */
function answerOf(was: IndexPlace | undefined, sheets: readonly string[]): string {
  const own = [nameAll('component', 'components', was?.block.components), nameAll('step', 'steps', was?.block.steps)];
  return own.filter(Boolean).join(' and ') || (nameAll('sheet', 'sheets', sheets) ?? 'the catalogue');
}

/** The finding for a section that came, went, moved or got another heading. */
export function describeSection({ was, is, line, hasMoved }: Difference<IndexSection, GuideSection>): Finding {
  const section = was ?? is;
  if (!section) throw new Error('a difference without sides');
  const answer = nameAll('sheet', 'sheets', was?.sheets) ?? 'the catalogue';
  const side = (one: IndexSection | GuideSection | undefined): string =>
    one ? `level ${one.level}, ${sectionName(one)}, ${contentsOf(one.blocks)}` : NOTHING;
  return {
    kind: 'section',
    line,
    what: `section ${sectionName(section)}`,
    guide: hasMoved ? `${side(is)}, at another place` : side(is),
    catalogue: side(was),
    action: !was
      ? `Add a sheet for it or name one that replaces it, then the section to ${INDEX_FILE}.`
      : is
        ? `Change the section in ${INDEX_FILE}, and where ${answer} has its heading.`
        : `See what of ${answer} is still needed, then take the section out of ${INDEX_FILE}.`,
  };
}

/** The finding for a link definition. */
export function describeDefinition({ was, is, line }: Difference<Target, Target>): Finding {
  const side = (one: Target | undefined): string => (one ? `[${one.label}]: ${one.url}` : NOTHING);
  return {
    kind: 'link',
    line,
    what: `link [${(was ?? is)?.label}]`,
    guide: side(is),
    catalogue: side(was),
    action: `Correct the components and texts that lead there, then definitions in ${INDEX_FILE}.`,
  };
}

function kindOf(was: BlockFacts | undefined, is: BlockFacts | undefined): Finding['kind'] {
  const facts = is ?? was;
  if (!facts || 'cells' in facts || 'columns' in facts) return 'row';
  if ('command' in facts) return was && 'command' in was && isOtherComment(was, facts) ? 'text' : 'command';
  const [before = '', after = ''] = [was, is].map((one) => (one ? commandsOf(one).join('\n') : ''));
  if (before !== after) return 'command';
  const isOnlyLinks =
    was && is && 'text' in was && was.text === facts.text && !changedWords(was.literals, facts.literals);
  return isOnlyLinks && changedWords(was.links, facts.links) ? 'link' : 'text';
}

function subjectOf(kind: Finding['kind'], facts: BlockFacts): string {
  if ('text' in facts && kind !== 'text') return `${kind} in a text`;
  return 'command' in facts && kind === 'text' ? 'comment' : blockName(facts);
}

/** Whether nothing but the comment behind a command may have changed. */
function isOtherComment(was: CommandFacts, is: CommandFacts): boolean {
  return was.command === is.command && was.prompt === is.prompt && was.comment !== is.comment;
}

/** How many commands, rows and texts there are, in words. */
function contentsOf(blocks: readonly BlockFacts[]): string {
  const counts = { commands: 0, rows: 0, texts: 0 };
  for (const block of blocks)
    counts[commandsOf(block).length > 0 ? 'commands' : 'text' in block ? 'texts' : 'rows'] += 1;
  const parts = Object.entries(counts).filter(([, count]) => count > 0);
  return parts.map(([name, count]) => `${count} ${count === 1 ? name.slice(0, -1) : name}`).join(', ') || 'empty';
}

/** The facts of a block as the index writes them. */
function entryOf(block: Block): string {
  const facts = Object.entries(block).filter(
    ([name, value]) => name !== 'line' && !(Array.isArray(value) && value.length === 0),
  );
  return JSON.stringify(Object.fromEntries(facts));
}
