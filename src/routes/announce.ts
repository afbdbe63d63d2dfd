import { toast } from 'svelte-sonner';
import { PARAMETERS } from '#lib/catalog/parameters.ts';
import { goto } from '$app/navigation';
import { resolve } from '$app/paths';
import type { StartResult } from '#lib/state/app.svelte.ts';

/** Says why something could not be started, with the next action; nothing when it was. */
export function announce(result: StartResult<unknown>): void {
  if ('refused' in result) toast.error(result.refused);
  else if ('missing' in result) {
    const names = result.missing.map((id) => PARAMETERS.find((parameter) => parameter.id === id)?.label ?? id);
    toast.error(`Missing: ${names.join(', ')}`, {
      description: 'The device did not give it, and it was not typed. Its row on the Device page says why.',
      action: { label: 'Device', onClick: () => void goto(resolve('/device')) },
    });
  }
}

/** Long enough to be read by somebody who looks at a terminal. */
const NEWS_MS = 10_000;

/** Says what became of the device while it was away. */
export function announceNews({ title, text }: { readonly title: string; readonly text: string }): void {
  toast(title, { description: text, duration: NEWS_MS });
}
