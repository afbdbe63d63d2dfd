import { defineConfig } from 'vite';

/**
 * Bundles the relay and the process of its practice devices for `npm start`. ssh2, ws, pino and prom-client stay in
 * node_modules (native bindings, worker threads); just-bash is bundled, because it is 90 MB unpacked and 3 MB as used.
 * `--mode practice` bundles that process alone: `npm run dev` has no other way to start it, for Node 20 reads no
 * TypeScript.
 */
export default defineConfig(({ mode }) => ({
  build: {
    ssr: true,
    target: 'node20.19',
    outDir: mode === 'practice' ? 'build/practice' : 'build/relay',
    emptyOutDir: true,
    copyPublicDir: false,
    reportCompressedSize: false,
    rolldownOptions: {
      input: {
        ...(mode !== 'practice' && { main: 'relay/main.ts' }),
        practice: 'relay/practice/process.ts',
      },
      // Native compressors of just-bash's tar, each behind a dynamic import that it survives without.
      external: ['@mongodb-js/zstd', 'node-liblzma'],
      output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
    },
  },
  ssr: { noExternal: true, external: ['pino', 'prom-client', 'ssh2', 'ws'] },
}));
