// Bundles the device's programs, if a file they are made of changed. `npm run device` and the tests call it first.
import { join } from 'node:path';
import { ROOT, hashOf, runQuietly, unlessDone } from '../../relay/prepare.mjs';

/** Brings build/device up to date. */
export function buildDevice() {
  return unlessDone(join(ROOT, 'build', 'device', '.stamp'), hashOf(['package-lock.json'], ['tests/device']), () =>
    runQuietly('Building the test device (a second, after changes)', 'npx', [
      ...['vite', 'build', '--config', 'tests/device/vite.config.ts', '--logLevel', 'error'],
    ]),
  );
}

// Before the integration tests, for whoever runs vitest by itself.
export default buildDevice;
