import type { Place } from '#lib/domain/place.ts';

/** A tab as the strip shows it. */
export interface DockTabItem {
  readonly id: string;
  readonly title: string;
  readonly place: Place;
  /** Its state, when not the usual one: "ended". */
  readonly word?: string | undefined;
  /** Device and whatever else tells two tabs of one title apart. */
  readonly detail: string;
}
