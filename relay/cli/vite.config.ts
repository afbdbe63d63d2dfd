import { defineConfig } from 'vite';

/** Bundles the command line, apart from app and relay, so that it is up to date in a second. */
export default defineConfig({
  build: {
    ssr: true,
    target: 'node20.19',
    outDir: 'build/cli',
    emptyOutDir: true,
    copyPublicDir: false,
    reportCompressedSize: false,
    rolldownOptions: { input: 'relay/cli/main.ts', output: { entryFileNames: '[name].js' } },
  },
  ssr: { noExternal: true },
});
