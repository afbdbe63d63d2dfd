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
