import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quotePieces, quoteWord, quoteWords } from './quote.ts';

/** What a real shell makes of a command line: its arguments, one by one. */
function argumentsSeenBy(shell: string, words: string): string[] {
  const printed = execFileSync(shell, ['-c', `printf '%s\\0' ${words}`], { encoding: 'utf8' });
  return printed.split('\0').slice(0, -1);
}

/** Any text an argument vector can carry; lone surrogates cannot leave JavaScript as UTF-8. */
const word = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => !text.includes('\0'));

describe('quoteWord', () => {
  it.each([
    ['garcon', 'garcon'],
    ['chromeos-base/vm_guest_tools', 'chromeos-base/vm_guest_tools'],
    ['--board=tatl', '--board=tatl'],
    ['', "''"],
    ['~', "'~'"],
    ['=ls', "'=ls'"],
    ["it's", "'it'\\''s'"],
    ['$(x)', "'$(x)'"],
  ])('%j becomes %s', (input, output) => {
    expect(quoteWord(input)).toBe(output);
  });

  it('refuses a NUL', () => {
    expect(() => quoteWord('a\0b')).toThrow('NUL');
  });

  it.each(['bash', 'dash'])('survives %s unchanged, whatever it holds', (shell) => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), (words) => {
        expect(argumentsSeenBy(shell, quoteWords(words))).toEqual(words);
      }),
      { numRuns: 60 },
    );
  });

  it('survives the hostile parameter of the issue', () => {
    const hostile = `"; rm -rf / #$(x)\\n'\n\`id\``;
    expect(argumentsSeenBy('bash', quoteWord(hostile))).toEqual([hostile]);
  });
});

describe('quotePieces', () => {
  it('keeps the number of pieces and joins to the quoted word', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), (pieces) => {
        const quoted = quotePieces(pieces);
        expect(quoted).toHaveLength(pieces.length);
        expect(quoted.join('')).toBe(quoteWord(pieces.join('')));
      }),
    );
  });
});
