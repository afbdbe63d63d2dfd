import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Component } from './component.ts';
import { type Finding, checkGuide, formatFindings } from './guide-check.ts';
import type { Answers, BlockFacts } from './guide-facts.ts';
import type { GuideContent } from './guide/gaps.ts';
import { readRepoRow } from './guide/row.ts';
import { indexOf } from './guide/testing.ts';

const TEXT = readFileSync(new URL('./guide/teapot-guide.fixture.md', import.meta.url), 'utf8');

/** Rows are components, everything else is told by one step. */
const answer = (facts: BlockFacts): Answers =>
  'cells' in facts && facts.cells.length === 4
    ? { components: [readRepoRow(facts.cells).name] }
    : { steps: ['brew#all'] };

const component = (id: string, more: Partial<Component>): Component => ({
  ...{ id, name: id, guideRow: id, lane: 'host', layers: ['host'], summary: '', language: '', repo: 'tea/leaf' },
  ...{
    sourceUrl: null,
    readmeUrl: null,
    ebuilds: [],
    jobs: [],
    runs: { never: '' },
    logs: [],
    delivery: [],
    sheets: [],
  },
  ...more,
});
const CONTENT: GuideContent = {
  components: [
    component('kettle', {
      ebuilds: ['tea-base/tools'],
      repo: 'tea/tools/kettle',
      sourceUrl: 'https://tea.example/tools/kettle',
    }),
    component('leaf', {
      layers: ['host', 'container'],
      ebuilds: ['tea-base/leaf', 'shop/bag'],
      sourceUrl: 'https://tea.example/leaf',
    }),
    component('cups', { layers: ['container'], repo: 'github/cups|mugs', sourceUrl: 'https://github.example/cups' }),
  ],
  sheets: [
    {
      ...{ id: 'brew', title: '', summary: '', guideSections: [], kind: 'sequence' },
      steps: [{ id: 'all', title: '', place: 'outside', command: '', why: '' }],
    },
  ],
  errata: [],
};

const INDEX = indexOf(TEXT, answer);

const check = (text: string): Finding[] => checkGuide(text, INDEX, CONTENT);
const edit = (from: string, to: string): string => {
  expect(TEXT).toContain(from);
  return TEXT.replace(from, () => to);
};

it('finds nothing in the guide as it is, however it is laid out', () => {
  expect(check(TEXT)).toEqual([]);
  expect(check(TEXT.replace('See [the other one]', 'See\n   [the other one]'))).toEqual([]);
  expect(check(TEXT.replace('*   Follow', '- Follow').replace(/-{5,}/g, '---'))).toEqual([]);
  expect(check(TEXT.replace('1. Open', '7) Open').replaceAll('\n', '\r\n'))).toEqual([]);
});

it.each<[string, string, Partial<Finding>]>([
  [
    '| Host            | [tea/tools/kettle]  | tea-base/tools          |',
    '| Host, Termina | [tea/tools/kettle] | tea-base/kettle |',
    {
      kind: 'row',
      line: 12,
      what: 'row kettle of "Where is the tea?"',
      guide: 'Affects: Host, Termina; ebuild: tea-base/kettle',
      catalogue: 'Affects: Host; ebuild: tea-base/tools',
      action: 'Bring component kettle in line, then its entry in "Where is the tea?" of src/lib/catalog/guide.ts.',
    },
  ],
  [
    'boil ${POT} \\\n       --slowly',
    'boil ${POT}',
    {
      kind: 'command',
      line: 31,
      guide: '(inside) $ boil ${POT}',
      catalogue: '(inside) $ boil ${POT} --slowly',
      entry: '{"prompt":"(inside) $","command":"boil ${POT}"}',
    },
  ],
  [
    '# your pot',
    '# a pot',
    {
      kind: 'text',
      what: 'comment of "Prepare"',
      guide: '(inside) $ export POT=1.2.3 # a pot',
      catalogue: '(inside) $ export POT=1.2.3, with another comment',
    },
  ],
  [
    '`/var/log/tea`',
    '`/var/log/pot`',
    { kind: 'text', line: 70, guide: '`/var/log/pot`', catalogue: '`/var/log/tea`' },
  ],
  ['for 7 days', 'for 8 days', { kind: 'text', guide: '`8`', catalogue: '`7`' }],
  [
    'kept for',
    'held for',
    { kind: 'text', guide: 'They log to `/var/log/shop`, held for 7 days.', catalogue: 'another wording' },
  ],
  [
    'restart tea',
    'restart teapot',
    { kind: 'command', what: 'command in a text of "Brew by hand"', guide: '`sudo systemctl restart teapot`' },
  ],
  ['(/guides/coffee/)', '(/guides/mate/)', { kind: 'link', guide: '`/guides/mate/`', catalogue: '`/guides/coffee/`' }],
  [
    'tea.example/leaf',
    'tea.example/leaves',
    {
      kind: 'link',
      line: 18,
      what: 'link [tea/leaf]',
      guide: '[tea/leaf]: https://tea.example/leaves',
    },
  ],
  [
    '[Prepare]: #prepare',
    '',
    { kind: 'link', what: 'link [Prepare]', guide: 'nothing', catalogue: '[Prepare]: #prepare' },
  ],
  [
    '### Kitchen Services\n\nUse `spoon`.\n\n',
    '',
    {
      kind: 'section',
      what: 'section "Kitchen Services"',
      line: 77,
      guide: 'nothing',
      catalogue: 'level 3, "Kitchen Services", 1 text',
    },
  ],
  ['## Attaching a spoon', '## Spoons', { kind: 'section', guide: 'level 2, "Spoons", empty' }],
  ['$ pour old\n', '', { kind: 'command', line: 46, guide: 'nothing', catalogue: '$ pour old' }],
])('tells of %j instead of %j', (from, to, expected) => {
  expect(check(edit(from, to))).toEqual([expect.objectContaining(expected)]);
});

it('takes a row that got another name, place and repository for one', () => {
  const [moved] = check(
    edit('| leaf     | Host, Container | [tea/leaf]          | tea-base/leaf, shop/bag |\n', '')
      .replace(
        '| N/A                     |\n',
        '| N/A |\n| sheet | Host, Container | [tea/sheet] | tea-base/leaf, shop/bag |\n',
      )
      .replace('[tea/leaf]: https://tea.example/leaf', '[tea/sheet]: https://tea.example/sheet'),
  );
  expect(moved).toMatchObject({
    what: 'row leaf of "Where is the tea?"',
    guide: 'Name: sheet; Repo: [tea/sheet]; at another place',
    catalogue: 'Name: leaf; Repo: [tea/leaf]',
  });
});

it('sorts by line', () => {
  const findings = check(TEXT.replace('days', 'weeks').replace('All about', 'Nothing about').replace('boil', 'cook'));
  expect(findings.map(({ line }) => line)).toEqual([6, 31, 75]);
});

describe('what the catalogue lacks', () => {
  const gaps = (part: Partial<GuideContent>, from = INDEX): string[] =>
    checkGuide(TEXT, from, { ...CONTENT, ...part }).map(({ what, catalogue }) => `${what}: ${catalogue}`);

  it('is found where a sheet, step or component is gone', () => {
    expect(gaps({ sheets: [] })).toContain('command of "Prepare": no step brew#all');
    expect(gaps({ components: CONTENT.components.slice(1) })).toEqual([
      'row kettle of "Where is the tea?": no component kettle',
    ]);
    const sections = INDEX.sections.map(({ reason: _, ...section }, at) => ({
      ...section,
      ...(at > 1 ? { sheets: ['brew'] } : at > 0 ? { sheets: ['steep'] } : {}),
    }));
    expect(gaps({}, { ...INDEX, sections })).toEqual([
      'section the part before the first heading: nothing',
      'section "Where is the tea?": no sheet steep',
    ]);
  });

  it('is found where nothing answers a command or a row', () => {
    expect(
      gaps(
        {},
        indexOf(TEXT, () => ({})),
      ),
    ).toEqual(
      expect.arrayContaining([
        'row kettle of "Where is the tea?": nothing',
        'text of "Prepare": nothing',
        'command of "Brew by hand": nothing',
      ]),
    );
  });

  it('is found where components are not what their row says, unless an erratum tells so', () => {
    const components = [
      component('kettle', { layers: ['termina'], ebuilds: ['tea-base/pot'] }),
      ...CONTENT.components.slice(1),
    ];
    expect(gaps({ components })).toEqual([
      'row kettle of "Where is the tea?": layers termina instead of host; ' +
        'ebuilds tea-base/pot instead of tea-base/tools; repo tea/leaf instead of tea/tools/kettle; ' +
        'sourceUrl nothing instead of https://tea.example/tools/kettle',
    ]);
    const corrected = indexOf(TEXT, (facts) => ({ ...answer(facts), ...('cells' in facts && { errata: ['e01'] }) }));
    expect(
      gaps({ components, errata: [{ id: 'e01', guideSays: '', correct: '', checked: 'guide' }] }, corrected),
    ).toEqual([]);
    expect(gaps({ components }, corrected)).toContain('row kettle of "Where is the tea?": no erratum e01');
  });
});

it('formats findings for a terminal', () => {
  expect(formatFindings(check(edit('(outside) brew', '(inside) brew')), '2026-11-23'))
    .toBe(`line 44: command of "Brew by hand"
  guide      (inside) brew --leaf=\${LEAF}
  catalogue  (outside) brew --leaf=\${LEAF}
  next       Bring step brew#all in line, then its entry in "Brew by hand" of src/lib/catalog/guide.ts.
  entry      {"prompt":"(inside)","command":"brew --leaf=\${LEAF}"}

1 finding, compared with the guide of 2026-11-23
`);
  expect(formatFindings([], '2026-11-23')).toBe('no findings, compared with the guide of 2026-11-23\n');
});

it('takes a file that is no guide for one without its sections', () => {
  const findings = check('# Coffee\n\nBlack.\n');
  expect(findings.filter(({ guide }) => guide === 'nothing').map(({ kind }) => kind)).toContain('section');
});
