/** A form in which a sheet can be taken along. */
export interface SheetFormat {
  readonly id: string;
  readonly label: string;
  /** One sentence: what is in it. */
  readonly help: string;
  readonly fileName: string;
}

/** The formats of a sheet, and what is done with them. */
export interface SheetExports {
  readonly formats: readonly SheetFormat[];
  /** Labels of the values that are missing now. */
  readonly missing: readonly string[];
  /** The text of a format, made when it is asked for. */
  readonly textOf: (formatId: string) => string;
  readonly ondownload: (formatId: string) => void;
}
