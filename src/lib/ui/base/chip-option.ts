/** A value that was chosen, as a chip. */
export interface Chip {
  readonly id: string;
  /** Where the id is not what a person reads. */
  readonly label?: string | undefined;
  /** Its tooltip. */
  readonly help?: string | undefined;
  /** It cannot be used; why stands beside the field. */
  readonly bad?: boolean | undefined;
}

/** Something that can be chosen. */
export interface ChipOption {
  /** Unique in its list. */
  readonly id: string;
  readonly label: string;
  /** At the right, in the machine's type. */
  readonly detail?: string | undefined;
  readonly chosen: boolean;
}
