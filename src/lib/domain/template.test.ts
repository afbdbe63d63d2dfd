import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTemplate, renderTemplate, segmentsText, templateParameters } from './template.ts';

const render = (template: string, values: Record<string, string>): string =>
  segmentsText(renderTemplate(template, (id) => values[id]));

describe('renderTemplate', () => {
  it.each([
    [
      'cros deploy {device} {packages...}',
      { device: 'root@dut', packages: 'garcon  vsh' },
      'cros deploy root@dut garcon vsh',
    ],
    ['emerge-{board} x', { board: 'eve' }, 'emerge-eve x'],
    ['cat {path}', { path: '/a b' }, "cat '/a b'"],
    ["awk '\\{print\\}'", {}, "awk '{print}'"],
    ['ssh {d} -- {{ cat {p} | wc }}', { d: 'dut', p: "it's" }, "ssh dut -- 'cat '\\''it'\\''\\'\\'''\\''s'\\'' | wc'"],
    ['ssh d -- {{ true }}', {}, 'ssh d -- true'],
    ['ssh d -- {{ }}', {}, "ssh d -- ''"],
  ])('%s', (template, values, expected) => {
    expect(render(template, values as Record<string, string>)).toBe(expected);
  });

  it('marks where each value came from, also inside a nested command', () => {
    const segments = renderTemplate('ssh {d} -- {{ cat {p} }}', (id) => (id === 'd' ? 'dut' : undefined));
    expect(segments).toEqual([
      { kind: 'text', text: 'ssh ' },
      { kind: 'value', text: 'dut', parameter: 'd' },
      { kind: 'text', text: ' -- ' },
      { kind: 'text', text: "'cat " },
      { kind: 'missing', text: "<p>'", parameter: 'p' },
    ]);
  });

  it('carries any value unchanged through three shells', () => {
    const value = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(value, value, (a, b) => {
        const line = render("sh -c {{ bash -c {{ printf '%s\\0' {a} {b} }} }}", { a, b });
        expect(execFileSync('bash', ['-c', line], { encoding: 'utf8' })).toBe(`${a}\0${b}\0`);
      }),
      { numRuns: 40 },
    );
  });
});

describe('parseTemplate', () => {
  it.each(['{', '}', '{{ a', 'a }}', '{no space}', '${X}', '{a..}'])('refuses %s', (template) => {
    expect(() => parseTemplate(template)).toThrow(/stray|unbalanced|unclosed/);
  });

  it('lists parameters once, in order of use', () => {
    expect(templateParameters('{b} {{ {a} {b} {{ {c...} }} }}')).toEqual(['b', 'a', 'c']);
  });
});
