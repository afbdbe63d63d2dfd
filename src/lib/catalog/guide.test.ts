import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Finding, checkGuide } from '../domain/guide-check.ts';
import { commandsOf } from '../domain/guide.ts';
import { sealOf } from '../domain/guide/seal.ts';
import { renderGuide, withFingerprintsOf } from '../domain/guide/testing.ts';
import { COMPONENTS } from './components.ts';
import { ERRATA } from './errata.ts';
import { GUIDE } from './guide.ts';
import { SHEETS } from './sheets.ts';

const CONTENT = { components: COMPONENTS, sheets: SHEETS, errata: ERRATA };
const STEPS = new Map(SHEETS.flatMap((sheet) => sheet.steps.map((step) => [`${sheet.id}#${step.id}`, step])));
const BLOCKS = GUIDE.sections.flatMap((section) => section.blocks);

describe('the index of the guide', () => {
  it('has a sheet or a reason for every section', () => {
    for (const { sheets, reason } of GUIDE.sections)
      expect((sheets !== undefined) !== (reason !== undefined)).toBe(true);
  });

  it('names the sections that the sheets name', () => {
    for (const sheet of SHEETS) {
      const sections = GUIDE.sections.filter(({ sheets }) => sheets?.includes(sheet.id));
      expect([...new Set(sections.map(({ heading }) => heading))].toSorted()).toEqual(sheet.guideSections.toSorted());
    }
  });

  it('answers every command with a step or an erratum', () => {
    const unanswered = BLOCKS.filter((block) => commandsOf(block).length > 0 && !block.steps && !block.errata);
    expect(unanswered).toEqual([]);
  });

  it('answers a command only with steps of the sheets of its section', () => {
    for (const { sheets = [], blocks } of GUIDE.sections)
      for (const step of blocks.flatMap((block) => block.steps ?? []))
        expect(sheets).toContain(step.slice(0, step.indexOf('#')));
  });

  it('has the words and the place of a command that needs no correction', () => {
    // What the guide has for an example, besides [what stands in brackets]; here it is a parameter.
    const examples = ['tatl', 'sommelier'];
    for (const block of BLOCKS.filter(({ errata }) => errata === undefined)) {
      if (!('command' in block)) continue;
      const steps = (block.steps ?? []).map((name) => STEPS.get(name));
      const told = steps.map((step) => step?.command).join('\n');
      const words = block.command.replace(/\[[^\]]*\]/g, '').split(' ');
      const own = words.filter((word) => /^[\w.:/-]*\w$/.test(word) && !examples.includes(word));
      expect(own.filter((word) => !told.includes(word))).toEqual([]);
      const place = /^\((\w+)\)/.exec(block.prompt ?? '')?.[1];
      if (place !== undefined) expect(steps.map((step) => step?.place)).toEqual(steps.map(() => place));
    }
  });

  it('has every component of a row, and no errata but theirs', () => {
    const rows = BLOCKS.filter((block) => block.components !== undefined);
    expect(rows).toHaveLength(new Set(COMPONENTS.flatMap(({ guideRow }) => guideRow ?? [])).size);
    const described = rows.flatMap(({ components = [] }) => components);
    const halves = COMPONENTS.filter(({ guideRow }) => guideRow !== undefined);
    expect(described.toSorted()).toEqual(halves.map(({ id }) => id).toSorted());
    for (const { components = [], errata = [] } of rows) {
      const theirs = COMPONENTS.filter(({ id }) => components.includes(id)).flatMap((one) => one.errata ?? []);
      expect(theirs).toEqual(expect.arrayContaining([...errata]));
    }
  });

  it('is the one that was compared with the guide: check-guide finds nothing in a copy with this seal', () => {
    const definitions = Object.entries(GUIDE.definitions).map(([label, url]) => ({ label, url }));
    expect(sealOf(GUIDE.sections, definitions)).toBe(GUIDE.seal);
    expect(new Date(GUIDE.checked).toISOString()).toBe(`${GUIDE.checked}T00:00:00.000Z`);
  });

  it('has every erratum of the guide itself', () => {
    // e33 is about documents that the guide leads to.
    const named = new Set(BLOCKS.flatMap((block) => block.errata ?? []));
    expect(ERRATA.map(({ id }) => id).filter((id) => !named.has(id))).toEqual(['e33-concierge-client']);
  });
});

/** A copy of the guide with stand-ins for its sentences, and the index with the fingerprints of those. */
const COPY = renderGuide(GUIDE);
const INDEX = withFingerprintsOf(COPY, GUIDE);
const check = (text: string): Finding[] => checkGuide(text, INDEX, CONTENT);

it('finds nothing in the guide as it is', () => {
  expect(check(COPY)).toEqual([]);
  expect(check(COPY.replaceAll('\n', '\r\n'))).toEqual([]);
});

it('finds nothing but the sentences in a copy with other sentences', () => {
  const sentences = BLOCKS.filter((block) => 'text' in block || ('command' in block && block.comment));
  expect(checkGuide(COPY, GUIDE, CONTENT).map(({ kind }) => kind)).toEqual(sentences.map(() => 'text'));
});

/** The part of the copy from one heading to another. */
const part = (from: string, to: string): string => COPY.slice(COPY.indexOf(from), COPY.indexOf(to));
const SSH = part('### Container via SSH', '## Where to find logs');
const KERNEL = part('#### Deploying a new kernel', '### Container changes');
const row = (name: string): string => COPY.split('\n').find((line) => line.startsWith(`| ${name} |`)) ?? '';
const workon = '```bash\n(outside) $ cros workon --board=${BOARD} start termina-dlc\n```';
const emerge = '```bash\n(outside) $ cros_sdk emerge-${BOARD} termina-dlc\n```';

/** What is edited, the text before and after, and the one finding that must come of it. */
const EDITS: readonly (readonly [string, string, string, Finding['kind'], string])[] = [
  ['a row renamed', '| maitred |', '| maitre_d |', 'row', 'Name: maitre_d'],
  ['a row gone', `${row('vm_syslog')}\n`, '', 'row', 'vm_syslog'],
  ['a row added', row('LXD'), `| incus | Termina | [incus] | app-emulation/incus |\n${row('LXD')}`, 'row', 'incus'],
  [
    'what a row affects',
    '| Host, Termina | [platform2/vm_tools/syslog]',
    '| Host | [platform2/vm_tools/syslog]',
    'row',
    'Affects: Host',
  ],
  ['an ebuild', 'dev-rust/s9', 'dev-rust/p9', 'row', 'ebuild: dev-rust/p9'],
  ['an ebuild more', 'chromeos-base/chunnel,', 'chromeos-base/chunnel, chromeos-base/chunneld,', 'row', 'chunneld'],
  ['a repository', '| [platform/tremplin] |', '| [platform/tremplin2] |', 'row', 'Repo: [platform/tremplin2]'],
  ['a row moved', `${row('LXD')}\n${row('maitred')}`, `${row('maitred')}\n${row('LXD')}`, 'row', 'another place'],
  ['a column renamed', '| ebuild |', '| Package |', 'row', 'Package'],
  ['a board', 'export GUEST_BOARD=tael', 'export GUEST_BOARD=tael64', 'row', 'tael64'],
  [
    'a board added',
    row('`aarch64`'),
    `${row('`aarch64`')}\n| \`riscv64\` | \`(outside) $ export GUEST_BOARD=tarv\` |`,
    'row',
    'riscv64',
  ],
  [
    'the address of a repository',
    'https://github.com/lxc/lxd',
    'https://github.com/canonical/lxd',
    'link',
    'canonical',
  ],
  ['a definition gone', '[APT]: https://en.wikipedia.org/wiki/APT_(software)\n', '', 'link', 'APT'],
  ['a link in a text', 'developer-guide/#Select-a-board', 'developer-guide/#select-a-board', 'link', '#select-a-board'],
  ['a word of a command', 'cros build-image', 'cros make-image', 'command', 'cros make-image'],
  ['a flag of a command', '--restart-services\n', '--restart\n', 'command', '--restart'],
  ['a command gone', emerge, '', 'command', 'nothing'],
  ['a command added', emerge, `${emerge}\n\n\`\`\`bash\n$ cros ping\n\`\`\``, 'command', '$ cros ping'],
  ['a place', '(penguin) $ apt', '(termina) $ apt', 'command', '(termina) $'],
  ['a prompt', '(outside) $ cros build-packages', '(inside) $ cros build-packages', 'command', '(inside) $'],
  ['a prompt repaired', '(outside) cros workon', '(outside) $ cros workon', 'command', '(outside) $ cros workon'],
  ['an erratum settled', 'grep \\.text) |', 'grep \\.text |', 'command', 'grep \\.text |'],
  ['two commands swapped', `${workon}\n\n${emerge}`, `${emerge}\n\n${workon}`, 'command', 'another place'],
  ['a command in a text', '8ed1ac1577ec8027 `uname -m`', '8ed1ac1577ec8027 `uname -p`', 'command', 'uname -p'],
  ['a command in a list', 'systemctl restart ssh`', 'systemctl restart sshd`', 'command', 'restart sshd'],
  ['a path', '`/var/log/messages`', '`/var/log/syslog`', 'text', '/var/log/syslog'],
  ['a port', '`22` `8222`', '`22` `9222`', 'text', '`9222`'],
  ['a kernel', '`6.1`', '`6.12`', 'text', '`6.12`'],
  ['a sentence', 'Words 2c2451cf7835a355', 'Other words', 'text', 'Other words'],
  ['a paragraph gone', 'Words 1e5e1f6a4321093c\n', '', 'text', 'nothing'],
  ['a comment', '# comment c2762add8ad3e630', '# for Termina', 'text', '# for Termina'],
  ['a section renamed', '## Remote Access', '## Access from afar', 'section', 'Access from afar'],
  ['a level', '##### Sommelier', '#### Sommelier', 'section', 'level 4'],
  ['a section gone', SSH, '', 'section', 'nothing'],
  [
    'a section added',
    SSH,
    `### Container via RDP\n\n\`\`\`\nsudo apt install xrdp\n\`\`\`\n\n${SSH}`,
    'section',
    'RDP',
  ],
  ['a section moved', COPY, COPY.replace(KERNEL, '').replace(SSH, KERNEL + SSH), 'section', 'another place'],
];

it.each(EDITS)('finds %s', (_, before, after, kind, said) => {
  const edited = COPY.replace(before, () => after);
  expect(edited).not.toBe(COPY);
  const findings = check(edited);
  expect(findings.map((finding) => [finding.kind, `${finding.what}: ${finding.guide}`])).toEqual([
    [kind, expect.stringContaining(said)],
  ]);
});

describe('whatever is edited', () => {
  const characters = [...COPY.matchAll(/\S/g)].map((match) => match.index);
  const lines = COPY.split('\n');
  const written = [...lines.keys()].filter((at) => lines[at]?.trim() !== '');

  const isRuler = (at: number): boolean =>
    /^[|-]*$/.test(COPY.slice(COPY.lastIndexOf('\n', at) + 1, COPY.indexOf('\n', at)));

  it('a changed character is found', () => {
    fc.assert(
      fc.property(fc.constantFrom(...characters), fc.constantFrom('x', 'Q', '7', '-', '`', '|'), (at, other) => {
        // A table's second row may have any number of dashes.
        fc.pre(COPY.charAt(at) !== other && !(isRuler(at) && '-|'.includes(other)));
        expect(check(COPY.slice(0, at) + other + COPY.slice(at + 1))).not.toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it('a line that is gone or stands twice is found', () => {
    fc.assert(
      fc.property(fc.constantFrom(...written), fc.constantFrom(0, 2), (at, times) => {
        const edited = lines.flatMap((line, index) => (index === at ? Array<string>(times).fill(line) : [line]));
        expect(check(edited.join('\n'))).not.toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});
