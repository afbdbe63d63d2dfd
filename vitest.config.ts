import { defineConfig } from 'vitest/config';
import { canRun, findTiers } from './tests/device/tiers.ts';

// What this machine cannot run is left out here and reported by `npm test` with the command that would enable it.
const missing = findTiers().filter((tier) => !canRun(tier));
for (const { id, obstacles } of missing)
  console.warn(`Without tier ${id}: ${obstacles.map(({ what, command }) => `${what} (${command})`).join('; ')}`);

/** In ms; many times what any test needs on two quiet cores: a busy machine must fail none. */
const PATIENT = { testTimeout: 180_000, hookTimeout: 180_000, expect: { poll: { timeout: 30_000 } } };

export default defineConfig({
  test: {
    // Integration files start an sshd and a relay each; two at a time is what two cores carry.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'relay/**/*.test.ts', 'tests/device/**/*.test.ts'],
          exclude: missing.flatMap(({ files }) => files),
          ...PATIENT,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['tests/integration/**/*.test.ts'],
          exclude: missing.flatMap(({ files }) => files),
          globalSetup: ['tests/device/build.mjs'],
          ...PATIENT,
        },
      },
    ],
  },
});
