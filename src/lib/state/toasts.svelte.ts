import { untrack } from 'svelte';

/** A short notice that needs no answer. */
export interface Toast {
  readonly id: number;
  readonly title: string;
  readonly text?: string | undefined;
  /** `bad` for what could not be done. */
  readonly tone?: 'bad' | undefined;
  readonly action?: { readonly label: string; readonly run: () => void } | undefined;
}

/** More at once nobody reads; the oldest goes. */
const SHOWN_MAX = 3;

/** The notices on screen, oldest first. Whoever shows them takes each away after its time. */
export class Toasts {
  shown: readonly Toast[] = $state.raw([]);
  #count = 0;

  show(toast: Omit<Toast, 'id'>): void {
    // Whoever calls this in an effect follows what there is to say, not what was said before.
    // Said again, it takes the place of what said the same.
    const before = untrack(() => this.shown).filter(({ title, text }) => title !== toast.title || text !== toast.text);
    this.shown = [...before, { ...toast, id: ++this.#count }].slice(-SHOWN_MAX);
  }

  dismiss(id: number): void {
    this.shown = this.shown.filter((toast) => toast.id !== id);
  }
}
