/** Syslog severities, most severe first; the index is the syslog number. */
export const SEVERITIES = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;

export type Severity = (typeof SEVERITIES)[number];

/** One parsed line. Only `message` and `raw` are sure: an unknown line is an entry with only a message. */
export interface LogEntry {
  /** The line as it came; of a journal, which keeps no lines, the one that a syslog daemon would have written. */
  readonly raw: string;
  readonly message: string;
  /** Unix time in ms, when the line carries a full timestamp. */
  readonly time?: number;
  /** The timestamp as printed. */
  readonly stamp?: string;
  readonly severity?: Severity;
  readonly tag?: string;
  readonly pid?: number;
}
