import type { Place } from './place.ts';

/** The line formats the workbench can read; each has a parser in `log-parse.ts`. */
export type LogFormat = 'chromeos-syslog' | 'crosvm' | 'chrome' | 'journal';

/** Where a log is read, how it is followed, how its lines are parsed. */
export interface LogSource {
  readonly id: string;
  readonly label: string;
  readonly place: Place;
  /**
   * A template (see `template.ts`) that prints recent lines and then follows; the channel's end must end it. Where there
   * is nothing to follow it prints all there is, and ends.
   */
  readonly follow: string;
  readonly format: LogFormat;
  readonly help: string;
}
