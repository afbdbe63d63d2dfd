import type { Page, Route } from '@playwright/test';
import { BUDGET, weighFirstRoute } from '../bench/weigh.mjs';
import { expect, test } from './workbench.ts';

const READY = 'start-page-ready';
const ALL = 'everything-loaded';

interface Script {
  readonly path: string;
  /** As it came over the wire, in bytes. */
  readonly bytes: number;
  /** Asked for before the page was ready for a person. */
  readonly first: boolean;
}

async function waitForMark(page: Page, name: string): Promise<void> {
  await page.waitForFunction((mark) => performance.getEntriesByName(mark).length > 0, name);
}

/** What the browser itself says of the scripts that it fetched. */
async function fetchedScripts(page: Page): Promise<Script[]> {
  await waitForMark(page, ALL);
  return page.evaluate((mark) => {
    const ready = performance.getEntriesByName(mark)[0]?.startTime ?? 0;
    return (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
      .map(({ name, encodedBodySize, startTime }) => ({
        path: new URL(name).pathname.slice(1),
        bytes: encodedBodySize,
        first: startTime < ready,
      }))
      .filter(({ path }) => path.endsWith('.js'));
  }, READY);
}

const sum = (scripts: readonly Script[]) => scripts.reduce((bytes, script) => bytes + script.bytes, 0);

test('a browser fetches the scripts that were weighed, under the budget, and the rest only later', async ({ app }) => {
  const weight = weighFirstRoute();
  expect(weight?.problems).toEqual([]);
  const scripts = await fetchedScripts(app);
  const first = scripts.filter((script) => script.first);
  const later = scripts.filter((script) => !script.first);
  const kB = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;
  test
    .info()
    .annotations.push(
      { type: 'first', description: `${kB(sum(first))} in ${first.length} scripts` },
      { type: 'later', description: `${kB(sum(later))} in ${later.length} scripts` },
    );
  // The one script beside the built ones sets the theme before the first paint.
  expect(first.map(({ path }) => path).sort()).toEqual(['theme.js', ...(weight?.scripts ?? [])].sort());
  expect(sum(first)).toBeLessThanOrEqual(BUDGET);
  // Once all is loaded, every page and action is at hand when the relay is gone, and only a terminal is not.
  const fetched = new Set(scripts.map(({ path }) => path));
  expect(weight?.otherScripts.filter((path) => !fetched.has(path))).toEqual([weight?.xterm]);
});

test('the first terminal loads xterm.js, and nothing before it does', async ({ app }) => {
  await waitForMark(app, ALL);
  const xterm = app.waitForRequest((request) => request.resourceType() === 'script');
  await app.getByRole('button', { name: /Try the practice device/ }).click();
  await expect(app.getByRole('group', { name: 'Facts' })).toContainText('tatl');
  await app.getByRole('button', { name: 'Open a terminal or log' }).click();
  await app.getByRole('menuitem', { name: /^Device/ }).click();
  const answer = await (await xterm).response();
  expect(await answer?.text()).toContain('xterm-screen');
});

test('keys and clicks that come before the code for them are not lost', async ({ app }) => {
  // Everything that the start page does without is held back until it is let go.
  const first = new Set(['theme.js', ...(weighFirstRoute()?.scripts ?? [])]);
  let held: Route[] | undefined;
  await app.route('**/*.js', (route) =>
    held && !first.has(new URL(route.request().url()).pathname.slice(1)) ? void held.push(route) : route.continue(),
  );
  const reload = async (): Promise<void> => {
    held = [];
    await app.goto(new URL('/', app.url()).href);
    await expect(app.getByRole('heading', { name: 'What are you working on?' })).toBeVisible();
  };
  const letGo = async (): Promise<void> => {
    await expect.poll(() => held?.length).toBeGreaterThan(0);
    const scripts = held ?? [];
    held = undefined;
    await Promise.all(scripts.map((route) => route.continue()));
  };

  await reload();
  await app.keyboard.press('Control+k');
  await app.keyboard.type('sommelier');
  await app.keyboard.press('Enter');
  const palette = app.getByRole('dialog', { name: 'Search everything' });
  await expect(palette.getByRole('combobox')).toHaveValue('sommelier');
  await expect(palette.getByText('Nothing found')).toBeHidden();
  await letGo();
  await expect(app).toHaveURL(/sommelier/);

  await reload();
  await app.getByRole('button', { name: /Connect a device/ }).click();
  await letGo();
  await expect(app.getByRole('dialog', { name: 'Add a device' }).getByRole('textbox')).toBeFocused();
});

test('a device that is chosen before the relay said which there are', async ({ app }) => {
  let targets: Route | undefined;
  await app.route('**/targets', (route) => void (targets = route));
  await app.goto(new URL('/', app.url()).href);
  await app.getByRole('button', { name: /Try the practice device/ }).click();
  await expect.poll(() => targets).toBeDefined();
  await targets?.continue();
  await expect(app.getByRole('group', { name: 'Facts' })).toContainText('tatl');
});

test('what could not be loaded is asked for again', async ({ app }) => {
  const first = new Set(['theme.js', ...(weighFirstRoute()?.scripts ?? [])]);
  const refused = new Set<string>();
  await app.route('**/*.js', (route) => {
    const path = new URL(route.request().url()).pathname.slice(1);
    if (first.has(path) || refused.has(path)) return route.continue();
    refused.add(path);
    return route.abort('connectionrefused');
  });
  await app.goto(new URL('/', app.url()).href);
  await app.getByRole('button', { name: /Connect a device/ }).click();
  await expect(app.getByRole('dialog', { name: 'Add a device' })).toBeVisible();
  await waitForMark(app, ALL);
  expect(refused.size).toBeGreaterThan(5);
});

test('everything works without the relay once it is loaded', async ({ app, workbench }) => {
  await waitForMark(app, ALL);
  await workbench.stop();
  await app.getByRole('button', { name: /Connect a device/ }).click();
  await expect(app.getByRole('dialog', { name: 'Add a device' })).toBeVisible();
  await app.keyboard.press('Escape');
  await app.getByRole('button', { name: /^Board:/ }).click();
  await app.getByRole('textbox', { name: 'Board: your value' }).fill('brya');
  await app.keyboard.press('Enter');
  await app.keyboard.press('Escape');
  for (const name of ['Map', 'Sheets', 'Logs', 'Files', 'Device', 'Start']) {
    await app.getByRole('link', { name, exact: true }).click();
    await expect(app.getByRole('heading').first()).toBeVisible();
  }
  await app.keyboard.press('Control+k');
  await app.keyboard.type('change a host service');
  await app.keyboard.press('Enter');
  await expect(app.getByRole('list', { name: 'Steps' })).toContainText('brya');
});
