import { defineConfig } from 'vite';

/**
 * Bundles the device's programs into files without dependencies: on the device there is no node_modules, and its
 * stand-ins must start quickly.
 */
export default defineConfig({
  build: {
    ssr: true,
    target: 'node20.19',
    outDir: 'build/device',
    emptyOutDir: true,
    copyPublicDir: false,
    reportCompressedSize: false,
    rolldownOptions: {
      input: {
        /** `npm run device`, and the keeper of each device. */
        cli: 'tests/device/cli.ts',
        /** On the device: the host services daemon. */
        services: 'tests/device/host/services.ts',
        /** On the device: every stand-in, told apart by the name it is called by. */
        programs: 'tests/device/host/programs.ts',
      },
      output: { entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' },
    },
  },
  ssr: { noExternal: true },
});
