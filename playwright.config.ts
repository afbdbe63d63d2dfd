import { defineConfig } from '@playwright/test';
import { canRun, findTiers } from './tests/device/tiers.ts';

/** Debian's Chromium; Playwright's own browsers are not downloaded. */
export default defineConfig({
  testDir: 'tests/browser',
  // What this machine cannot run is reported by `npm test` (tests/device/tiers.ts).
  testIgnore: findTiers()
    .filter((tier) => !canRun(tier))
    .flatMap(({ files }) => files.map((file) => `**/${file}`)),
  outputDir: 'test-results/browser',
  // Each worker runs a relay, two practice devices and a browser; more than two starve each other on two cores.
  workers: 2,
  fullyParallel: true,
  forbidOnly: true,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [['list'], ['json']],
  use: {
    viewport: { width: 1280, height: 800 },
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
