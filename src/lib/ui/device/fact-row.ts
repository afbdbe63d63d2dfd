import type { Fact, FactId } from '#lib/domain/facts.ts';

/** A fact as the screen shows it: its words, what the device said, and what was typed over it. */
export interface FactRow {
  readonly id: FactId;
  readonly label: string;
  /** One sentence: what it is and what it changes. */
  readonly help: string;
  /** The fact in force; never asked when undefined. */
  readonly fact?: Fact | undefined;
  /** What the device itself said. */
  readonly probed?: Fact | undefined;
  /** Typed by hand; wins over the device. */
  readonly typed?: string | undefined;
}

/** What can be done with a fact. */
export interface FactActions {
  oncopy?: ((id: FactId) => void) | undefined;
  ontype: (id: FactId, value: string) => void;
  onclear: (id: FactId) => void;
}

/** The value in force: typed first. */
export function rowValue(row: FactRow | undefined): string | undefined {
  if (!row) return undefined;
  if (row.typed !== undefined) return row.typed;
  return row.fact && 'value' in row.fact ? row.fact.value : undefined;
}

/** Origins in words. */
export const ORIGIN_WORDS = {
  typed: 'typed by you',
  remembered: 'remembered',
  link: 'from the link',
  probed: 'from the device',
  derived: 'follows from another fact',
  default: 'default',
  missing: 'missing',
} as const;
