import { preloadCode } from '$app/navigation';
import { resolve } from '$app/paths';
import { untilLoaded } from '#lib/ui/base/until-loaded.ts';

/** Idle or not, by then, in ms: what waits must be there before a person needs it. */
const AT_LATEST_MS = 1_000;

/** Resolves when the browser has nothing else to do. */
export function whenIdle(): Promise<void> {
  return new Promise((done) => {
    // Safari has no idle callback.
    if ('requestIdleCallback' in window) requestIdleCallback(() => done(), { timeout: AT_LATEST_MS });
    else setTimeout(done, AT_LATEST_MS);
  });
}

/**
 * Loads everything that the start page does without, so that its first use is instant, and so that all of it is at hand
 * when the relay that served the page is gone. Left out is xterm.js: without a relay there is no terminal.
 */
export async function loadTheRest(pages: readonly string[]): Promise<void> {
  const parts: (() => Promise<unknown>)[] = [
    ...pages.map((href) => () => preloadCode(href)),
    () => preloadCode(resolve('/plan')),
    () => preloadCode(resolve('/(guide)/sheets/[id]', { id: 'prerequisites' })),
    () => import('#lib/state/search.ts'),
    () => import('#lib/ui/device/FactCard.svelte'),
    () => import('#lib/ui/terminal/TerminalView.svelte'),
    () => import('./AppLog.svelte'),
    () => import('./Dialogs.svelte'),
  ];
  await Promise.all(parts.map(untilLoaded));
}
