import { MediaQuery } from 'svelte/reactivity';
import * as v from 'valibot';
import { load, save } from '#lib/client/storage.ts';

const THEMES = ['light', 'dark', 'system'] as const;
export type ThemeChoice = (typeof THEMES)[number];

/** Light or dark: as chosen, and remembered, or as the system is. `static/theme.js` reads the same before the first paint. */
export class Theme {
  choice: ThemeChoice = $state(load(localStorage, 'theme', v.picklist(THEMES)) ?? 'system');
  readonly #systemIsDark = new MediaQuery('(prefers-color-scheme: dark)');
  readonly dark = $derived(this.choice === 'system' ? this.#systemIsDark.current : this.choice === 'dark');

  choose(choice: ThemeChoice): void {
    this.choice = choice;
    save(localStorage, 'theme', choice);
  }
}
