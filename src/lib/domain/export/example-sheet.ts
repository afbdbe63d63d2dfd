import type { PlaceInfo, PlaceInfos } from '../place.ts';
import { resolveParameters } from '../resolve.ts';
import type { Parameter, Sheet } from '../sheet.ts';
import type { SheetExport } from './sheet-export.ts';

/** A made-up sheet for the tests of this folder, with one of everything; its commands need only a shell. */
const SHEET: Sheet = {
  id: 'example',
  title: 'Try everything',
  summary: 'For tests: a step of each kind.',
  guideSections: [],
  kind: 'sequence',
  steps: [
    {
      id: 'first',
      title: 'Say the words',
      place: 'outside',
      command: "printf '<%s>' {words...} {file}; echo",
      why: 'It *shows* what vm_a and _b_ are.',
      requires: [
        { text: 'A shell.', check: { place: 'outside', command: 'echo {file}', expect: 'The file.', matches: '.' } },
        { text: 'Nothing else.' },
      ],
      checks: [{ place: 'device', command: 'cat {file}', expect: 'The words.', matches: '.' }],
      pitfalls: [{ symptom: "it's `wrong` $HOME", remedy: 'Try again.' }],
      undo: { place: 'outside', command: 'rm {file}' },
      errata: ['e1'],
    },
    {
      id: 'second',
      title: 'Break something',
      place: 'device',
      command: "printf '<%s>' {file} $(echo far); exit {code}",
      why: 'To see how it ends.',
      interrupts: 'Everything.',
      warning: 'Everybody can see it.',
      pitfalls: [{ symptom: 'It ends.', remedy: 'That is right.' }],
    },
    {
      id: 'third',
      title: 'Only now and then',
      place: 'outside',
      command: 'echo third',
      why: 'Rarely.',
      onlyIf: 'It is late.',
    },
    { id: 'fourth', title: 'Talk', place: 'device', command: 'cat', why: 'To talk.', interactive: true },
  ],
};

export const EXAMPLE_PARAMETERS: readonly Parameter[] = [
  { id: 'words', label: 'Words', type: 'packages', help: '', example: 'a b', variable: 'WORDS' },
  { id: 'file', label: 'File', type: 'path', help: '', example: '/tmp/x', variable: 'FILE' },
  { id: 'code', label: 'Exit code', type: 'program', help: '', example: '0', variable: 'CODE' },
];

const here: PlaceInfo = { label: 'Here', shortName: 'here', prompt: '(here) $', what: '', enter: null };
const there: PlaceInfo = {
  label: 'There',
  shortName: 'there',
  prompt: '(there) #',
  what: '',
  enter: { run: 'sh -c {{ {step} }}', talk: 'bash -c {{ {step} }}' },
};
const PLACES: PlaceInfos = { outside: here, inside: there, device: there, termina: there, penguin: there };

/** The sheet with these values. */
export function exampleExport(typed: Readonly<Record<string, string>>, sheet: Partial<Sheet> = {}): SheetExport {
  return {
    sheet: { ...SHEET, ...sheet },
    values: resolveParameters(EXAMPLE_PARAMETERS, { facts: {}, typed }),
    places: PLACES,
    errata: [
      { id: 'e1', guideSays: 'Left.', correct: 'Right.', checked: 'source' },
      { id: 'e2', guideSays: 'Not named.', correct: 'Never.', checked: 'source' },
    ],
    device: ['board eve', 'version 1\nrm -rf /'],
  };
}
