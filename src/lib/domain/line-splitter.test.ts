import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LINE_MAX, type Line, LineSplitter } from './line-splitter.ts';

function split(...chunks: string[]): Line[] {
  const splitter = new LineSplitter();
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()];
}

const texts = (...chunks: string[]): string[] => split(...chunks).map((line) => line.text);

describe('LineSplitter', () => {
  it.each<[string[], string[]]>([
    [[], []],
    [[''], []],
    [['a\nb\n'], ['a', 'b']],
    [['a\nb'], ['a', 'b']],
    [
      ['a', 'b\n', '\nc'],
      ['ab', '', 'c'],
    ],
    [
      ['a\r\nb\r', '\nc\r'],
      ['a', 'b', 'c'],
    ],
    [['a\rb\r\r\n'], ['a\rb']],
    [['\n\n'], ['', '']],
  ])('%j', (chunks, expected) => {
    expect(texts(...chunks)).toEqual(expected);
  });

  it('gives a line as soon as it ends', () => {
    const splitter = new LineSplitter();
    expect(splitter.push('a\nb')).toEqual([{ text: 'a', cut: 0 }]);
    expect(splitter.push('c\n')).toEqual([{ text: 'bc', cut: 0 }]);
    expect(splitter.end()).toEqual([]);
  });

  it('cuts a line that is too long, says by how much, and goes on after it', () => {
    const long = 'x'.repeat(LINE_MAX + 5);
    expect(split(long.slice(0, 70_000), `${long.slice(70_000)}\r\nnext\n`)).toEqual([
      { text: 'x'.repeat(LINE_MAX), cut: 6 },
      { text: 'next', cut: 0 },
    ]);
    expect(split(`${'x'.repeat(LINE_MAX)}\n`)).toEqual([{ text: 'x'.repeat(LINE_MAX), cut: 0 }]);
  });

  it('takes no longer for a line full of carriage returns', () => {
    const text = `${'\r'.repeat(LINE_MAX - 1)}x\n`;
    const before = performance.now();
    expect(texts(text.repeat(20))).toHaveLength(20);
    expect(performance.now() - before).toBeLessThan(1000);
  });

  it('does not cut a character in half', () => {
    const [line] = split(`${'x'.repeat(LINE_MAX - 1)}\u{1f427}\n`);
    expect(line).toEqual({ text: 'x'.repeat(LINE_MAX - 1), cut: 2 });
  });

  it('gives the same lines however the chunks fall', () => {
    const text = fc.array(fc.oneof(fc.string(), fc.constantFrom('\n', '\r\n', '\r'))).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, fc.array(fc.nat(50)), (whole, sizes) => {
        const chunks = [];
        let rest = whole;
        for (const size of sizes) {
          chunks.push(rest.slice(0, size));
          rest = rest.slice(size);
        }
        expect(split(...chunks, rest)).toEqual(split(whole));
        const expected = whole.split('\n').map((line) => line.replace(/\r+$/, ''));
        expect(texts(whole)).toEqual(whole.endsWith('\n') || whole === '' ? expected.slice(0, -1) : expected);
      }),
    );
  });
});
