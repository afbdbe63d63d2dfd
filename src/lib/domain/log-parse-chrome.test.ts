import { describe, expect, it } from 'vitest';
import { parseLogLine } from './log-parse.ts';

describe('chrome', () => {
  it.each([
    [
      '2026-08-21T14:49:16.738291Z WARNING chrome[1016:1017]: [browser_view.cc(1234)] Widget not ready',
      {
        time: Date.UTC(2026, 7, 21, 14, 49, 16, 738) + 0.291,
        stamp: '2026-08-21T14:49:16.738291Z',
        severity: 'warning',
        tag: 'chrome',
        pid: 1016,
        message: '[browser_view.cc(1234)] Widget not ready',
      },
    ],
    [
      '2026-08-21T14:49:16.738291Z 1234 VERBOSE1 chrome[3816:3877]: [drm_device_handle.cc(90)] ok',
      {
        time: Date.UTC(2026, 7, 21, 14, 49, 16, 738) + 0.291,
        stamp: '2026-08-21T14:49:16.738291Z',
        severity: 'debug',
        tag: 'chrome',
        pid: 3816,
        message: '[drm_device_handle.cc(90)] ok',
      },
    ],
    [
      '2026-08-21T14:49:16.738291Z FATAL session_manager[1571]: [main.cc:4] gone',
      {
        time: Date.UTC(2026, 7, 21, 14, 49, 16, 738) + 0.291,
        stamp: '2026-08-21T14:49:16.738291Z',
        severity: 'crit',
        tag: 'session_manager',
        pid: 1571,
        message: '[main.cc:4] gone',
      },
    ],
    [
      '[24195:24208:1213/162938.602368:ERROR:drm_gpu_display_manager.cc(211)] ID 216',
      { stamp: '1213/162938.602368', severity: 'err', pid: 24195, message: 'drm_gpu_display_manager.cc(211)] ID 216' },
    ],
    // A line of syslog's shape, as the UI job's own scripts write it.
    [
      '2026-08-21T14:49:16.000000Z NOTICE ui-respawn[7]: again',
      {
        time: Date.UTC(2026, 7, 21, 14, 49, 16),
        stamp: '2026-08-21T14:49:16.000000Z',
        severity: 'notice',
        tag: 'ui-respawn',
        pid: 7,
        message: 'again',
      },
    ],
    ['Xlib: extension missing', { message: 'Xlib: extension missing' }],
    ['', { message: '' }],
  ])('%s', (line, expected) => {
    expect(parseLogLine('chrome', line)).toEqual({ raw: line, ...expected });
  });
});
