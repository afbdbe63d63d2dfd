import { untilLoaded } from '#lib/ui/base/until-loaded.ts';
import type { PaletteItem } from '#lib/ui/frame/palette-item.ts';

/** The search index, loaded when somebody is about to search: it is no part of the first route. */
export function loadSearch() {
  let find: ((query: string) => PaletteItem[]) | undefined = $state.raw();
  return {
    start(): void {
      void untilLoaded(() => import('#lib/state/search.ts')).then((module) => (find = module.findItems));
    },
    /** Best first; undefined as long as the index is not there. */
    find: (query: string): PaletteItem[] | undefined => find?.(query),
  };
}
