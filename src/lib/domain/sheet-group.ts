/** Sheets that answer one wish ("I want to read a log"), under one heading of the index. */
export interface SheetGroup {
  readonly id: string;
  readonly title: string;
  /** One phrase, shown beside the title. */
  readonly about: string;
  /** Ids of sheets, in the order shown. */
  readonly sheets: readonly string[];
}
