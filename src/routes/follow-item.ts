import { goto } from '$app/navigation';
import { resolve } from '$app/paths';
import type { App } from '#lib/state/app.svelte.ts';
import { announce } from './announce.ts';

/** Goes where a found item leads: a page, or an action on the current device. */
export function followItem(app: App, item: string): void {
  const [kind, rest = ''] = [item.slice(0, item.indexOf(':')), item.slice(item.indexOf(':') + 1)];
  const [sheet = '', step = ''] = rest.split('#');
  const places: Record<string, () => void> = {
    component: () => void goto(`${resolve('/map')}?component=${encodeURIComponent(rest)}`),
    sheet: () => void goto(resolve('/(guide)/sheets/[id]', { id: rest })),
    step: () => void goto(`${resolve('/(guide)/sheets/[id]', { id: sheet })}#${step}`),
    page: () => void goto(resolve(rest as '/')),
    log: () => void goto(`${resolve('/logs')}?source=${rest}`),
    shell: () => announce(app.openShell(rest)),
    action: () => {
      if (rest === 'add') app.adding = true;
      else if (rest === 'probe') void app.device.probe();
      else if (rest === 'screen-reader') app.setScreenReader(!app.screenReader);
    },
  };
  places[kind]?.();
}
