/** One number that a benchmark found. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What it must not exceed. */
  readonly limit?: number;
  /** What it should not exceed, and what it is meant to come down to. The benchmark fails for neither. */
  readonly aim?: { readonly must: number; readonly reach: number };
  /** Its name in the JSON, beside `rows`. */
  readonly key?: string;
}

/** What a benchmark found; `problems` are failures that are no number. */
export interface Report {
  readonly title: string;
  readonly rows: readonly Row[];
  readonly problems: readonly string[];
  /** More for a person: lines of cells, the first of which are the names of the columns. */
  readonly table?: readonly (readonly string[])[];
  /** What was left out, and why. */
  readonly notes?: readonly string[];
  /** More for a program, by its name in the JSON. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** Median, held to a limit if there is one, and 95th percentile of times in ms. */
export function spread(name: string, times: readonly number[], limit?: number): Row[] {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return [
    { name: `${name}, median`, value: at(0.5), unit: 'ms', ...(limit !== undefined && { limit }) },
    { name: `${name}, p95`, value: at(0.95), unit: 'ms' },
  ];
}
