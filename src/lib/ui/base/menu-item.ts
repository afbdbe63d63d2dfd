import type { Component } from 'svelte';

/** An entry of a Menu. `checked` makes it one of a choice; entries of one `group` stand together under its name. */
export interface MenuItem {
  readonly id: string;
  readonly label: string;
  readonly hint?: string | undefined;
  readonly icon?: Component | undefined;
  readonly checked?: boolean | undefined;
  readonly danger?: boolean | undefined;
  readonly disabled?: boolean | undefined;
  readonly group?: string | undefined;
  readonly onselect: () => void;
}
