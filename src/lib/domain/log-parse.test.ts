import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogEntry } from './log-entry.ts';
import { displayText, parseLogLine, severityOf } from './log-parse.ts';

const withoutRaw = ({ raw: _, ...entry }: LogEntry): Partial<LogEntry> => entry;

describe('chromeos-syslog', () => {
  it.each<[string, Partial<LogEntry>]>([
    [
      '2026-08-21T14:49:16.738291Z INFO vm_concierge[2533]: [service.cc:2047] Started VM with pid 9120',
      { severity: 'info', tag: 'vm_concierge', pid: 2533, message: '[service.cc:2047] Started VM with pid 9120' },
    ],
    [
      '2026-08-21T14:49:18.400100Z ERR vm_concierge[2533]: [service.cc:2349] Requested VM foo does not exist',
      { severity: 'err', tag: 'vm_concierge', pid: 2533, message: '[service.cc:2349] Requested VM foo does not exist' },
    ],
    [
      '2026-08-21T14:49:19.000001Z WARNING VM(32)[9120]: [devices/src/x.rs:1] it: failed',
      { severity: 'warning', tag: 'VM(32)', pid: 9120, message: '[devices/src/x.rs:1] it: failed' },
    ],
    [
      '2026-08-21T14:49:19.100000Z INFO kernel: [  812.345678] a: b',
      { severity: 'info', tag: 'kernel', message: '[  812.345678] a: b' },
    ],
    ['2020-10-01T09:00:00.123456+09:00 ERROR shill[812]: x', { severity: 'err', tag: 'shill', pid: 812, message: 'x' }],
    ['2026-08-21T14:49:19.100000Z NOTICE odd tag here', { severity: 'notice', message: 'odd tag here' }],
    ['2026-08-21T14:49:19.100000Z SHOUT tag: x', { message: 'SHOUT tag: x' }],
    ['2026-08-21T14:49:19.100000Z DEBUG empty[1]:', { severity: 'debug', tag: 'empty', pid: 1, message: '' }],
  ])('%s', (line, expected) => {
    const stamp = line.slice(0, line.indexOf(' '));
    const time = Date.parse(stamp) + Number(stamp.slice(23, 26)) / 1000;
    expect(withoutRaw(parseLogLine('chromeos-syslog', line))).toEqual({ ...expected, stamp, time });
  });

  it.each([
    '',
    'last message repeated 3 times',
    '    at Object.<anonymous>',
    '2026-08-21 14:49:19 INFO a: b',
    'Aug 21 15:49:17 <13>  VM(32): x',
  ])('keeps %j as a message', (line) => {
    expect(parseLogLine('chromeos-syslog', line)).toEqual({ raw: line, message: line });
  });

  it('has no time for a date that does not exist', () => {
    const entry = parseLogLine('chromeos-syslog', '2026-13-41T14:49:19.100000Z INFO a: b');
    expect(entry.time).toBeUndefined();
    expect(entry).toMatchObject({ stamp: '2026-13-41T14:49:19.100000Z', tag: 'a' });
  });
});

describe('crosvm', () => {
  it.each<[string, Partial<LogEntry>]>([
    [
      'Aug 21 15:49:17 <13>  VM(32): [    0.412345] maitred: Server listening on port 8888',
      { severity: 'notice', tag: 'maitred', message: '[    0.412345] maitred: Server listening on port 8888' },
    ],
    [
      'Aug 21 15:49:18 <13>  VM(32): [    1.034567] BTRFS info (device vdb): x',
      { severity: 'notice', tag: 'kernel', message: '[    1.034567] BTRFS info (device vdb): x' },
    ],
    [
      'Aug  1 15:49:22 <14>  VM(33): dhclient[201]: bound',
      { severity: 'info', tag: 'dhclient', pid: 201, message: 'bound' },
    ],
    [
      'Aug 21 15:49:19 <11>  VM(32): 2026/08/21 15:49:19 tremplin ready',
      { severity: 'err', tag: 'VM(32)', message: '2026/08/21 15:49:19 tremplin ready' },
    ],
    ['Aug 21 15:49:19 <13> VM(32): one space', { severity: 'notice', tag: 'VM(32)', message: 'one space' }],
    ['Aug 21 15:49:19 <15>  VM(32): ', { severity: 'debug', tag: 'VM(32)', message: '' }],
  ])('%s', (line, expected) => {
    expect(withoutRaw(parseLogLine('crosvm', line))).toEqual({ ...expected, stamp: line.slice(0, 15) });
  });

  it.each(['', 'VM(32): x', '2026-08-21T14:49:19.100000Z INFO a: b'])('keeps %j as a message', (line) => {
    expect(parseLogLine('crosvm', line)).toEqual({ raw: line, message: line });
  });
});

it.each([
  ['EMERG', 'emerg'],
  ['ERROR', 'err'],
  ['Warn', 'warning'],
  ['constructor', undefined],
  ['', undefined],
])('severity of %j is %s', (word, expected) => {
  expect(severityOf(word)).toBe(expected);
});

it.each([
  ['plain #1 text', 'plain #1 text'],
  ['#033[1;31mred#033[0m', 'red'],
  ['\x1b[31mred\x1b[0m', 'red'],
  ['#033]0;title#007text', 'text'],
  ['a#011b#012c#000d', 'a\tb␊c␀d'],
  ['\x07\x7f\x9b', '␇␡\ufffd'],
  ['#033', '␛'],
  ['issue #400, #99', 'issue #400, #99'],
])('%j is shown as %j', (text, expected) => {
  expect(displayText(text)).toBe(expected);
});

it('never fails, and never loses the line', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '2026-08-21T14:49:16.738291Z ',
      'INFO ',
      'Aug 21 15:49:17 ',
      '<13>  ',
      'VM(32)',
      '[9120]',
      ': ',
      '#033[',
      '[',
      'VERBOSE1 chrome[1:2]',
      '[24195:24208:1213/162938.602368:ERROR:',
      '{',
    ),
    fc.string({ unit: 'binary', maxLength: 8 }),
  );
  const line = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(
      fc.constantFrom('chromeos-syslog' as const, 'crosvm' as const, 'chrome' as const, 'journal' as const),
      line,
      (format, text) => {
        const entry = parseLogLine(format, text);
        expect(entry.raw).toBe(text);
        expect(text.endsWith(entry.message)).toBe(true);
        // eslint-disable-next-line no-control-regex -- control characters must not reach the screen
        expect(displayText(text)).not.toMatch(/[\0-\x08\x0a-\x1f\x7f-\x9f]/);
      },
    ),
  );
});
