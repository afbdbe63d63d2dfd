import { defineConfig } from 'vite';

/** Bundles the benchmarks of TypeScript code, as the app is bundled. */
export default defineConfig({
  build: {
    ssr: true,
    target: 'node20.19',
    outDir: 'build/bench',
    emptyOutDir: true,
    copyPublicDir: false,
    reportCompressedSize: false,
    rolldownOptions: {
      input: { sheets: 'tests/bench/sheets.ts', relay: 'tests/bench/relay.ts' },
      // It knows its folder by where it stands.
      external: [/relay\/prepare\.mjs$/],
      output: { entryFileNames: '[name].js' },
    },
  },
  ssr: { noExternal: true },
});
