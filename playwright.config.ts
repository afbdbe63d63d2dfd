import { defineConfig } from '@playwright/test';
import { canRun, findTiers } from './tests/device/tiers.ts';

/** Debian's Chromium without its window, which starts in a third of the time; Playwright's own browsers are not downloaded. */
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
  // Three times what the slowest needs on two quiet cores: a busy machine must fail no test.
  timeout: 180_000,
  expect: { timeout: 30_000 },
  reporter: [['list'], ['json']],
  use: {
    viewport: { width: 1280, height: 800 },
    // A trace costs every test a third of its time: TRACE=1 npx playwright test FILE, to see what a failure did.
    trace: process.env['TRACE'] ? 'retain-on-failure' : 'off',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: '/usr/bin/chromium-headless-shell',
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
