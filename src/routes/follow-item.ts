import { goto } from '$app/navigation';
import { resolve } from '$app/paths';
import type { App } from '#lib/state/app.svelte.ts';
import type { PaletteItem } from '#lib/ui/frame/palette-item.ts';
import { announce } from './announce.ts';

/** Goes where a found item leads: a page, or an action on the current device. */
export function followItem(app: App, { id, path }: PaletteItem): void {
  if (path !== undefined) {
    void goto(resolve('/') + path.slice(1));
    return;
  }
  const [kind, rest = ''] = id.split(':');
  if (kind === 'shell') announce(app.openShell(rest));
  else if (rest === 'add') app.adding = true;
  else if (rest === 'probe') void app.device.probe();
  else if (rest === 'sign-out') app.signingOut = 'here';
  else if (rest === 'sign-out-elsewhere') app.signingOut = 'elsewhere';
  else if (rest === 'screen-reader') app.setScreenReader(!app.screenReader);
}
