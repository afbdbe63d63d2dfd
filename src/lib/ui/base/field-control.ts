/** What the input inside a Field needs to be named and described by it. */
export interface FieldControl {
  readonly id: string;
  readonly describedby: string | undefined;
  readonly invalid: boolean;
}
