/** The icons a rail can show, by the page they stand for. */
export type RailIcon = 'start' | 'map' | 'sheets' | 'logs' | 'files' | 'device' | 'dock';

/** An entry of the rail. `href` is already resolved. */
export interface RailItem {
  readonly href: string;
  readonly label: string;
  readonly icon: RailIcon;
  readonly current: boolean;
}
