import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileLogFilter } from './log-filter.ts';
import { parseLogLine } from './log-parse.ts';

const LINE = '2026-08-21T14:49:19.000001Z WARNING vm_concierge[2533]: Start failed: /var/log/x vsock:9001 "quoted"';

function fits(filter: string, line = LINE): boolean | string {
  const compiled = compileLogFilter(filter);
  return 'problem' in compiled ? compiled.problem : compiled.matches(parseLogLine('chromeos-syslog', line));
}

describe('compileLogFilter', () => {
  it.each<[string, boolean]>([
    ['', true],
    ['   ', true],
    ['FAILED', true],
    ['start failed', true],
    ['failed nothing', false],
    ['"start failed"', true],
    ['"failed start"', false],
    ['-failed', false],
    ['-nothing', true],
    ['-"start failed"', false],
    ['-', true],
    ['/vsock:\\d+/', true],
    ['/VSOCK:\\d{5}/', false],
    ['-/vsock:\\d+/', false],
    ['/start .* vsock/', true],
    ['/var/log/x', true],
    ['/var/log/y', false],
    ['/log\\/x/', true],
    ['level>=warning', true],
    ['level>=err', false],
    ['level>notice', true],
    ['level<err', true],
    ['level<=notice', false],
    ['level:warn', true],
    ['level=warning', true],
    ['-level>=warning', false],
    ['LEVEL>=Error', false],
    ['tag:vm_*', true],
    ['tag:VM_CONCIERGE', true],
    ['tag:concierge', false],
    ['tag:*con*erge', true],
    ['tag:vm.concierge', false],
    ['-tag:vm_*', false],
    ['x:9001', false],
    ['vsock:9001', true],
    ['failed level>=warning -debug tag:vm_*', true],
  ])('%s: %s', (filter, expected) => {
    expect(fits(filter)).toBe(expected);
  });

  it('asks for a level or tag only of entries that have one', () => {
    expect(fits('level>=debug', 'a line of its own')).toBe(false);
    expect(fits('level<=emerg', 'a line of its own')).toBe(false);
    expect(fits('tag:*', 'a line of its own')).toBe(false);
    expect(fits('own', 'a line of its own')).toBe(true);
  });

  it('takes the parentheses of a tag as they stand', () => {
    expect(fits('tag:VM(32)', '2026-08-21T14:49:19.000001Z INFO VM(32)[1]: x')).toBe(true);
  });

  it.each([
    ['"open', /does not end/],
    ['-"open', /does not end/],
    ['/(/', /not a regular expression/],
    ['level>=loud', /"loud" is not a level. The levels are emerg/],
    ['level>=', /is not a level/],
    ['tag:', /needs a name/],
  ])('says what is wrong with %s', (filter, expected) => {
    expect(fits(filter)).toMatch(expected);
  });

  it('never throws', () => {
    const piece = fc.oneof(
      fc.constantFrom('-', '"', '/', ' ', 'level>=', 'tag:', '*', '(', '\\'),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(fc.property(fc.array(piece), fc.string(), (pieces, line) => void fits(pieces.join(''), line)));
  });

  it('finds any word of the line, in any case', () => {
    fc.assert(
      fc.property(fc.constantFrom(...LINE.split(' ').filter((word) => !word.startsWith('"'))), (word) => {
        expect(fits(word.toUpperCase())).toBe(true);
        expect(fits(`-${word}`)).toBe(false);
      }),
    );
  });
});
