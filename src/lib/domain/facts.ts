/** Everything the workbench can know of a device. Labels and explanations live in `catalog/facts.ts`. */
export const FACT_IDS = [
  'arch',
  'guestBoard',
  'kernel',
  'board',
  'imageVersion',
  'imageTrack',
  'developerMode',
  'ownerHash',
  'vms',
  'container',
  'terminaDlc',
  'terminaRelease',
  'jobs',
  'hostPrograms',
  'guestPrograms',
  'timeZone',
  'clock',
  'bootId',
] as const;

export type FactId = (typeof FACT_IDS)[number];

/** Where a value came from. `derived` values follow another fact: the guest board follows the architecture. */
export type Origin = 'typed' | 'probed' | 'derived' | 'default';

/** One known thing of a device, or the reason why it is not known. */
export type Fact =
  | { readonly value: string; readonly origin: Origin; /** Unix time in ms when it was learned. */ readonly at: number }
  | { readonly absent: string; readonly origin: Origin; readonly at: number };

/** What is known of one device. A missing key means: never asked. */
export type Facts = Readonly<Partial<Record<FactId, Fact>>>;

/** The value of a fact, or undefined when it is absent or unknown. */
export function factValue(facts: Facts, id: FactId): string | undefined {
  const fact = facts[id];
  return fact && 'value' in fact ? fact.value : undefined;
}
