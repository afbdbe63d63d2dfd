import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprint } from './fingerprint.ts';
import { commandsOf, parseGuide, splitCells } from './guide.ts';
import type { Block } from './guide-facts.ts';
import { readRepoRow } from './guide/row.ts';

const TEXT = readFileSync(new URL('./guide/teapot-guide.fixture.md', import.meta.url), 'utf8');
const GUIDE = parseGuide(TEXT);

/** The blocks of a section, without their lines. */
function blocksOf(heading: string): object[] {
  const section = GUIDE.sections.find((one) => one.heading === heading);
  return (section?.blocks ?? []).map(({ line: _, ...facts }) => facts);
}
const text = (prose: string, literals: string[] = [], links: string[] = []): object => ({
  text: fingerprint(prose),
  literals,
  links,
});

describe('a guide', () => {
  it('has its sections, with the path to each', () => {
    expect(GUIDE.sections.map(({ level, path }) => [level, path.join(' > ')])).toEqual([
      [0, ''],
      [2, 'Where is the tea?'],
      [2, 'How do I brew my change?'],
      [3, 'How do I brew my change? > Prepare'],
      [4, 'How do I brew my change? > Prepare > Brew by hand'],
      [3, 'How do I brew my change? > cups_im'],
      [2, 'Where to find logs'],
      [3, 'Where to find logs > Kitchen Services'],
      [3, 'Where to find logs > Shop Services'],
      [2, 'Attaching a spoon'],
      [3, 'Attaching a spoon > Kitchen Services'],
      [3, 'Attaching a spoon > Shop Services'],
    ]);
  });

  it('has lines that lead back to the text', () => {
    const lines = TEXT.split('\n');
    for (const section of GUIDE.sections.slice(1)) {
      expect(lines[section.line - 1]).toBe(`${'#'.repeat(section.level)} ${section.heading.replace('_', '\\_')}`);
      for (const block of section.blocks)
        if ('command' in block) expect(lines[block.line - 1]).toContain(block.command.split(' ')[0]);
    }
  });

  it('has its link definitions', () => {
    expect(GUIDE.definitions).toEqual([
      { label: 'kettle', url: 'https://tea.example/tools/kettle/README.md', line: 16 },
      { label: 'tea/tools/kettle', url: 'https://tea.example/tools/kettle', line: 17 },
      { label: 'tea/leaf', url: 'https://tea.example/leaf', line: 18 },
      { label: 'github/cups|mugs', url: 'https://github.example/cups', line: 19 },
      { label: 'Prepare', url: '#prepare', line: 87 },
    ]);
  });

  it('has its tables', () => {
    expect(blocksOf('Where is the tea?')).toEqual([
      { columns: ['Name', 'Affects', 'Repo', 'ebuild'] },
      { cells: ['[kettle]', 'Host', '[tea/tools/kettle]', 'tea-base/tools'] },
      { cells: ['leaf', 'Host, Container', '[tea/leaf]', 'tea-base/leaf, shop/bag'] },
      { cells: ['cups', 'Container', '[github/cups\\|mugs]', 'N/A'] },
    ]);
  });

  it('has its texts and commands, in order', () => {
    expect(blocksOf('')).toEqual([
      text('--- page_name: teapot-guide title: Teapot guide ---'),
      text('All about how tea is made. See the other one.', [], ['/guides/coffee/']),
    ]);
    expect(blocksOf('Prepare')).toEqual([
      text('Follow the Tea Guide first.', [], ['/guides/tea/#Boil']),
      text('Have ` ready.', ['WATER']),
      { prompt: '(inside) $', command: 'export POT=1.2.3', comment: fingerprint('your pot') },
      { prompt: '(inside) $', command: 'boil ${POT} --slowly' },
      text('To find the leaves, run ` on the scale.', ['weigh -k']),
      { columns: ['`weigh -k`', 'leaves'] },
      { cells: ['`10`', '`(outside) $ export LEAF=assam`'] },
      { cells: ['`20`', '`(outside) $ export LEAF=ceylon`'] },
    ]);
    expect(blocksOf('Brew by hand')).toEqual([
      { prompt: '(outside)', command: 'brew --leaf=${LEAF}' },
      text('(outside) or let somebody brew'),
      text('Pour out the old tea.'),
      { prompt: '$', command: 'pour old' },
      { prompt: '(device) #', command: 'stop tea && start tea' },
      { prompt: '(penguin) $', command: 'sip' },
      text('Open `', ['/etc/tea/lid.conf']),
      text('Change it as follows:'),
      text('Set warmth to `', ['95']),
      text('Change Lid to open'),
      text('Restart: `', ['sudo systemctl restart tea']),
    ]);
    expect(blocksOf('cups_im')).toEqual([
      text('See cups_im/README.md, or Prepare.', [], ['[kettle]', '[Prepare]']),
      text('{ "tea": "# none" }'),
    ]);
  });

  it('tells which commands a block wants run', () => {
    const commands = GUIDE.sections.flatMap((section) => section.blocks.flatMap(commandsOf));
    expect(commands).toEqual([
      'export POT=1.2.3',
      'boil ${POT} --slowly',
      'weigh -k',
      '(outside) $ export LEAF=assam',
      '(outside) $ export LEAF=ceylon',
      'brew --leaf=${LEAF}',
      'pour old',
      'stop tea && start tea',
      'sip',
      'sudo systemctl restart tea',
    ]);
  });

  it('reads the same with other line ends, or with a byte order mark', () => {
    expect(parseGuide(TEXT.replaceAll('\n', '\r\n'))).toEqual(GUIDE);
    expect(parseGuide(`\uFEFF${TEXT}`)).toEqual(GUIDE);
  });
});

it.each<[string, object]>([
  [
    '| [a] | Host, Termina | [r/a] | x/a, y/b |',
    { name: 'a', affects: ['Host', 'Termina'], repo: 'r/a', ebuilds: ['x/a', 'y/b'] },
  ],
  ['a | Host | [r/a](https://r.example) | N/A', { name: 'a', affects: ['Host'], repo: 'r/a', ebuilds: [] }],
  ['| `a` |', { name: 'a', affects: [], repo: '', ebuilds: [] }],
])('reads the row %j', (row, expected) => {
  expect(readRepoRow(splitCells(row))).toEqual(expected);
});

it.each([
  ['an open code block', '```bash\n$ pour', [{ prompt: '$', command: 'pour' }]],
  ['a longer fence around a shorter one', '````\n```\n````', [{ command: '```' }]],
  ['a ruler without a table', 'a\n---', [text('a ---')]],
  ['a head without rows', '| a | b |\n|---|---|', [{ columns: ['a', 'b'] }]],
  ['a table behind a text', 'see:\n| a |\n|---|\n| b |', [text('see:'), { columns: ['a'] }, { cells: ['b'] }]],
  ['a definition in a text', 'see\n[a]: b', [text('see a: b', [], ['[a]'])]],
  ['front matter without an end', '---\na', [text('--- a')]],
  ['nothing', '', []],
])('takes %s as it is', (_, markdown, expected) => {
  const { sections } = parseGuide(markdown);
  expect(sections.flatMap(({ blocks }) => blocks.map(({ line: __, ...facts }: Block) => facts))).toEqual(expected);
});

const piece = fc.oneof(
  fc.constantFrom(
    '# ',
    '## a\n',
    '```',
    '~~~',
    '\n',
    '\n\n',
    '| a | b |\n',
    '|---|---|\n',
    '[a]: b\n',
    '* ',
    '1. ',
    '---\n',
  ),
  fc.constantFrom('(inside) $ ', '$ ', '(device) # ', '\\\n', '`', '[', ']', '\r', "'", 'words and words '),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
const markdown = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));

describe('any text', () => {
  it('is read without failing, and its sections lose no line order', () => {
    fc.assert(
      fc.property(markdown, (some) => {
        const { sections } = parseGuide(some);
        expect(sections[0]?.level).toBe(0);
        const lines = sections.flatMap((section) => [section.line, ...section.blocks.map((block) => block.line)]);
        expect(lines).toEqual(lines.toSorted((a, b) => a - b));
      }),
    );
  });

  it('has the same facts with CRLF as with LF', () => {
    fc.assert(
      fc.property(markdown, (some) => {
        const lf = some.replace(/\r\n?/g, '\n');
        expect(parseGuide(lf.replaceAll('\n', '\r\n'))).toEqual(parseGuide(lf));
      }),
    );
  });

  it('has the same fingerprint however its words are wrapped', () => {
    // No word that would mean something else at the start of a line: `a.` marks an item of a list, ``` begins code.
    const word = fc
      .stringMatching(/^[A-Za-z`(][A-Za-z0-9`/_.,-]{1,9}[a-z`,.]$/)
      .filter((one) => !one.startsWith('```'));
    const gap = fc.constantFrom(' ', '\n', '   ', ' \n  ', '\r\n');
    const paragraph = fc.array(fc.tuple(word, gap), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(paragraph, (words) => {
        const wrapped = parseGuide(words.map(([one, after]) => one + after).join(''));
        const plain = parseGuide(words.map(([one]) => one).join(' '));
        expect(wrapped).toEqual(plain);
      }),
    );
  });
});
