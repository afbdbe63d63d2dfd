import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkGuideFile } from '../../relay/cli/check-guide.ts';
import { COMPONENTS } from '../../src/lib/catalog/components.ts';
import { GUIDE } from '../../src/lib/catalog/guide.ts';
import { LINKS } from '../../src/lib/catalog/links.ts';
import { SHEETS } from '../../src/lib/catalog/sheets.ts';
import { renderGuide, withFingerprintsOf } from '../../src/lib/domain/guide/testing.ts';

const ROOT = join(import.meta.dirname, '../..');

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line, as `bin` of package.json starts it. */
function cli(...args: string[]): Run {
  return spawnSync(process.execPath, [join(ROOT, 'relay/cli/start.mjs'), ...args], { encoding: 'utf8' });
}

const HASH = '0123456789abcdef0123456789abcdef01234567';
const GUEST_PACKAGE = ['guestBoard=tatl', 'packages=vm_guest_tools tremplin', 'device=dut:2222', `ownerHash=${HASH}`];
const filled = (...more: string[]): string[] => [
  'sheet',
  'guest-package',
  ...GUEST_PACKAGE.flatMap((setting) => ['--set', setting]),
  ...more,
];

beforeAll(() => {
  // Once from nothing, so that the first answer below is that of a build, too.
  rmSync(join(ROOT, 'build/cli'), { recursive: true, force: true });
  expect(cli('--help')).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining('sheet ID') as string });
  expect(readdirSync(join(ROOT, 'build/cli'))).toContain('main.js');
});

it('is a program of the package', () => {
  const { bin } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { bin: Record<string, string> };
  expect(bin).toEqual({ 'crostini-workbench': './relay/cli/start.mjs' });
  const run = spawnSync(join(ROOT, 'relay/cli/start.mjs'), ['sheets'], { encoding: 'utf8' });
  expect(run).toMatchObject({ status: 0, stdout: cli('sheets').stdout });
});

it('npm run adds nothing to the answer', () => {
  const run = spawnSync('npm', ['run', '--silent', 'cli', '--', 'sheets', '--format', 'json'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect(run).toMatchObject({ status: 0, stderr: '' });
  expect(JSON.parse(run.stdout)).toEqual(SHEETS.map(({ id, title, summary, kind }) => ({ id, title, summary, kind })));
});

describe('sheet', () => {
  it('prints the sheet with its values', () => {
    const { status, stdout, stderr } = cli(...filled());
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('(outside) $ cros workon --board=tatl start vm_guest_tools tremplin\n');
    expect(stdout).toContain(`(device) # CROS_USER_ID_HASH=${HASH} vmc start --no-shell termina\n`);
  });

  it('shows what is missing as <name>, and names it on stderr with an example', () => {
    const { status, stdout, stderr } = cli('sheet', 'guest-package', '--set', 'guestBoard=tael');
    expect(status).toBe(0);
    expect(stdout).toContain('cros workon --board=tael start <packages>');
    expect(stderr).toContain('Missing: packages (Guest packages). For example: --set packages=vm_guest_tools\n');
  });

  it('prints a script that bash can run', () => {
    const { stdout } = cli(...filled('--format', 'script'));
    const run = spawnSync('bash', ['--norc', '-c', stdout, 'bash', '--list'], { encoding: 'utf8' });
    expect(run).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining('workon ') as string });
  });

  it('prints Markdown, with each value set once where asked', () => {
    const { stdout } = cli(...filled('--format', 'markdown', '--style', 'exports'));
    expect(stdout).toMatch(/^# Change a guest package\n/);
    expect(stdout.match(/export GUEST_BOARD=tatl\n/g)).toHaveLength(2);
    expect(stdout).toContain('(outside) $ cros workon --board="$GUEST_BOARD" start "${PACKAGE_NAME[@]}"\n');
  });

  it('prints JSON of the shape that is promised', () => {
    const sheet = JSON.parse(cli(...filled('--format', 'json')).stdout) as Record<string, unknown>;
    expect(sheet).toMatchObject({ id: 'guest-package', kind: 'sequence', style: 'inlined', setup: [] });
    expect(Object.keys(sheet)).toEqual(
      expect.arrayContaining(['title', 'summary', 'guideSections', 'parameters', 'missing', 'steps']),
    );
    expect((sheet['parameters'] as unknown[])[0]).toEqual({
      ...{ id: 'guestBoard', label: 'Guest board', type: 'guestBoard', help: expect.any(String) as string },
      ...{ example: 'tatl', variable: 'GUEST_BOARD', value: 'tatl', origin: 'typed' },
    });
    expect((sheet['steps'] as unknown[])[0]).toEqual({
      ...{ id: 'workon', title: expect.any(String) as string, place: 'outside', prompt: '(outside) $' },
      ...{ line: 'cros workon --board=tatl start vm_guest_tools tremplin', missing: [], interactive: false },
      ...{
        onlyIf: null,
        interrupts: null,
        warning: null,
        why: expect.any(String) as string,
        requires: expect.any(Array) as unknown[],
      },
      checks: [
        {
          ...{ place: 'outside', line: expect.stringContaining('cros workon') as string, missing: [] },
          ...{ expect: expect.any(String) as string, matches: expect.any(String) as string },
        },
      ],
      pitfalls: expect.any(Array) as unknown[],
      undo: { place: 'outside', line: 'cros workon --board=tatl stop vm_guest_tools tremplin', missing: [] },
      errata: [],
    });
  });
});

describe('map', () => {
  it('prints what runs where, and what it talks to', () => {
    const { status, stdout } = cli('map');
    expect(status).toBe(0);
    for (const { name } of COMPONENTS) expect(stdout).toContain(`\n${name}`);
    expect(stdout).toMatch(/^HOST\n[^]*\nTERMINA\n[^]*\nCONTAINER\n/);
  });

  it('prints the catalogue as JSON', () => {
    expect(JSON.parse(cli('map', '--format', 'json').stdout)).toEqual({ components: COMPONENTS, links: LINKS });
  });
});

describe('check-guide', () => {
  const directory = mkdtempSync(join(tmpdir(), 'check-guide-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  const copy = (name: string, text: string): string => {
    const path = join(directory, name);
    writeFileSync(path, text);
    return path;
  };
  // The guide is not ours to keep: its facts are here, its sentences are stand-ins, which the check must notice.
  const text = renderGuide(GUIDE);

  it('says what differs, and exits with 1', () => {
    const { status, stdout, stderr } = cli(
      'check-guide',
      copy('guide.md', text.replace('| maitred |', '| maitre_d |')),
    );
    expect([status, stderr]).toEqual([1, '']);
    expect(stdout).toContain('row maitred of "Where does the code live?"\n  guide      Name: maitre_d\n');
    expect(stdout).toMatch(/\n\d+ findings, compared with the guide of \d{4}-\d\d-\d\d\n$/);
  });

  it('says the same as JSON', () => {
    const { status, stdout } = cli('check-guide', copy('guide.md', text), '--format', 'json');
    const findings = JSON.parse(stdout) as Record<string, unknown>[];
    expect([status, new Set(findings.map(({ kind }) => kind))]).toEqual([1, new Set(['text'])]);
    expect(Object.keys(findings[0] ?? {})).toEqual(['kind', 'line', 'what', 'guide', 'catalogue', 'action', 'entry']);
  });

  it('exits with 0 where nothing differs', () => {
    expect(checkGuideFile([copy('guide.md', text)], withFingerprintsOf(text, GUIDE))).toEqual({
      code: 0,
      stdout: `no findings, compared with the guide of ${GUIDE.checked}\n`,
    });
  });

  it('refuses what cannot be the guide', () => {
    expect(cli('check-guide', copy('large.md', 'tea\n'.repeat(200_000)))).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('large.md has more than 500 kB: that is not the guide.') as string,
    });
    expect(cli('check-guide', directory)).toMatchObject({ status: 2, stdout: '' });
  });
});

describe('called wrongly', () => {
  it.each([
    [[], 'crostini-workbench sheets'],
    [['sheep'], 'There is no command "sheep", only sheets, sheet, map, check-guide'],
    [['sheets', '--format', 'xml'], '--format xml is none of text, json. For example: --format text'],
    [['map', '--format', 'dot'], '--format dot is none of text, json.'],
    [['check-guide'], 'Which copy of the guide? For example: crostini-workbench check-guide guide.md'],
    [['check-guide', 'a.md', 'b.md'], 'One file at a time: "b.md" is too much.'],
    [['check-guide', '/no/such/guide.md'], '/no/such/guide.md cannot be read: ENOENT'],
    [['check-guide', 'a.md', '--format', 'xml'], '--format xml is none of text, json.'],
    [['sheet'], 'Which sheet? For example: crostini-workbench sheet guest-package'],
    [['sheet', 'guest-packge'], 'There is no sheet "guest-packge". Did you mean guest-package?'],
    [['sheet', 'nonsense'], 'There is no sheet "nonsense".\n"crostini-workbench sheets" lists them.'],
    [['sheet', 'logs', 'kernel'], 'One sheet at a time'],
    [['sheet', 'logs', '--format', 'toString'], 'is none of text, markdown, script, json.'],
    [['sheet', 'logs', '--style', 'bold'], '--style bold is none of inlined, exports.'],
    [['sheet', 'guest-package', '--set', 'guestbord=tatl'], 'no parameter "guestbord". Did you mean guestBoard?'],
    [['sheet', 'guest-package', '--set', 'zzz=1'], 'uses: guestBoard, packages,'],
    [
      ['sheet', 'guest-package', '--set', 'packages'],
      '--set packages has no value. For example: --set packages=vm_guest_tools',
    ],
    [['sheet', 'guest-package', '--set', 'packages=a', '--set', 'packages=b'], '--set packages is there twice.'],
    [['sheet', 'guest-package', '--set', 'packages=', '--set', 'packages=b'], '--set packages is there twice.'],
    [['sheet', 'guest-package', '--set', 'packages= '], 'packages (Guest packages): The value is empty'],
    [['sheet', 'guest-package', '--set', 'packages=$(x)'], 'packages (Guest packages): "$(x)" is not a package name.'],
    [['sheet', 'guest-package', '--set', 'packages=$(x)'], 'For example: --set packages=vm_guest_tools'],
    [['sheet', 'guest-package', '--frob'], "Unknown option '--frob'"],
  ])('%j', (args, message) => {
    const { status, stdout, stderr } = cli(...args);
    expect(stderr).toContain(message);
    expect([status, stdout]).toEqual([2, '']);
  });
});

it('does not mind a reader that stops early', () => {
  const script = `set -o pipefail; ${process.execPath} ${join(ROOT, 'relay/cli/start.mjs')} map --format json | head -n 1`;
  expect(spawnSync('bash', ['--norc', '-c', script], { encoding: 'utf8' })).toMatchObject({
    status: 0,
    stdout: '{\n',
    stderr: '',
  });
});
