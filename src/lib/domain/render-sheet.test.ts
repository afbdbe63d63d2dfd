import { expect, it } from 'vitest';
import { renderSheet } from './render-sheet.ts';
import { resolveParameters } from './resolve.ts';
import { QUOTE_FUNCTION } from './shell-variable.ts';
import type { Parameter, Sheet } from './sheet.ts';
import { segmentsText } from './template.ts';

const PARAMETERS: Parameter[] = [
  { id: 'device', label: '', type: 'address', help: '', example: '', variable: 'DUT', from: 'address' },
  { id: 'packages', label: '', type: 'packages', help: '', example: '', variable: 'PACKAGES' },
  { id: 'file', label: '', type: 'path', help: '', example: '', variable: 'FILE' },
];
const SHEET: Sheet = {
  id: 's',
  title: '',
  summary: '',
  guideSections: [],
  kind: 'sequence',
  steps: [
    {
      id: 'a',
      title: '',
      place: 'outside',
      command: 'deploy {device} {packages...}',
      why: '',
      requires: [
        { text: '', check: { place: 'outside', command: 'ls {file}', expect: '', matches: '' } },
        { text: '' },
      ],
      checks: [{ place: 'device', command: 'ls {{ {file} }}', expect: '', matches: '' }],
      undo: { place: 'inside', command: 'rm {device}' },
    },
    { id: 'b', title: '', place: 'penguin', command: 'true', why: '' },
  ],
};
const values = resolveParameters(PARAMETERS, { facts: {}, address: 'dut', typed: { packages: 'a b' } });
const text = (command: { segments: Parameters<typeof segmentsText>[0] }): string => segmentsText(command.segments);

it('inlined, every line stands alone', () => {
  const { setup, steps } = renderSheet(SHEET, values, 'inlined');
  expect(setup).toEqual([]);
  expect(steps.map((step) => step.command.line)).toEqual(['deploy root@dut a b', 'true']);
  expect(steps[0]?.requires.map(({ command }) => text(command))).toEqual(['ls <file>']);
  expect(steps[0]?.checks[0]?.command.missing).toEqual(['file']);
  expect(steps[0]?.undo?.line).toBe('rm root@dut');
  expect(steps[1]?.undo).toBeUndefined();
});

it('with exports, each Place sets once what its commands use', () => {
  const { setup, steps } = renderSheet(SHEET, values, 'exports');
  expect(setup.map(({ place, lines }) => [place, lines.map((line) => [line.parameter, text(line.command)])])).toEqual([
    [
      'outside',
      [
        ['device', 'export DUT=root@dut'],
        ['packages', 'PACKAGES=(a b)'],
        ['file', 'export FILE=<file>'],
      ],
    ],
    ['inside', [['device', 'export DUT=root@dut']]],
    [
      'device',
      [
        ['file', 'export FILE=<file>'],
        [undefined, QUOTE_FUNCTION],
      ],
    ],
  ]);
  expect(steps.map((step) => step.command.line)).toEqual(['deploy "$DUT" "${PACKAGES[@]}"', 'true']);
  expect(text(steps[0]?.checks[0]?.command ?? { segments: [] })).toBe('ls "$(quote "$FILE")"');
});
