import { describe, expect, it } from 'vitest';
import { exampleExport } from './example-sheet.ts';
import { sheetMarkdown } from './markdown.ts';
import { sheetText } from './text.ts';

const exported = exampleExport({ words: 'a b', file: 'x ``` y', code: 'a b' });

describe('sheetMarkdown', () => {
  const markdown = sheetMarkdown(exported, 'inlined');

  it('has title, summary and values, and says what is wrong or missing', () => {
    expect(markdown).toMatch(
      /^# Try everything\n\nFor tests: a step of each kind\.\n\n\*\*Filled for:\*\* a device with /,
    );
    expect(markdown).toContain('- Words: `a b`\n- File: ````x ``` y````\n- Exit code: `a b` ("a b" is not ');
  });

  it('shows a step with everything around it', () => {
    expect(markdown).toContain(
      [
        '## 1. Say the words',
        '',
        '````console',
        "(here) $ printf '<%s>' a b 'x ``` y'; echo",
        '````',
        '',
        '**Why:** It \\*shows\\* what vm_a and \\_b\\_ are.',
        '',
        '**Needs:**',
        '',
        '- A shell.',
        '- Nothing else.',
        '',
        '**See whether it holds:**',
        '',
        '````console',
        "(here) $ echo 'x ``` y'",
        '````',
        '',
        '→ The file.',
        '',
        '**Check:**',
        '',
        '````console',
        "(there) # cat 'x ``` y'",
        '````',
        '',
        '→ The words.',
        '',
        '**What may go wrong:**',
        '',
        "- it's \\`wrong\\` $HOME → Try again.",
        '',
        '**Undo:**',
        '',
        '````console',
        "(here) $ rm 'x ``` y'",
        '````',
        '',
        '**Correction:** The guide: Left. Right: Right. (Read in the source.)',
        '',
        '## 2. Break something',
      ].join('\n'),
    );
    expect(markdown).toContain('**Interrupts:** Everything.');
    expect(markdown).toContain('**Warning:** Everybody can see it.');
    expect(markdown).toContain('**Only if:** It is late.');
    expect(markdown).not.toContain('Not named');
  });

  it('with exports, says first what to set, by Place', () => {
    expect(sheetMarkdown(exported, 'exports')).toContain(
      "**First, once in a shell there (There):**\n\n````console\n(there) # export FILE='x ``` y'\n",
    );
  });
});

describe('sheetText', () => {
  const text = sheetText(exported, 'inlined');

  it('never breaks a command, and breaks prose', () => {
    const long = 'word '.repeat(60).trim();
    const one = exampleExport({ file: long.replaceAll(' ', '-'), words: 'a', code: '0' }, { summary: long });
    const lines = sheetText(one, 'inlined').split('\n');
    expect(lines.filter((line) => line.length > 80).every((line) => line.includes('word-word'))).toBe(true);
    expect(lines.some((line) => line === 'word '.repeat(16).trim())).toBe(true);
  });

  it('shows values in a column and a step with everything around it', () => {
    expect(text).toContain('Words      a b\nFile       x ``` y\nExit code  a b  ("a b" is not ');
    expect(text).toContain(
      "1. Say the words\n----------------\n\n  (here) $ printf '<%s>' a b 'x ``` y'; echo\n\nWhy: It *shows*",
    );
    expect(text).toContain("Check:\n  (there) # cat 'x ``` y'\n  → The words.\n");
  });
});
