import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { templateParameters } from '../../src/lib/domain/template.ts';
import {
  COMMANDS,
  MARKS,
  PROGRAMS,
  type Render,
  anyValues,
  filesOf,
  inlined,
  sandboxed,
  traceLines,
  unmark,
  valuesOf,
  withVariables,
} from './recorder/commands.ts';
import { type Case, trace } from './recorder/recorder.ts';

/*
 * Every command of the catalogue, with values that shells make something of, inlined and with variables, must lead to
 * the same argument vectors at the far end of every quoting level as with values that are plain words, those replaced.
 */

/** A case for every command, each with a value for every parameter. */
const cases = (render: Render, texts: Readonly<Record<string, string>>): Case[] =>
  COMMANDS.map(({ template }) => ({
    script: render(sandboxed(template), valuesOf(texts)),
    files: filesOf(texts, template),
  }));

/** What every command leads to with marks as values, by what its programs end with. */
const marked = Promise.all([
  trace(cases(inlined, MARKS), { status: 0, programs: PROGRAMS }),
  trace(cases(inlined, MARKS), { status: 1, programs: PROGRAMS }),
]);

it('the recorders see every value of every command', async () => {
  const traces = await marked;
  const unseen = COMMANDS.flatMap(({ name, template }, index) => {
    const seen = traces.flatMap((list) => (list[index] ? traceLines(list[index]) : [])).join('\n');
    return templateParameters(template)
      .filter((id) => !seen.includes(`Q${id}`))
      .map((id) => `${name}: ${id}`);
  });
  expect(unseen).toEqual([]);
});

it('the recorders notice what is not quoted', async () => {
  const value = "a 'b' $(c)";
  const [trace1] = await trace([{ script: `cat ${value}`, files: [] }], { status: 0, programs: [] });
  expect(trace1?.commands).not.toContainEqual(['cat', value]);
});

it('every value reaches the far end as it is, inlined and with variables', async () => {
  const expected = await marked;
  await fc.assert(
    fc.asyncProperty(anyValues, fc.constantFrom(0, 1), async (texts, status) => {
      const both = [...cases(inlined, texts), ...cases(withVariables, texts)];
      const traces = await trace(both, { status, programs: PROGRAMS });
      for (const [index, actual] of traces.entries()) {
        const wanted = expected[status][index % COMMANDS.length];
        if (!wanted) throw new Error('every command has a trace');
        const name = COMMANDS[index % COMMANDS.length]?.name;
        expect(traceLines(actual), `${name}: ${both[index]?.script}`).toEqual(
          traceLines(wanted, (text) => unmark(text, texts)),
        );
      }
    }),
    { numRuns: 6, endOnFailure: true },
  );
}, 180_000);

it('bash can parse every command, whatever the values are, on both architectures', () => {
  fc.assert(
    fc.property(anyValues, fc.constantFrom('tatl', 'tael'), (texts, guestBoard) => {
      const all = [inlined, withVariables].flatMap((render) => cases(render, { ...texts, guestBoard }));
      const input = all.map(({ script }, index) => `f${index}() {\n${script}\n}\n`).join('');
      expect(spawnSync('bash', ['-n'], { input, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    }),
    { numRuns: 10, endOnFailure: true },
  );
});
