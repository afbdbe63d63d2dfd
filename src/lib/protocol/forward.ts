import * as v from 'valibot';
import { problemSchema } from './problem.ts';

/**
 * What a forward says of itself: its channel's stdout, one JSON object a line, each the whole state. The first comes
 * with `ready`, the next when something changed.
 */

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const forwardReportSchema = v.object({
  /** Where it listens, on 127.0.0.1 of the relay's machine. */
  localPort: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
  /** Connections that are open, and that ever were accepted. */
  open: count,
  accepted: count,
  /** Bytes to the device and from it. */
  toDevice: count,
  fromDevice: count,
  /** Why the latest connection did not come about; null when it did. */
  problem: v.nullable(problemSchema),
});

export type ForwardReport = v.InferOutput<typeof forwardReportSchema>;

/** A line as a report; undefined for one that is cut off, as the first after a gap may be. */
export function parseForwardReport(line: string): ForwardReport | undefined {
  try {
    const result = v.safeParse(forwardReportSchema, JSON.parse(line));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}
