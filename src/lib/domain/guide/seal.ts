import { fingerprint } from '../fingerprint.ts';
import type { BlockFacts, Definition } from '../guide-facts.ts';
import { factsKey } from './likeness.ts';

interface Section {
  readonly heading: string;
  readonly level: number;
  readonly blocks: readonly BlockFacts[];
}

/** One fingerprint for all facts of a guide or of an index: its headings, blocks and definitions, in their order. */
export function sealOf(
  sections: readonly Section[],
  definitions: readonly Pick<Definition, 'label' | 'url'>[],
): string {
  return fingerprint(
    JSON.stringify([
      sections.map(({ heading, level, blocks }) => [heading, level, blocks.map(factsKey)]),
      definitions.map(({ label, url }) => [label, url]),
    ]),
  );
}
