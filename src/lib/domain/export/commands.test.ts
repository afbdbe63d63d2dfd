import { expect, it } from 'vitest';
import { renderSheet } from '../render-sheet.ts';
import { sheetCommands } from './commands.ts';
import { exampleExport } from './example-sheet.ts';

const commands = (typed: Record<string, string>, style: 'inlined' | 'exports'): string | undefined => {
  const { sheet, values, places } = exampleExport(typed, { steps: exampleExport({}).sheet.steps.slice(0, 2) });
  return sheetCommands(renderSheet(sheet, values, style), places);
};

it('lists the commands, each below its Place', () => {
  expect(commands({ words: 'a b', file: '/tmp/x', code: '0' }, 'inlined')).toBe(
    `# (here) Say the words\nprintf '<%s>' a b /tmp/x; echo\n\n# (there) Break something\nprintf '<%s>' /tmp/x $(echo far); exit 0\n`,
  );
});

it('sets variables first in script style', () => {
  expect(commands({ words: 'a', file: '/tmp/x', code: '0' }, 'exports')).toMatch(
    /^# \(here\) Set once\n.*FILE=.*\n\n# \(there\) Set once\n.*\n\n# \(here\) Say the words\n/s,
  );
});

it('gives nothing while a value is missing', () => {
  expect(commands({ words: 'a' }, 'inlined')).toBeUndefined();
  expect(commands({ words: 'a' }, 'exports')).toBeUndefined();
});
