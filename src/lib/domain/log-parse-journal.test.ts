import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLogLine } from './log-parse.ts';

const at = { __REALTIME_TIMESTAMP: '1787324956738291' };
const time = Date.UTC(2026, 7, 21, 15, 9, 16, 738) + 0.291;
const stamp = '2026-08-21T15:09:16.738291Z';

describe('journal', () => {
  it.each([
    [
      { ...at, PRIORITY: '4', SYSLOG_IDENTIFIER: 'systemd', _PID: '1', MESSAGE: 'slow' },
      { time, stamp, severity: 'warning', tag: 'systemd', pid: 1, message: 'slow' },
      `${stamp} WARNING systemd[1]: slow`,
    ],
    [
      { ...at, PRIORITY: '6', SYSLOG_IDENTIFIER: 'garcon', _PID: '211', MESSAGE: '[ERROR:host_notifier.cc(905)] no' },
      { time, stamp, severity: 'err', tag: 'garcon', pid: 211, message: '[ERROR:host_notifier.cc(905)] no' },
      `${stamp} ERR garcon[211]: [ERROR:host_notifier.cc(905)] no`,
    ],
    [
      { ...at, PRIORITY: '6', _COMM: 'garcon', MESSAGE: 'VERBOSE2 garcon: [main.cc:4] x' },
      { time, stamp, severity: 'debug', tag: 'garcon', message: 'VERBOSE2 garcon: [main.cc:4] x' },
      `${stamp} DEBUG garcon: VERBOSE2 garcon: [main.cc:4] x`,
    ],
    // A priority that somebody chose is not overruled.
    [
      { ...at, PRIORITY: '5', MESSAGE: '[ERROR:a.cc(1)] x' },
      { time, stamp, severity: 'notice', message: '[ERROR:a.cc(1)] x' },
      `${stamp} NOTICE -: [ERROR:a.cc(1)] x`,
    ],
    [{ MESSAGE: [27, 91, 109, 195, 188] }, { message: '\x1b[mü' }, '-: \x1b[mü'],
    [{ MESSAGE: [104, 255] }, { message: 'h\ufffd' }, '-: h\ufffd'],
    [{ MESSAGE: ['a', 'b'] }, { message: 'a\nb' }, '-: a\nb'],
    [{ MESSAGE: null }, { message: '(too long for journalctl)' }, '-: (too long for journalctl)'],
    [{ PRIORITY: '9', _PID: '-4', MESSAGE: 'x', __REALTIME_TIMESTAMP: '9'.repeat(30) }, { message: 'x' }, '-: x'],
  ])('%j', (record, expected, raw) => {
    expect(parseLogLine('journal', JSON.stringify(record))).toEqual({ raw, ...expected });
  });

  it.each(['', '-- No entries --', '{', '{}', '[]', '{"MESSAGE":7}', '{"MESSAGE":[256]}', 'garcon: text'])(
    'keeps %j as a message',
    (line) => {
      expect(parseLogLine('journal', line)).toEqual({ raw: line, message: line });
    },
  );

  it('reads any record, and never loses its message', () => {
    const field = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.integer().map(String), fc.jsonValue());
    const record = fc.record(
      {
        __REALTIME_TIMESTAMP: field,
        PRIORITY: fc.oneof(field, fc.nat(9).map(String)),
        SYSLOG_IDENTIFIER: field,
        _COMM: field,
        _PID: field,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(record, fc.string({ unit: 'binary' }), (fields, message) => {
        const entry = parseLogLine('journal', JSON.stringify({ ...fields, MESSAGE: message }));
        expect(entry.message).toBe(message);
        expect(entry.raw.endsWith(message)).toBe(true);
        if (entry.time !== undefined) expect(Date.parse(entry.stamp ?? '')).toBe(Math.floor(entry.time));
      }),
    );
  });
});
