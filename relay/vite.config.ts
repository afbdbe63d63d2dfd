import { defineConfig } from 'vite';

/**
 * Bundles the relay for `npm start`. ssh2, ws, pino, prom-client stay in node_modules (native bindings, worker
 * threads); just-bash is bundled, because it is 90 MB unpacked and 3 MB as used.
 */
export default defineConfig({
  build: {
    ssr: true,
    target: 'node20.19',
    outDir: 'build/relay',
    emptyOutDir: true,
    copyPublicDir: false,
    reportCompressedSize: false,
    rolldownOptions: {
      input: 'relay/main.ts',
      // Native compressors of just-bash's tar, each behind a dynamic import that it survives without.
      external: ['@mongodb-js/zstd', 'node-liblzma'],
      output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
    },
  },
  ssr: { noExternal: true, external: ['pino', 'prom-client', 'ssh2', 'ws'] },
});
