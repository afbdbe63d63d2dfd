/** Something that `check-guide` found, and what to do about it. */
export interface Finding {
  readonly kind: 'row' | 'command' | 'section' | 'link' | 'text';
  /** Line of the copy, from 1; of something gone, the last known line before it. */
  readonly line: number;
  /** What it is about, such as `row chunnel`. */
  readonly what: string;
  /** What the guide says; `nothing` where it no longer says anything. */
  readonly guide: string;
  /** What the catalogue has; `nothing` where it has nothing. */
  readonly catalogue: string;
  /** The next action. */
  readonly action: string;
  /** The entry for `catalog/guide.ts`, where the guide has one. */
  readonly entry?: string;
}

/** Where the index is kept. */
export const INDEX_FILE = 'src/lib/catalog/guide.ts';
export const NOTHING = 'nothing';

/** Names a section in a sentence. */
export function sectionName({ heading }: { readonly heading: string }): string {
  return heading === '' ? 'the part before the first heading' : `"${heading}"`;
}

/** Names things: `sheet kernel`, `sheets kernel and full-image`; undefined for none. */
export function nameAll(singular: string, plural: string, names: readonly string[] = []): string | undefined {
  const last = names.at(-1);
  if (last === undefined) return undefined;
  return names.length === 1 ? `${singular} ${last}` : `${plural} ${names.slice(0, -1).join(', ')} and ${last}`;
}
