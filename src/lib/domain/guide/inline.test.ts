import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readInline } from './inline.ts';

it.each<[string, string, string[], string[]]>([
  ['plain words', 'plain words', [], []],
  ['run `pour  tea\n -f` now', 'run ` now', ['pour tea -f'], []],
  ['``a ` b`` and `c`', '` and `', ['a ` b', 'c'], []],
  ['an open ` stays', 'an open ` stays', [], []],
  ['see [the cup](/cups/#one) there', 'see the cup there', [], ['/cups/#one']],
  ['see [cup](https://a.example/x_(y)) there', 'see cup there', [], ['https://a.example/x_(y)']],
  ['![a `cup`](cup.png "Cup")', 'a `', ['cup'], ['cup.png']],
  ['the [pot\\_1][pot] and [Pot][] and [pot_2]', 'the pot_1 and Pot and pot_2', [], ['[pot]', '[Pot]', '[pot_2]']],
  ['at <https://a.example/b?c=d>.', 'at `.', [], ['https://a.example/b?c=d']],
  ['at https://a.example/b, or', 'at `, or', [], ['https://a.example/b']],
  ['a [bracket', 'a [bracket', [], []],
  ['port 8222, kernel 6.1. Two x86 or 3d', 'port `, kernel `. Two x86 or 3d', ['8222', '6.1'], []],
  ['/etc/pot/lid.conf. ~root/.tea/leaves and/or', '`. ` and/or', ['/etc/pot/lid.conf', '~root/.tea/leaves'], []],
  ["without '--user-root' or --board=x.", "without '`' or `.", ['--user-root', '--board=x'], []],
  ['replace POT_HASH and $CUP_1 by hand', 'replace ` and ` by hand', ['POT_HASH', '$CUP_1'], []],
  ['Restart: sudo systemctl restart pot.', 'Restart: `.', ['sudo systemctl restart pot'], []],
  ['with sudo', 'with sudo', [], []],
  ['cros\\_im and \\`x\\`', 'cros_im and `x`', [], []],
])('%j', (markdown, prose, literals, links) => {
  expect(readInline(markdown)).toEqual({ prose, literals, links });
});

const piece = fc.oneof(
  fc.constantFrom('`', '``', '[', ']', '](', ')', '][', '<https://', '>', '\\', ' ', '\n', '/a/b', '8', '--x', 'sudo '),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
const markdown = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(''));

it('never throws, and reads the same however it is wrapped', () => {
  fc.assert(
    fc.property(markdown, fc.constantFrom('\n', '\r\n', '  ', ' \n\t'), (text, gap) => {
      expect(readInline(text.replace(/\s+/g, gap))).toEqual(readInline(text));
    }),
  );
});
