import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sheet } from './sheet.ts';
import { findSheets } from './sheet-search.ts';

const step = (id: string, title: string, command: string) =>
  ({ id, title, command, place: 'device', why: '' }) as const;

const SHEETS: readonly Sheet[] = [
  {
    id: 'host',
    title: 'Change a host service',
    summary: 'For what runs on ChromeOS itself.',
    guideSections: ['Host service changes'],
    kind: 'sequence',
    steps: [step('build', 'Build it', 'cros_sdk emerge-{board}'), step('again', 'Restart', 'stop vm_concierge')],
  },
  {
    id: 'shell',
    title: 'A shell in termina',
    summary: 'As root or as chronos.',
    guideSections: [],
    kind: 'choice',
    steps: [step('root', 'As root', 'vsh --user=root'), step('chronos', 'As chronos', 'vsh')],
  },
];

const found = (query: string): string[] =>
  findSheets(SHEETS, query).map(({ sheet, steps }) => [sheet.id, ...steps.map(({ id }) => id)].join(' '));

describe('findSheets', () => {
  it('finds all of them for nothing', () => {
    expect(found('  ')).toEqual(['host', 'shell']);
  });

  it('needs no step for what the head says, in any case and order', () => {
    expect(found('SERVICE change')).toEqual(['host']);
    expect(found('chronos')).toEqual(['shell']);
  });

  it('names the steps that hold the rest', () => {
    expect(found('concierge host')).toEqual(['host again']);
    expect(found('vsh')).toEqual(['shell root chronos']);
    expect(found('emerge concierge')).toEqual(['host build again']);
  });

  it('drops a sheet that lacks one word', () => {
    expect(found('concierge termina')).toEqual([]);
  });

  it('keeps the order of the sheets, and finds fewer with more words', () => {
    const word = fc.constantFrom('change', 'vsh', 'root', 'host', 'emerge', 'zzz', 'a', '');
    fc.assert(
      fc.property(fc.array(word), word, (words, another) => {
        const few = findSheets(SHEETS, [...words, another].join(' ')).map(({ sheet }) => sheet);
        const many = findSheets(SHEETS, words.join(' ')).map(({ sheet }) => sheet);
        expect(many).toEqual(expect.arrayContaining(few));
        expect(few).toEqual(SHEETS.filter((sheet) => few.includes(sheet)));
      }),
    );
  });
});
