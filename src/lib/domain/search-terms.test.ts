import fc from 'fast-check';
import { expect, it } from 'vitest';
import { searchTerms, stemTerm } from './search-terms.ts';

it.each([
  ['logs', 'log'],
  ['files', 'file'],
  ['copies', 'copy'],
  ['copying', 'copy'],
  ['copied', 'copy'],
  ['debugging', 'debug'],
  ['debugger', 'debug'],
  ['stopped', 'stop'],
  ['attached', 'attach'],
])('%s and %s are one term', (one, other) => {
  expect(stemTerm(one)).toBe(stemTerm(other));
});

it.each(['ssh', 'status', 'less', 'process', 'gdb', 'vm_host_tools', 'dGVybWluYQ=='])('%s keeps its end', (word) => {
  expect(stemTerm(word)).toBe(word.toLowerCase());
});

it('finds a name whole and by its words', () => {
  expect(searchTerms('restart (vm_host_tools), please.')).toEqual([
    'restart',
    'vm_host_tools',
    'please',
    'vm',
    'host',
    'tools',
  ]);
});

it('gives no empty term, whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      for (const term of searchTerms(text)) expect(term).toMatch(/^\S+$/u);
    }),
  );
});
