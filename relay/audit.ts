import { pino } from 'pino';
import { type AuditEvent, bounded } from './audit-event.ts';
import { Resumes } from './audit-resumes.ts';
import { DayFiles } from './day-files.ts';
import { Merged } from './merged.ts';

export type { AuditEvent } from './audit-event.ts';

/**
 * Nobody can flush it by what they do: no action is without a line, and no line without a bound. What signed-in pages do
 * is refused, in words, beyond a budget (limits.ts); resumes and refused sign-ins are counted, and told together.
 */
export interface Audit {
  /** Writes a line, at once; of resumes and refused sign-ins the first, and then their count from time to time. */
  record(event: AuditEvent): void;
  /** Nothing of this channel will come any more. */
  forget(channel: number): void;
  /** Writes what is counted, and closes the file. */
  close(): void;
}

/** Fields that no log of the relay shows, should one ever get there. */
export const REDACT = ['token', 'password', 'passphrase', 'cookie', 'secret', 'answers', 'privateKey'].flatMap(
  (field) => [field, `*.${field}`, `*.*.${field}`],
);

/** Days that are kept, of those on which the relay wrote a line. */
const DAYS = 30;

/**
 * What all files have together, in bytes; above it the oldest goes. One principal at its limit must not push out anybody's
 * 30 days. A line of `open` has up to 600 bytes, of `end` 240, of a resume 180, of a setting 600 (audit-event.ts). An
 * open has one of each of the first three, so a principal writes at most 30,000 × 1,020 + 2,000 × 180 + 2,000 × 600 =
 * 32 MB a day (OPENS and SETTINGS in limits.ts, LINES in audit-resumes.ts), and strangers 17 lines of 170 bytes a minute,
 * 4 MB: 1.09 GB in 30 days. What is left is 17 MB a day for everybody else. A busy day of one person has 0.1 MB.
 */
const MAX_BYTES = 1.5 * 1024 ** 3;

/** Refused sign-ins are told apart by this many peers; those of others are counted together. A line a minute for each. */
const REFUSED = { max: 16, everyMs: 60_000 };

export interface AuditOptions {
  /** Where lines go; `-` is stderr, anything else a file. */
  readonly destination: string;
  /** A line, or a file, could not be written, renamed or removed. */
  readonly onError: (error: unknown) => void;
  /** Default: DAYS and MAX_BYTES. */
  readonly days?: number;
  readonly max?: number;
  /** In ms since the epoch. */
  readonly clock?: () => number;
}

/** An audit log, a JSON object a line. */
export function createAudit({
  destination,
  onError,
  days = DAYS,
  max = MAX_BYTES,
  clock = Date.now,
}: AuditOptions): Audit {
  const files = destination === '-' ? undefined : new DayFiles(destination, { days, max, clock, onError });
  const write = (line: string): void => {
    try {
      if (files) files.append(line);
      else process.stderr.write(line);
    } catch (error) {
      // A full disk ends no session.
      onError(error);
    }
  };
  const log = pino(
    {
      base: { pid: process.pid },
      timestamp: () => `,"time":"${new Date(clock()).toISOString()}"`,
      formatters: { level: () => ({ log: 'audit' }) },
      redact: REDACT,
    },
    { write },
  );
  const say = (event: AuditEvent): void => log.info(bounded(event));
  const resumes = new Resumes(clock);
  const refused = new Merged(REFUSED, (peer, count) => say({ event: 'sign-in-refused', peer, count }));
  return {
    record: (event) => {
      if (event.event === 'sign-in-refused') return refused.note(event.peer);
      if (event.event === 'resume') {
        const count = resumes.note(event.principal, event.channel);
        return count > 0 ? say({ ...event, count }) : undefined;
      }
      if (event.event !== 'end') return say(event);
      const untold = resumes.take(event.channel);
      say(untold > 0 ? { ...event, resumes: untold } : event);
    },
    forget: (channel) => {
      const gone = resumes.forget(channel);
      if (gone && gone.untold > 0) say({ event: 'resume', principal: gone.principal, channel, count: gone.untold });
    },
    close: () => {
      refused.close();
      files?.close();
    },
  };
}
