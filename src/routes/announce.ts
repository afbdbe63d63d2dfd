import { PARAMETERS } from '#lib/catalog/parameters.ts';
import { goto } from '$app/navigation';
import { resolve } from '$app/paths';
import type { StartResult } from '#lib/state/app.svelte.ts';
import { Toasts } from '#lib/state/toasts.svelte.ts';

/** What is announced; the layout shows it. */
export const toasts = new Toasts();

/** Says why something could not be started, with the next action; nothing when it was. */
export function announce(result: StartResult<unknown>): void {
  if ('refused' in result) toasts.show({ title: result.refused, tone: 'bad' });
  else if ('missing' in result) {
    const names = result.missing.map((id) => PARAMETERS.find((parameter) => parameter.id === id)?.label ?? id);
    toasts.show({
      title: `Missing: ${names.join(', ')}`,
      text: 'The device did not give it, and it was not typed. Its row on the Device page says why.',
      tone: 'bad',
      action: { label: 'Device', run: () => void goto(resolve('/device')) },
    });
  }
}
