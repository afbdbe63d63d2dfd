import { type LogEntry, SEVERITIES, type Severity } from './log-entry.ts';
import { chromeSeverity } from './log-parse-chrome.ts';

/** What ChromeOS' own programs put before a message: `[ERROR:main.cc(104)]`, in newer ones `ERROR garcon: [main.cc:104]`. */
const OWN_SEVERITY = /^(?:\[(?:[\d/:.]+:)?([A-Z]+)\d*:[\w./-]+\(\d+\)\]|([A-Z]+)\d* [\w.-]+: \[)/;

/**
 * One record of `journalctl --output=json`. A journal has no lines: `raw` is the line that a syslog daemon of the host
 * would have written of it, so that text search and copies read alike everywhere.
 *
 *     {"__REALTIME_TIMESTAMP":"1787324956738291","PRIORITY":"6","SYSLOG_IDENTIFIER":"garcon","_PID":"211","MESSAGE":"…"}
 *     2026-08-21T14:49:16.738291Z INFO garcon[211]: …
 *
 * What a service prints gets PRIORITY 6, whatever it says; then a severity at the start of the message counts.
 */
export function parseJournal(line: string): LogEntry | undefined {
  const record = readRecord(line);
  const message = record && text(record['MESSAGE']);
  if (!record || message === undefined) return undefined;
  const micros = number(record['__REALTIME_TIMESTAMP'], 1e17);
  const date = micros === undefined ? undefined : new Date(Math.floor(micros / 1000));
  const stamp = date && `${date.toISOString().slice(0, -1)}${String((micros ?? 0) % 1000).padStart(3, '0')}Z`;
  const severity = severityOf(record, message);
  const tag = text(record['SYSLOG_IDENTIFIER']) ?? text(record['_COMM']);
  const pid = number(record['_PID'] ?? record['SYSLOG_PID'], 1e10);
  return {
    raw: [stamp, severity?.toUpperCase(), `${tag ?? '-'}${pid === undefined ? '' : `[${pid}]`}:`, message]
      .filter((part) => part !== undefined)
      .join(' '),
    message,
    ...(micros !== undefined && { time: micros / 1000 }),
    ...(stamp !== undefined && { stamp }),
    ...(severity && { severity }),
    ...(tag !== undefined && { tag }),
    ...(pid !== undefined && { pid }),
  };
}

function readRecord(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}

/** A field's text. Bytes that are no UTF-8, or hold control characters, come as numbers; a repeated field as a list. */
function text(field: unknown): string | undefined {
  if (typeof field === 'string') return field;
  if (field === null) return '(too long for journalctl)';
  if (!Array.isArray(field)) return undefined;
  const items = field as readonly unknown[];
  if (items.every((item): item is string => typeof item === 'string')) return items.join('\n');
  const bytes = items.filter(
    (item): item is number => Number.isInteger(item) && Number(item) >= 0 && Number(item) < 256,
  );
  return bytes.length === items.length ? decode(bytes) : undefined;
}

function decode(bytes: readonly number[]): string {
  try {
    return decodeURIComponent(bytes.map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''));
  } catch {
    return bytes.map((byte) => (byte < 0x80 ? String.fromCharCode(byte) : '\ufffd')).join('');
  }
}

function number(field: unknown, below: number): number | undefined {
  const value = typeof field === 'string' && /^\d+$/.test(field) ? Number(field) : undefined;
  return value !== undefined && value < below ? value : undefined;
}

function severityOf(record: Readonly<Record<string, unknown>>, message: string): Severity | undefined {
  const priority = number(record['PRIORITY'], SEVERITIES.length);
  const severity = priority === undefined ? undefined : SEVERITIES[priority];
  if (severity !== 'info') return severity;
  const own = OWN_SEVERITY.exec(message);
  return chromeSeverity(own?.[1] ?? own?.[2] ?? '') ?? severity;
}
