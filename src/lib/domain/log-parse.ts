import { type LogEntry, SEVERITIES, type Severity } from './log-entry.ts';
import { parseChrome } from './log-parse-chrome.ts';
import { parseJournal } from './log-parse-journal.ts';
import type { LogFormat } from './log-source.ts';

/** Parses one line, without its line end. Never fails: a line of another shape is an entry with only a message. */
export function parseLogLine(format: LogFormat, line: string): LogEntry {
  return PARSERS[format](line) ?? { raw: line, message: line };
}

const PARSERS: Readonly<Record<LogFormat, (line: string) => LogEntry | undefined>> = {
  'chromeos-syslog': parseSyslog,
  crosvm: parseCrosvm,
  // Its files also hold what was written before logging was set up, and lines of syslog's shape.
  chrome: (line) => parseChrome(line) ?? parseSyslog(line),
  journal: parseJournal,
};

const ALIASES: Readonly<Record<string, Severity>> = {
  emergency: 'emerg',
  critical: 'crit',
  error: 'err',
  warn: 'warning',
};

/** The severity of a word such as `ERR`, `ERROR` or `warning`; undefined when it is none. */
export function severityOf(word: string): Severity | undefined {
  const lower = word.toLowerCase();
  return (
    SEVERITIES.find((severity) => severity === lower) ?? (Object.hasOwn(ALIASES, lower) ? ALIASES[lower] : undefined)
  );
}

const SYSLOG = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})(\d{3})(Z|[+-]\d\d:\d\d) (?:([A-Za-z]+) )?(.*)$/;
const TAGGED = /^(\S+?)(?:\[(\d{1,10})\])?:(?: (.*))?$/;

/**
 * /var/log/messages, net.log and their like (chromeos-facts.md section 3.3); the stamp has 27 or, before 2020-11,
 * 32 characters. `time` keeps the microseconds as a fraction, so that merged lines keep their order.
 *
 *     2026-08-21T14:49:16.738291Z INFO vm_concierge[2533]: [service.cc:2047] Started VM with pid 9120
 *     2026-08-21T14:49:19.000001Z WARNING VM(32)[9120]: [devices/src/…] …
 *     2026-08-21T14:49:19.100000Z INFO kernel: [  812.345678] usb 1-1: new device
 *     2020-10-01T09:00:00.123456+09:00 ERR shill[812]: …
 */
function parseSyslog(line: string): LogEntry | undefined {
  const match = SYSLOG.exec(line);
  if (!match) return undefined;
  const [, toMs = '', micros = '', zone = '', word = '', rest = ''] = match;
  const time = Date.parse(toMs + zone);
  const severity = severityOf(word);
  // A first word that is no severity belongs to the text.
  const text = severity || !word ? rest : `${word} ${rest}`;
  const tagged = TAGGED.exec(text);
  return {
    raw: line,
    message: tagged ? (tagged[3] ?? '') : text,
    ...(!Number.isNaN(time) && { time: time + Number(micros) / 1000 }),
    stamp: toMs + micros + zone,
    ...(severity && { severity }),
    ...(tagged?.[1] !== undefined && { tag: tagged[1] }),
    ...(tagged?.[2] !== undefined && { pid: Number(tagged[2]) }),
  };
}

const CROSVM = /^([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) <(\d{1,3})> *(VM\(\d{1,10}\)): ?(.*)$/;
const KERNEL_STAMPED = /^\[ *\d+\.\d+\] (?:(maitred|vshd): )?/;
const RECORD = /^([A-Za-z][\w.-]*)\[(\d{1,10})\]: (.*)$/;

/**
 * The VM log that vmlog_forwarder writes (chromeos-facts.md section 3.2).
 *
 *     Aug 21 15:49:17 <13>  VM(32): [    0.412345] maitred: Server listening on port 8888
 *     Aug 21 15:49:19 <13>  VM(32): 2026/08/21 15:49:19 tremplin ready
 *     Aug  1 15:49:22 <14>  VM(32): dhclient[201]: bound to 100.115.92.2
 *
 * The stamp is local time of the device to the second, without a year: `time` stays undefined, because a guess
 * would be off by the UTC offset or a year. Console lines are always `<13>`, whatever they say. The tag is the
 * program in the guest where the line names it, else the VM.
 */
function parseCrosvm(line: string): LogEntry | undefined {
  const match = CROSVM.exec(line);
  if (!match) return undefined;
  const [, stamp = '', priority, vm = '', text = ''] = match;
  const severity = SEVERITIES[Number(priority) & 7];
  const record = RECORD.exec(text);
  const kernel = KERNEL_STAMPED.exec(text);
  return {
    raw: line,
    message: record?.[3] ?? text,
    stamp,
    ...(severity && { severity }),
    tag: record?.[1] ?? (kernel ? (kernel[1] ?? 'kernel') : vm),
    ...(record?.[2] !== undefined && { pid: Number(record[2]) }),
  };
}

/** ESC as a control byte, or as the `#033` that syslog daemons write for it, and what follows in a CSI or OSC sequence. */
// eslint-disable-next-line no-control-regex -- control characters are what it removes
const ESCAPES = /(?:\x1b|#033)(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b#]*(?:\x07|#007|(?:\x1b|#033)\\))/g;
// eslint-disable-next-line no-control-regex -- control characters are what it shows
const CONTROLS = /#(0[0-3][0-7]|177)|[\0-\x08\x0a-\x1f\x7f-\x9f]/g;

/**
 * Text as a screen shows it: colours and titles taken out, control characters as their pictures (a line feed as ␊),
 * tabs kept. `#012` and its like, as syslog daemons write control bytes, are read back first; where a program wrote
 * those four characters itself, they cannot be told apart.
 */
export function displayText(text: string): string {
  if (!DISPLAYED_DIFFERENTLY.test(text)) return text;
  return text.replace(ESCAPES, '').replace(CONTROLS, (found, octal: string | undefined) => {
    const code = octal === undefined ? found.charCodeAt(0) : Number.parseInt(octal, 8);
    if (code === 9) return '\t';
    if (code > 0x7f) return '\ufffd';
    return String.fromCharCode(code === 0x7f ? 0x2421 : 0x2400 + code);
  });
}

// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const DISPLAYED_DIFFERENTLY = /#(?:0[0-3][0-7]|177)|[\0-\x08\x0a-\x1f\x7f-\x9f]/;
