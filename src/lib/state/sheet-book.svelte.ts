import { untrack } from 'svelte';
import * as v from 'valibot';
import { PARAMETERS } from '#lib/catalog/parameters.ts';
import { load, save } from '#lib/client/storage.ts';
import type { SheetStyle } from '#lib/domain/render-sheet.ts';
import { type Values, resolveParameters } from '#lib/domain/resolve.ts';
import type { SheetLink } from '#lib/domain/sheet-link.ts';
import type { Device } from './device.svelte.ts';

const typedSchema = v.record(v.string(), v.pipe(v.string(), v.maxLength(4000)));
const typedAtSchema = v.record(v.string(), v.number());
const styleSchema = v.picklist(['inlined', 'exports']);

/** Typed values by parameter id, and when each was typed, Unix time in ms. */
interface Typed {
  readonly texts: Readonly<Record<string, string>>;
  readonly at: Readonly<Record<string, number>>;
}

/**
 * The values that sheets are filled with. What a device knows is typed into the device, so that one correction
 * changes every sheet and the top bar at once; everything else (package, path) is remembered here.
 */
export class SheetBook {
  /** Values typed before are remembered ones. */
  readonly #visitSince = Date.now();
  #typed: Typed = $state.raw({ texts: {}, at: {} });
  /** What a link of this visit selected, and nobody has typed over since. */
  #linked: ReadonlySet<string> = $state.raw(new Set());
  #style: SheetStyle = $state('inlined');

  constructor() {
    this.#style = load(localStorage, 'sheet-style', styleSchema) ?? 'inlined';
    this.#typed = {
      texts: load(localStorage, 'typed', typedSchema) ?? {},
      at: load(localStorage, 'typed-at', typedAtSchema) ?? {},
    };
  }

  /** How the commands of sheets are written; remembered. */
  get style(): SheetStyle {
    return this.#style;
  }

  /** Shows the style that a link asks for, on this visit. */
  selectStyle(style: SheetStyle): void {
    this.#style = style;
  }

  setStyle(style: SheetStyle): void {
    this.#style = style;
    save(localStorage, 'sheet-style', style);
  }

  /** Every parameter with its value for this device; `chosen` are values that stand before those typed earlier. */
  valuesFor(device: Device, chosen: Readonly<Record<string, string>> = {}): Values {
    const typed: Record<string, string> = { ...this.#typed.texts, ...chosen };
    const typedAt: Record<string, number> = { ...this.#typed.at };
    for (const { id, from } of PARAMETERS) {
      const text = from === 'address' ? device.typedAddress : from && device.typed[from];
      const at = from && device.typedAt(from);
      if (text !== undefined) typed[id] = text;
      if (at !== undefined) typedAt[id] = at;
    }
    return resolveParameters(PARAMETERS, {
      facts: device.facts,
      address: device.address,
      typed,
      typedAt,
      visitSince: this.#visitSince,
      linked: this.#linked,
    });
  }

  /** Takes the values that a link selects. Remembered like typed ones: the map leads to its sheets by such links. */
  select(values: SheetLink['values']): void {
    // Whoever calls this in an effect follows the address, not what was typed.
    untrack(() => {
      const unlike = Object.entries(values).filter(([id, text]) => text !== this.#typed.texts[id]);
      for (const [id, text] of unlike) this.#remember(id, text);
      this.#linked = new Set([...this.#linked, ...unlike.map(([id]) => id)]);
    });
  }

  /** Types a value by hand; undefined or blank gives it back to device and default. */
  type(device: Device, id: string, text: string | undefined): void {
    const from = PARAMETERS.find((parameter) => parameter.id === id)?.from;
    if (from === 'address') device.typeAddress(text);
    else if (from) device.typeFact(from, text);
    else {
      this.#linked = new Set([...this.#linked].filter((linked) => linked !== id));
      this.#remember(id, text?.trim() ? text : undefined);
    }
  }

  #remember(id: string, text: string | undefined): void {
    const { [id]: _text, ...texts } = this.#typed.texts;
    const { [id]: _at, ...at } = this.#typed.at;
    this.#typed =
      text === undefined ? { texts, at } : { texts: { ...texts, [id]: text }, at: { ...at, [id]: Date.now() } };
    save(localStorage, 'typed', this.#typed.texts);
    save(localStorage, 'typed-at', this.#typed.at);
  }
}
