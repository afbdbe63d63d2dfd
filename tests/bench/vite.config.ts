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
      input: {
        sheets: 'tests/bench/sheets.ts',
        relay: 'tests/bench/relay.ts',
        hostile: 'tests/bench/hostile.ts',
        'hostile-attacker': 'tests/bench/hostile-attacker.ts',
      },
      // One knows its folder by where it stands, the other brings parts that are compiled for this machine.
      external: [/relay\/prepare\.mjs$/, 'ssh2'],
      output: { entryFileNames: '[name].js' },
    },
  },
  ssr: { noExternal: true },
});
