import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isPasted, readPaste } from './paste.ts';

/** By number, so that nothing here depends on the expression under test. */
const acts = (character: string): boolean => {
  const code = character.charCodeAt(0);
  return (code < 0x20 && code !== 9 && code !== 10 && code !== 13) || (code >= 0x7f && code <= 0x9f);
};

it.each([
  ['echo harmless \x1b[201~; touch /tmp/pwned\n', 'echo harmless [201~; touch /tmp/pwned\n', 1, 1],
  ['\u009b201~reboot\r', '201~reboot\r', 1, 1],
  ['\x03\x04\x1a\x7f\b\0', '', 6, 0],
  ['a\x1b\x1b[201~\x1b[200~b', 'a[201~[200~b', 3, 1],
  // What is left of one that was taken apart cannot make a new one.
  ['\x1b\x00[201~', '[201~', 2, 1],
  ['one\r\ntwo\nthree\rfour', 'one\r\ntwo\nthree\rfour', 0, 4],
  ['a\tb\n\n', 'a\tb\n\n', 0, 2],
  ['é 日本 👩‍👩‍👧 \u00a0\u2028\u200b\ufeff', 'é 日本 👩‍👩‍👧 \u00a0\u2028\u200b\ufeff', 0, 1],
  ['\ud800 alone', '\ud800 alone', 0, 1],
  ['', '', 0, 0],
])('%j is sent as %j', (raw, text, leftOut, lines) => {
  expect(readPaste(raw)).toEqual({ text, leftOut, lines, endsLine: /[\r\n]/.test(text) });
});

it('leaves out each control character but TAB, LF and CR, and nothing else of the BMP', () => {
  const all = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code));
  expect(all.filter((character) => readPaste(character).text !== character)).toEqual(all.filter(acts));
});

const hostile = fc
  .array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\x1b[201~', '\u009b', '\x1b', '\r\n', '\x7f', '\t')))
  .map((pieces) => pieces.join(''));

it('sends of any text the same characters in the same order, without those that act', () => {
  fc.assert(
    fc.property(hostile, (raw) => {
      const { text, leftOut } = readPaste(raw);
      const kept = raw.split('').filter((character) => !acts(character));
      expect(text).toBe(kept.join(''));
      expect(leftOut).toBe(raw.length - kept.length);
      expect(readPaste(text)).toMatchObject({ text, leftOut: 0 });
    }),
  );
});

it('never says of text that ends a line that it can be typed', () => {
  fc.assert(
    fc.property(hostile, (raw) => {
      const { text, endsLine, leftOut } = readPaste(raw);
      expect(endsLine).toBe(text.includes('\r') || text.includes('\n'));
      expect(isPasted(raw)).toBe(endsLine || leftOut > 0 || raw.includes('\t'));
    }),
  );
});
