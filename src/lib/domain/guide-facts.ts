/**
 * What `check-guide` compares: the facts of each block of the Crostini developer guide, in the order of the guide.
 * The parser (`guide.ts`) reads them from a copy, the catalogue (`catalog/guide.ts`) has them as they were when it
 * was checked. Sentences of the guide are never kept, only their fingerprints.
 */

/** A paragraph, a list item, or a comment of its own in a code block. */
export interface TextFacts {
  /** Fingerprint of its sentences, without the literals and the targets of links. */
  readonly text: string;
  /** What is to be typed or read exactly, in order: code spans, and bare paths, flags, variables and numbers. */
  readonly literals?: readonly string[];
  /** Targets of links, in order: an address, or `[label]` where a definition has it. */
  readonly links?: readonly string[];
}

/** A command of a code block, on one line. */
export interface CommandFacts {
  /** Such as `(outside) $`; absent where none stands. */
  readonly prompt?: string;
  readonly command: string;
  /** Fingerprint of the comment behind it. */
  readonly comment?: string;
}

/** The head of a table. */
export interface ColumnFacts {
  readonly columns: readonly string[];
}

/** A row of a table: its cells as Markdown. */
export interface RowFacts {
  readonly cells: readonly string[];
}

export type BlockFacts = TextFacts | CommandFacts | ColumnFacts | RowFacts;

/** A block as it stands in a copy of the guide. Lines count from 1. */
export type Block = BlockFacts & { readonly line: number };

/** A heading and what stands below it, to the next heading. What stands before the first has level 0 and no heading. */
export interface GuideSection {
  readonly heading: string;
  readonly level: number;
  /** The headings above it, outermost first, and its own. */
  readonly path: readonly string[];
  readonly line: number;
  readonly blocks: readonly Block[];
}

/** `[label]: url` */
export interface Definition {
  readonly label: string;
  readonly url: string;
  readonly line: number;
}

/** A copy of the guide. */
export interface Guide {
  readonly sections: readonly GuideSection[];
  readonly definitions: readonly Definition[];
}

/** What of the catalogue stands for a block of the guide. */
export interface Answers {
  /** Steps that replace its commands, as `sheet#step`. */
  readonly steps?: readonly string[];
  /** Corrections of it: then the guide keeps what it says here, and the catalogue what is right. */
  readonly errata?: readonly string[];
  /** Components that the row describes. */
  readonly components?: readonly string[];
}

/** A block of the guide as it was when it was checked, and what answers it. */
export type IndexBlock = BlockFacts & Answers;

/** A section of the guide as it was when it was checked. */
export interface IndexSection {
  readonly heading: string;
  readonly level: number;
  /** Sheets that replace it. */
  readonly sheets?: readonly string[];
  /** Where no sheet does: what replaces it, or why nothing has to. */
  readonly reason?: string;
  readonly blocks: readonly IndexBlock[];
}

/** The guide as it was when the catalogue was checked against it. */
export interface GuideIndex {
  /** The day, YYYY-MM-DD. */
  readonly checked: string;
  /** `sealOf` the copy that it was checked against: shows that no fact of the index was changed by mistake since. */
  readonly seal: string;
  readonly sections: readonly IndexSection[];
  /** Link definitions: label to address. */
  readonly definitions: Readonly<Record<string, string>>;
}
