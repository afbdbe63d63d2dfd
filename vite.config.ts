import { relative } from 'node:path';
import { sveltekit } from '@sveltejs/kit/vite';
import { type Plugin, defineConfig } from 'vite';
import { relayInDev } from './relay/dev.ts';
import { COMPONENTS } from './src/lib/catalog/components.ts';
import { LINKS } from './src/lib/catalog/links.ts';
import { findFaults } from './src/lib/domain/diagram/faults.ts';
import { layOut } from './src/lib/domain/diagram/layout.ts';
import { DIAGRAM_SHAPES } from './src/lib/domain/diagram/shapes.ts';

/** `virtual:services-diagram`: laid out while the app is built, so that no browser has to. */
function servicesDiagram(): Plugin {
  const id = 'virtual:services-diagram';
  const layOutAll = (): string => {
    const layouts = Object.entries(DIAGRAM_SHAPES).map(([name, shape]) => {
      const layout = layOut(COMPONENTS, LINKS, shape);
      const faults = findFaults(layout, COMPONENTS, LINKS);
      if (faults.length > 0) throw new Error(`the ${name} services diagram: ${faults.join('; ')}`);
      return [name, layout] as const;
    });
    return JSON.stringify(Object.fromEntries(layouts));
  };
  /** Once for the two builds, of the pages and of what renders them. */
  let code: string | undefined;
  return {
    name: 'services-diagram',
    resolveId: (source) => (source === id ? `\0${id}` : undefined),
    load: (resolved) => (resolved === `\0${id}` ? `export default ${(code ??= layOutAll())};` : undefined),
  };
}

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
  plugins: [servicesDiagram(), sveltekit(), relayInDev(), listModules()],
  environments: { client: { build: { rolldownOptions: { output: { codeSplitting: { groups: [FIRST_ROUTE] } } } } } },
});
