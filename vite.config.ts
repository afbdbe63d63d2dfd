import { relative } from 'node:path';
import { sveltekit } from '@sveltejs/kit/vite';
import { type Plugin, defineConfig } from 'vite';
import { relayInDev } from './relay/dev.ts';

/**
 * Leaves beside Vite's manifest which modules are in each script, with their bytes before minification, for
 * `npm run size`. As the manifest it is no part of the app.
 */
function listModules(): Plugin {
  return {
    name: 'list-modules',
    applyToEnvironment: ({ name }) => name === 'client',
    generateBundle(_options, bundle) {
      const scripts = Object.values(bundle).flatMap((script) => {
        if (script.type !== 'chunk') return [];
        const modules = Object.entries(script.modules).map(([id, { renderedLength }]) => [
          relative(import.meta.dirname, id.replace(/\0/g, '')),
          renderedLength,
        ]);
        return [[script.fileName, Object.fromEntries(modules)]];
      });
      const source = JSON.stringify(Object.fromEntries(scripts));
      this.emitFile({ type: 'asset', fileName: '.vite/modules.json', source });
    },
  };
}

/**
 * What the start page needs comes in one script. Otherwise each icon and button that another page shares is a file of
 * its own: thirty requests, and a tenth more bytes because each is compressed alone.
 */
const FIRST_ROUTE = {
  name: 'first-route',
  test: /src\/routes\/(\+layout|\+error|\(guide\)\/\+page)\.svelte$|@sveltejs\/kit\/src\/runtime\/client\/entry\.js$/,
};

export default defineConfig({
  plugins: [sveltekit(), relayInDev(), listModules()],
  environments: { client: { build: { rolldownOptions: { output: { codeSplitting: { groups: [FIRST_ROUTE] } } } } } },
});
