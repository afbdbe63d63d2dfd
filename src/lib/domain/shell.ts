import type { Place } from './place.ts';

/** A terminal that the workbench offers. */
export interface Shell {
  readonly id: string;
  readonly label: string;
  readonly place: Place;
  /** A template (see `template.ts`), run on the device with a pty; null asks sshd for the login shell. */
  readonly command: string | null;
  /** One sentence: whose shell it is and what it is good for. */
  readonly help: string;
}
