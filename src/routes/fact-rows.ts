import { FACTS } from '#lib/catalog/facts.ts';
import type { FactId } from '#lib/domain/facts.ts';
import type { Device } from '#lib/state/device.svelte.ts';
import type { FactRow } from '#lib/ui/device/fact-row.ts';

/** The facts of a device in the catalogue's order and words; `ids` picks some. */
export function factRows(device: Device, ids?: readonly FactId[]): FactRow[] {
  return FACTS.filter(({ id }) => !ids || ids.includes(id)).map(({ id, label, help }) => ({
    id,
    label,
    help,
    fact: device.facts[id],
    typed: device.typed[id],
    probed: device.probed[id],
  }));
}
