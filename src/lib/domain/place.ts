/** Where a command runs. The guide's prompts are `(outside)`, `(inside)`, `(device)`, `(penguin)`; termina is the VM between. */
export type Place = 'outside' | 'inside' | 'device' | 'termina' | 'penguin';

/** Every Place, from the workstation inwards. */
export const PLACES: readonly Place[] = ['outside', 'inside', 'device', 'termina', 'penguin'];

/** What there is to say about a Place. */
export interface PlaceInfo {
  readonly label: string;
  /** For chips and narrow columns. */
  readonly shortName: string;
  /** As the guide writes it. Termina has none there; ours is the root shell that the guide's commands open. */
  readonly prompt: string;
  /** One sentence: what it is and how to get there. */
  readonly what: string;
  /**
   * How a script on the workstation runs a command there: templates in which `{step}` stands for the command. `talk`
   * is for one that needs the person's terminal, `run` for all others. Null where the script itself runs.
   */
  readonly enter: { readonly run: string; readonly talk: string } | null;
}

export type PlaceInfos = Readonly<Record<Place, PlaceInfo>>;
