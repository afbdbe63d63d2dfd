import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ERRATA } from '../../src/lib/catalog/errata.ts';
import { PARAMETERS } from '../../src/lib/catalog/parameters.ts';
import { PLACE_INFO } from '../../src/lib/catalog/places.ts';
import { SHEETS } from '../../src/lib/catalog/sheets.ts';
import { sheetScript } from '../../src/lib/domain/export/bash.ts';
import { quoteWord } from '../../src/lib/domain/quote.ts';
import { renderCommand } from '../../src/lib/domain/resolve.ts';
import type { Sheet, Step } from '../../src/lib/domain/sheet.ts';
import { MARKS, PROGRAMS, anyValues, filesOf, sandboxed, traceLines, unmark, valuesOf } from './recorder/commands.ts';
import { type Trace, trace } from './recorder/recorder.ts';

/*
 * Every step of every exported script, run by a bash that records: the step's command must see, in its Place, what it
 * sees when it is typed there, after exactly the commands that lead to that Place.
 */

type Texts = Readonly<Record<string, string>>;

const script = (sheet: Sheet, texts: Texts): string =>
  sheetScript({ sheet, values: valuesOf(texts), places: PLACE_INFO, errata: ERRATA, device: ['board eve'] });

const STEPS = SHEETS.flatMap((sheet) => {
  const steps = sheet.steps.map((step) => ({ ...step, command: sandboxed(step.command) }));
  return steps.map((step) => ({ sheet: { ...sheet, steps }, step }));
});

/** What leads to a step's Place, as recorders see it. A command that goes in as input or as code is left out. */
function wayIn({ place, interactive }: Step, { device = '', vm, ownerHash, container }: Texts): string[][] {
  if (place === 'outside') return [];
  if (place === 'inside')
    return interactive
      ? [['printf', '%s'], ['base64', '-w0'], ['cros_sdk'], ['sh', '-c'], ['base64', '-d']]
      : [['printf', '%s\\n'], ['cros_sdk'], ['sh']];
  const ssh = ['ssh', interactive ? '-t' : '-n', device];
  if (place === 'device') return [ssh];
  const user = place === 'termina' ? '--user=root' : `--target_container=${container}`;
  return [ssh, ['vsh', `--vm_name=${vm}`, `--owner_id=${ownerHash}`, user], ['sh', '-c']];
}

/** What a script says when a step fails. */
function report({ id, pitfalls = [] }: Step, status: string): string[][] {
  const words = ['printf', '\\nStep "%s" failed with exit status %s.\\n', id, status];
  return status === '0' ? [] : [words, ...(pitfalls.length > 0 ? [['cat']] : [])];
}

/** The records of a script without those of the command itself. */
function without(all: readonly string[], own: readonly string[]): string[] {
  const rest = [...all];
  for (const line of own) {
    const index = rest.indexOf(line);
    expect(index, `${line} in ${all.join('\n')}`).toBeGreaterThanOrEqual(0);
    rest.splice(index, 1);
  }
  return rest;
}

const marked = trace(
  STEPS.map(({ step }) => ({
    script: renderCommand(step.command, valuesOf(MARKS)).line ?? '',
    files: filesOf(MARKS, step.command),
  })),
  { status: 0, programs: PROGRAMS },
);

function expectStep({ step }: (typeof STEPS)[number], actual: Trace, wanted: Trace, texts: Texts): void {
  const rest = without(
    traceLines(actual),
    traceLines(wanted, (text) => unmark(text, texts)),
  );
  const entry = rest.map((line) => {
    const words = JSON.parse(line) as string[];
    return words[0] === 'printf' && words[1]?.startsWith('%s') ? words.slice(0, 2) : words;
  });
  const title = ['printf', '\\n%s\\n', `${PLACE_INFO[step.place].prompt} ${step.title}`];
  expect(entry.map((words) => JSON.stringify(words)).toSorted(), step.id).toEqual(
    [title, ...wayIn(step, texts), ...report(step, wanted.commands.at(-1)?.[1] ?? '')]
      .map((words) => JSON.stringify(words))
      .toSorted(),
  );
}

it.each([
  ['with its values in it', (sheet: Sheet, texts: Texts) => script(sheet, texts)],
  [
    'with values from the environment',
    (sheet: Sheet, texts: Texts) =>
      [...PARAMETERS.map((one) => `export ${one.variable}=${quoteWord(texts[one.id] ?? '')}`), script(sheet, {})].join(
        '\n',
      ),
  ],
])(
  'every step of a script reaches its Place, %s',
  async (_, make) => {
    const wanted = await marked;
    await fc.assert(
      fc.asyncProperty(anyValues, async (texts) => {
        const cases = STEPS.map(({ sheet, step }) => ({
          script: `set -- --yes ${step.id}\n${make(sheet, texts)}`,
          files: filesOf(texts, step.command),
        }));
        const traces = await trace(cases, { status: 0, programs: PROGRAMS });
        for (const [index, entry] of STEPS.entries()) {
          const [is, was] = [traces[index], wanted[index]];
          if (!is || !was) throw new Error('every step has a trace');
          expectStep(entry, is, was, texts);
        }
      }),
      { numRuns: 3, endOnFailure: true },
    );
  },
  180_000,
);

/** Programs whose answer a later command of a step computes with. */
const ANSWERING = `awk() { record awk "$@"; builtin printf 1000; }
getconf() { record getconf "$@"; builtin printf 4096; }`;

/** A whole script with these answers on its input, one a line. */
const answered = (sheet: Sheet, texts: Texts, args: readonly string[], answers: readonly string[]): string =>
  `${ANSWERING}\nset -- ${args.join(' ')}\n{\n${script(sheet, texts)}\n} <<<${quoteWord(answers.join('\n'))}`;

/** The records of a whole script, cut before each title: the title, then everything of its step. */
function byTitle({ commands }: Trace): { title: string; records: string[] }[] {
  const starts = commands.flatMap(([name, format], at) => (name === 'printf' && format === '\\n%s\\n' ? [at] : []));
  return starts.map((at, index) => ({
    title: commands[at]?.[2] ?? '',
    records: commands.slice(at + 1, starts[index + 1]).map((words) => JSON.stringify(words)),
  }));
}

it('a whole script runs the steps of its sheet in order, but for those that nobody needs', async () => {
  const wanted = await marked;
  const sheets = SHEETS.map(({ id }) => {
    const entries = STEPS.flatMap(({ sheet, step }, index) => (sheet.id === id ? [{ sheet, step, index }] : []));
    // Of choices all are named, from the last to the first, and then none is asked for its need.
    const isChoice = entries[0]?.sheet.kind === 'choice';
    const order = isChoice ? entries.toReversed() : entries;
    const isLeftOut = (step: Step): boolean => !isChoice && step.onlyIf !== undefined;
    return { isChoice, order, isLeftOut };
  });
  const traces = await trace(
    sheets.map(({ isChoice, order, isLeftOut }) => {
      const [first] = order;
      if (!first) throw new Error('a sheet has steps');
      const asks = order.filter(
        ({ step }) => isLeftOut(step) || (step.interrupts ?? step.warning) !== undefined || step.interactive,
      );
      return {
        script: answered(
          first.sheet,
          MARKS,
          isChoice ? order.map(({ step }) => step.id) : [],
          asks.map(({ step }) => (isLeftOut(step) ? 'n' : 'y')),
        ),
        files: filesOf(MARKS, order.map(({ step }) => step.command).join('\n')),
      };
    }),
    { status: 0, programs: PROGRAMS },
  );
  for (const [at, { order, isLeftOut }] of sheets.entries()) {
    const actual = traces[at];
    if (!actual) throw new Error('every sheet has a trace');
    const parts = byTitle(actual);
    expect(parts.map(({ title }) => title)).toEqual(
      order.map(({ step }) => `${PLACE_INFO[step.place].prompt} ${step.title}`),
    );
    for (const [index, { step, index: own }] of order.entries()) {
      const records = parts[index]?.records ?? [];
      // The last record is the end, which says the same of the whole script below.
      const commands = wanted[own]?.commands.slice(0, -1).map((words) => JSON.stringify(words)) ?? [];
      if (isLeftOut(step)) {
        const question = JSON.stringify(['printf', '%s [y/N] ', `${step.onlyIf} Do it?`]);
        expect(records.filter((line) => line !== '["exit","0"]')).toEqual([question]);
      } else without(records, commands);
    }
    expect(actual.commands.at(-1)).toEqual(['exit', '0']);
  }
});

it.each([
  ['debug-host', ['n', '212', 'y', 'n'], 'gdb-QboardQ'],
  ['debug-container', ['n', '212', 'y', 'n'], 'gdb-QguestBoardQ'],
])('%s asks for the process only after it was looked for', async (id, answers, debuggerName) => {
  const sheet = SHEETS.find((one) => one.id === id);
  if (!sheet) throw new Error(`no sheet ${id}`);
  const { pid: _, ...known } = MARKS;
  const [actual] = await trace([{ script: answered(sheet, known, [], answers), files: [] }], {
    status: 0,
    programs: PROGRAMS,
  });
  const names = actual?.commands.map((words) => (words[2] === 'Process id' ? 'question' : words[0]));
  const seen = names?.filter((name) => ['pgrep', 'question', debuggerName].includes(name ?? ''));
  expect(seen).toEqual(['pgrep', 'question', debuggerName]);
  expect(actual?.commands.find(([name]) => name === debuggerName)?.join(' ')).toContain('212');
});

it('shellcheck finds nothing in any script, and is told to look away only line by line', () => {
  const directory = mkdtempSync(join(tmpdir(), 'scripts-'));
  try {
    const example = Object.fromEntries(PARAMETERS.map(({ id, example }) => [id, example]));
    for (const [kind, texts] of Object.entries({ known: example, asked: {} }))
      for (const sheet of SHEETS) writeFileSync(join(directory, `${kind}-${sheet.id}.sh`), script(sheet, texts));
    const run = spawnSync('sh', ['-c', 'shellcheck *.sh'], { cwd: directory, encoding: 'utf8' });
    expect(run).toMatchObject({ status: 0, stdout: '', stderr: '' });
    for (const sheet of SHEETS)
      for (const line of script(sheet, {}).match(/^.*shellcheck .*$/gm) ?? [])
        expect(line).toMatch(/^ +# shellcheck disable=SC\d+(?:,SC\d+)* # \S.*\.$/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
