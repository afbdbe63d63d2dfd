import type { FactId } from './facts.ts';

/**
 * A fact as short as a top bar needs it: `R146-16765.0.0` as `R146`, `testimage-channel` as `test`,
 * `termina (crostini) running, baguette (baguette) stopped` as `termina running, baguette stopped`.
 */
export function shortFact(id: FactId, value: string): string {
  if (id === 'imageVersion') return /^R\d+/.exec(value)?.[0] ?? value;
  if (id === 'imageTrack') return value.replace(/(?:image)?-channel$/, '');
  if (id === 'vms') return value.replaceAll(/ \([^)]*\)/g, '');
  return value;
}
