/** Where a component's code ends up. The guide's "Affects" column. */
export type Layer = 'host' | 'termina' | 'container';

export const LAYERS: readonly Layer[] = ['host', 'termina', 'container'];

/** A row of the guide's "Where does the code live?" table. */
export interface Component {
  readonly id: string;
  readonly name: string;
  readonly layers: readonly Layer[];
  /** One sentence, our own words: what it does. */
  readonly summary: string;
  readonly language: string;
  /** The path as the guide names it, e.g. `platform2/vm_tools/garcon`. */
  readonly repo: string;
  readonly sourceUrl: string;
  /** null where upstream has none. */
  readonly readmeUrl: string | null;
  /** Full ebuild names; empty where the code is not shipped by an ebuild, then `noEbuild` says why. */
  readonly ebuilds: readonly string[];
  readonly noEbuild?: string;
  /** Upstart jobs on the host. */
  readonly jobs: readonly string[];
  /** Ids of the sheets that build and deploy it, most useful first. */
  readonly sheets: readonly string[];
  /** Values that its sheets start with, by parameter id: the packages to build. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Words people search for that stand nowhere else. */
  readonly aliases?: readonly string[];
  /** Correction of the guide's row, an id of `catalog/errata.ts`. */
  readonly errata?: readonly string[];
}
