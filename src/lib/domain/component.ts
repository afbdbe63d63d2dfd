/** Where a component's code ends up. The guide's "Affects" column. */
export type Layer = 'host' | 'termina' | 'container';

export const LAYERS: readonly Layer[] = ['host', 'termina', 'container'];

/** How a change of a component gets to a device. A component can go more than one way. */
export type Delivery =
  /** A package of the ChromeOS image: `cros deploy`. */
  | 'host-image'
  /** `chromeos-base/vm_guest_tools`, a package of the Termina image. */
  | 'vm_guest_tools'
  /** Copied by `chromeos-base/termina_container_tools` to /opt/google/cros-containers, an image of the Termina DLC. */
  | 'termina_container_tools'
  /** Another package of the Termina image, which `termina-dlc` carries. */
  | 'termina-dlc'
  /** A Debian package that APT installs in the container. */
  | 'deb'
  /** Compiled into the components that use it; nothing of it is installed. */
  | 'compiled-in';

/** An Upstart job of the host. The conditions are those of its .conf file (chromeos-facts.md section 6). */
export interface Job {
  readonly name: string;
  readonly startOn: string;
  readonly stopOn: string;
}

/** How a connected device shows whether a component runs; see `presence.ts`. */
export type Presence =
  /** An Upstart job of the host, one of the component's own. */
  | { readonly job: string }
  /** A process with this program name, in the component's lane. */
  | {
      readonly program: string;
      /** In Termina it is the first process, so its name there is init; a Baguette VM has systemd in that place. */
      readonly isInit?: true;
      /** One sentence on when it runs, where not all the time: shown while it does not. */
      readonly when?: string;
      /** Guests of the other kind have no such program; see `guest-vm.ts`. */
      readonly guest?: 'crostini';
    }
  /** A container that is up. */
  | { readonly container: string }
  /** Nothing of it runs by itself; one sentence why. */
  | { readonly never: string };

/** Where a component logs. */
export interface LogPlace {
  /** An id of `catalog/log-sources.ts`. */
  readonly source: string;
  /** The query of the log view that leaves its lines, e.g. `tag:vm_concierge`; empty for the whole log. */
  readonly filter: string;
}

/** A row of the guide's "Where does the code live?" table, one half of such a row, or a neighbour that rows talk to. */
export interface Component {
  readonly id: string;
  readonly name: string;
  /** Where it is drawn: the lane in which it runs. */
  readonly lane: Layer;
  readonly layers: readonly Layer[];
  /** The row of the guide's table that it is, or is a half of; neighbours have none. */
  readonly guideRow?: string;
  /** Our own words: what it does, and what is missing without it. */
  readonly summary: string;
  readonly language: string;
  /** The path as the guide names it, e.g. `platform2/vm_tools/garcon`. */
  readonly repo: string;
  /** null where there is nothing to read, as for the user's own apps. */
  readonly sourceUrl: string | null;
  /** null where upstream has none. */
  readonly readmeUrl: string | null;
  /** Full ebuild names; empty where the code is not shipped by an ebuild, then `noEbuild` says why. */
  readonly ebuilds: readonly string[];
  readonly noEbuild?: string;
  readonly jobs: readonly Job[];
  readonly runs: Presence;
  readonly logs: readonly LogPlace[];
  readonly delivery: readonly Delivery[];
  /** Ids of the sheets that build, deploy and debug it, most useful first. */
  readonly sheets: readonly string[];
  /** Values that its sheets start with, by parameter id: the packages to build. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** One sentence that a newcomer trips over without, where there is one. */
  readonly note?: string;
  /** Words people search for that stand nowhere else. */
  readonly aliases?: readonly string[];
  /** Correction of the guide's row, an id of `catalog/errata.ts`. */
  readonly errata?: readonly string[];
}
