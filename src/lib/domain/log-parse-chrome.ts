import type { LogEntry, Severity } from './log-entry.ts';

const MODERN =
  /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})(\d{3})(Z|[+-]\d\d:\d\d) (?:\d+ )?([A-Z]+)\d* ([\w.-]+)\[(\d{1,10})(?::\d{1,10})?\]: ?(.*)$/;
const OLD = /^\[(\d{1,10}):\d{1,10}:(\d{4}\/\d{6}\.\d{3,6}):([A-Z]+)\d*:(.*)$/;

/** Chrome's severities (base/logging): VERBOSE has a number behind it, FATAL ends the process. */
const SEVERITIES: Readonly<Record<string, Severity>> = {
  VERBOSE: 'debug',
  INFO: 'info',
  WARNING: 'warning',
  ERROR: 'err',
  ERROR_REPORT: 'err',
  FATAL: 'crit',
};

/** The severity of a word of Chrome's; undefined when it is none. */
export function chromeSeverity(word: string): Severity | undefined {
  return Object.hasOwn(SEVERITIES, word) ? SEVERITIES[word] : undefined;
}

/**
 * What Chrome and session_manager write to their own files. The first form is today's, in UTC, with the thread after
 * the pid and perhaps a tick count before the severity; the second, of before 2020, has neither year nor zone, so
 * `time` stays undefined. Both name the source file, which stays in the message.
 *
 *     2026-08-21T14:49:16.738291Z WARNING chrome[1016:1016]: [browser_view.cc(1234)] Widget not ready
 *     2026-08-21T14:49:16.738291Z VERBOSE1 chrome[3816:3877]: [drm_device_handle.cc(90)] …
 *     [24195:24208:1213/162938.602368:ERROR:drm_gpu_display_manager.cc(211)] …
 */
export function parseChrome(line: string): LogEntry | undefined {
  const modern = MODERN.exec(line);
  const severity = chromeSeverity(modern?.[4] ?? '');
  if (modern && severity) {
    const [, toMs = '', micros = '', zone = '', , tag = '', pid = '', message = ''] = modern;
    const time = Date.parse(toMs + zone);
    return {
      raw: line,
      message,
      ...(!Number.isNaN(time) && { time: time + Number(micros) / 1000 }),
      stamp: toMs + micros + zone,
      severity,
      tag,
      pid: Number(pid),
    };
  }
  const old = OLD.exec(line);
  if (!old) return undefined;
  const [, pid = '', stamp = '', word = '', message = ''] = old;
  const told = chromeSeverity(word);
  return { raw: line, message, stamp, ...(told && { severity: told }), pid: Number(pid) };
}
