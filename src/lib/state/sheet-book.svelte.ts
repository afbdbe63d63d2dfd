import { untrack } from 'svelte';
import * as v from 'valibot';
import { PARAMETERS } from '#lib/catalog/parameters.ts';
import { load, save } from '#lib/client/storage.ts';
import { type Values, resolveParameters } from '#lib/domain/resolve.ts';
import type { Device } from './device.svelte.ts';

const typedSchema = v.record(v.string(), v.pipe(v.string(), v.maxLength(4000)));

/**
 * The values that sheets are filled with. What a device knows is typed into the device, so that one correction
 * changes every sheet and the top bar at once; everything else (package, path) is remembered here.
 */
export class SheetBook {
  #typed: Record<string, string> = $state.raw({});

  constructor() {
    this.#typed = load(localStorage, 'typed', typedSchema) ?? {};
  }

  /** Every parameter with its value for this device. */
  valuesFor(device: Device): Values {
    const typed: Record<string, string> = { ...this.#typed };
    for (const { id, from } of PARAMETERS) {
      const text = from === 'address' ? device.typedAddress : from && device.typed[from];
      if (text !== undefined) typed[id] = text;
    }
    return resolveParameters(PARAMETERS, { facts: device.facts, address: device.address, typed });
  }

  /**
   * Takes the values that a link selects: those of parameters that no device fills, so that a link can neither
   * carry an owner hash nor change what commands reach (DESIGN.md, invariant 7).
   */
  select(search: URLSearchParams): void {
    const chosen = PARAMETERS.filter(({ id, from }) => from === undefined && search.get(id)?.trim());
    if (chosen.length === 0) return;
    const selected = Object.fromEntries(chosen.map(({ id }) => [id, search.get(id) ?? '']));
    // Whoever calls this in an effect follows the address, not what was typed.
    this.#remember({ ...untrack(() => this.#typed), ...selected });
  }

  /** Types a value by hand; undefined or blank gives it back to device and default. */
  type(device: Device, id: string, text: string | undefined): void {
    const from = PARAMETERS.find((parameter) => parameter.id === id)?.from;
    if (from === 'address') device.typeAddress(text);
    else if (from) device.typeFact(from, text);
    else {
      const { [id]: _former, ...others } = this.#typed;
      this.#remember(text?.trim() ? { ...others, [id]: text } : others);
    }
  }

  #remember(typed: Record<string, string>): void {
    this.#typed = typed;
    save(localStorage, 'typed', typed);
  }
}
