import type { Place } from './place.ts';

/** The line formats the workbench can read; each has a parser in `log-parse.ts`. */
export type LogFormat = 'chromeos-syslog' | 'crosvm' | 'chrome' | 'journal';

/** Where a log is read, how it is followed, how its lines are parsed. */
export interface LogSource {
  readonly id: string;
  readonly label: string;
  readonly place: Place;
  /**
   * A template (see `template.ts`) that prints recent lines and then follows; the channel's end must end it.
   */
  readonly follow: string;
  /** It is read to its end and not followed. */
  readonly once?: true;
  readonly format: LogFormat;
  readonly help: string;
}
