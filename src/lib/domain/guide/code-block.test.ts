import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fingerprint } from '../fingerprint.ts';
import { readCodeBlock, splitPrompt } from './code-block.ts';

const read = (text: string): ReturnType<typeof readCodeBlock> =>
  readCodeBlock(text.split('\n').map((one, index) => ({ text: one, line: index + 1 })));

it.each([
  ['$ pour', '$', 'pour'],
  ['(inside) $ pour', '(inside) $', 'pour'],
  ['(outside) $ pour', '(outside) $', 'pour'],
  ['(outside)$ pour', '(outside) $', 'pour'],
  ['(outside) pour', '(outside)', 'pour'],
  ['(outside) # think', '(outside)', '# think'],
  ['(device) # pour', '(device) #', 'pour'],
  ['(termina) # pour', '(termina) #', 'pour'],
  ['(penguin) $ pour', '(penguin) $', 'pour'],
  ['  (penguin)', '(penguin)', ''],
  ['pour', '', 'pour'],
  ['# think', '', '# think'],
  ['$CUP/pour', '', '$CUP/pour'],
  ['(cd cup && pour)', '', '(cd cup && pour)'],
])('the prompt of %j is %j', (line, prompt, rest) => {
  expect(splitPrompt(line)).toEqual({ prompt, rest });
});

it.each<[string, string, object[]]>([
  ['a command', '(inside) $ pour   tea', [{ prompt: '(inside) $', command: 'pour tea', line: 1 }]],
  ['one without a prompt', '\n  pour tea\n', [{ command: 'pour tea', line: 2 }]],
  [
    'a backslash',
    '$ pour \\\n    --hot \\\n  tea\nsip',
    [
      { prompt: '$', command: 'pour --hot tea', line: 1 },
      { command: 'sip', line: 4 },
    ],
  ],
  [
    'an escaped backslash',
    'echo \\\\\nsip',
    [
      { command: 'echo \\\\', line: 1 },
      { command: 'sip', line: 2 },
    ],
  ],
  ['a backslash at the end', 'pour \\', [{ command: 'pour \\', line: 1 }]],
  ['an open quote', "sh -c 'pour  a\n  b' c", [{ command: "sh -c 'pour  a\n  b' c", line: 1 }]],
  [
    'a quote that never closes',
    "pour don't\nsip",
    [
      { command: "pour don't", line: 1 },
      { command: 'sip', line: 2 },
    ],
  ],
  [
    'a pipe, && and ||',
    'a |\n b &&\nc ||\nd\ne',
    [
      { command: 'a | b && c || d', line: 1 },
      { command: 'e', line: 5 },
    ],
  ],
  [
    'a pipe before a prompt',
    'a |\n$ b',
    [
      { command: 'a |', line: 1 },
      { prompt: '$', command: 'b', line: 2 },
    ],
  ],
  [
    'a comment behind it',
    'pour tea   # hot,  of course',
    [{ command: 'pour tea', comment: fingerprint('hot, of course'), line: 1 }],
  ],
  ['no comment in a word or a quote', 'pour a#b "# c" \\# d', [{ command: 'pour a#b "# c" \\# d', line: 1 }]],
  [
    'a comment that ends in a backslash',
    'pour # on \\\nsip',
    [
      { command: 'pour', comment: fingerprint('on \\'), line: 1 },
      { command: 'sip', line: 2 },
    ],
  ],
  [
    'quotes in a comment of its own',
    "# don't 42\npour",
    [
      { text: fingerprint("don't `"), literals: ['42'], links: [], line: 1 },
      { command: 'pour', line: 2 },
    ],
  ],
  [
    'a comment after a prompt',
    '(outside) # wait',
    [{ text: fingerprint('(outside) wait'), literals: [], links: [], line: 1 }],
  ],
  [
    'the quotes of the guide',
    `cut -d "\\"" -f2) | awk 'NR==3'  | x`,
    [{ command: `cut -d "\\"" -f2) | awk 'NR==3' | x`, line: 1 }],
  ],
  ['blank lines', '\n \n', []],
])('reads %s', (_, text, expected) => {
  expect(read(text)).toEqual(expected);
});

it('never throws, and gives a block for every line that is more than a mark', () => {
  const line = fc.array(
    fc.oneof(
      fc.constantFrom('$ ', '(device) # ', '\\', "'", '"', '#', ' | ', '&&', 'word'),
      fc.string({ maxLength: 4 }),
    ),
  );
  fc.assert(
    fc.property(fc.array(line.map((parts) => parts.join('').replaceAll('\n', ''))), (lines) => {
      const blocks = read(lines.join('\n'));
      for (const block of blocks) expect(lines[block.line - 1]?.trim()).not.toBe('');
      expect(blocks.map((block) => block.line)).toEqual(
        [...new Set(blocks.map((block) => block.line))].toSorted((a, b) => a - b),
      );
    }),
  );
});
