import { chooseDevice, expect, expectAccessible, openTerminal, test, typeLine } from './workbench.ts';

const PAGES = [
  '/',
  '/map?component=garcon',
  '/sheets',
  '/sheets/guest-package?packages=garcon',
  '/logs',
  '/files',
  '/device',
];

for (const colorScheme of ['light', 'dark'] as const)
  for (const width of [1280, 400])
    test(`axe finds nothing, ${colorScheme}, ${width} px`, async ({ app }) => {
      await app.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await app.setViewportSize({ width, height: 800 });
      await app.getByRole('button', { name: /Try the practice device/ }).click();
      await expect(app.getByRole('group', { name: 'Facts' })).toContainText('tatl');
      for (const path of PAGES) {
        await app.goto(new URL(path, app.url()).href);
        await expect(app.getByRole('heading').first()).toBeVisible();
        await expectAccessible(app);
        const overflow = await app.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(overflow, `${path} is wider than the window`).toBeLessThanOrEqual(0);
      }
    });

test('axe finds nothing with terminals and a log in the dock', async ({ app }) => {
  await chooseDevice(app, /x86_64/);
  await openTerminal(app, 'Device');
  await app.getByRole('button', { name: 'Open a terminal or log' }).click();
  await app.getByRole('menuitem', { name: /Host services/ }).click();
  await app.getByRole('button', { name: 'Two side by side' }).click();
  await expect(app.getByRole('region', { name: 'Device terminal' })).toBeVisible();
  await expect(app.getByRole('region', { name: /Host services log/ }).getByText('Following')).toBeVisible();
  await expectAccessible(app);
});

test('the palette finds and goes, by keyboard alone', async ({ app }) => {
  await app.keyboard.press('Control+k');
  const palette = app.getByRole('dialog');
  await palette.getByRole('combobox').fill('sommelier');
  await expect(palette.getByRole('option', { name: /^sommelier/ })).toBeVisible();
  await app.keyboard.press('Enter');
  await expect(app).toHaveURL(/\/map\?component=sommelier$/);
  await app.keyboard.press('Control+k');
  await palette.getByRole('combobox').fill('host service');
  await expect(palette.getByRole('option', { name: /Change a host service/ }).first()).toBeVisible();
  await app.keyboard.press('Escape');
  await expect(palette).toBeHidden();
});

test('a log is paused, filtered and read in peace', async ({ app }) => {
  await chooseDevice(app, /x86_64/);
  await app.getByRole('link', { name: 'Logs', exact: true }).click();
  await app.getByRole('button', { name: /^Follow on/ }).click();
  const log = app.getByRole('region', { name: /Host services log/ });
  const rows = log.getByRole('log');
  await expect(log.getByText('Following')).toBeVisible();
  await expect(rows.getByText('vm_concierge').first()).toBeVisible();
  await log.getByRole('searchbox').fill('tag:vm_concierge');
  await expect(log.getByText(/^\d+ of \d[\d,]* lines$/)).toBeVisible();
  await expect(rows.getByText('kernel')).toHaveCount(0);
  await log.getByRole('searchbox').fill('level>=nonsense');
  await expect(log.getByRole('alert')).toBeVisible();
  await log.getByRole('searchbox').fill('');
  const terminal = await openTerminal(app, 'Device');
  await log.getByRole('button', { name: 'Pause' }).click();
  // One line, by its time: a line that is added must not be taken for it.
  const stamp = await rows.getByTitle(/^20/).last().getAttribute('title');
  const line = rows.getByTitle(stamp ?? '');
  const place = await line.boundingBox();
  await typeLine(terminal, 'for i in 1 2 3; do logger "written while paused $i"; done');
  await expect(log.getByRole('button', { name: /new, back to the end/ })).toBeVisible();
  expect(await line.boundingBox()).toEqual(place);
  await log.getByRole('button', { name: /new, back to the end/ }).click();
  await expect(rows.getByText('written while paused 3')).toBeVisible();
  // Scrolling up is pausing.
  await rows.hover();
  await app.mouse.wheel(0, -600);
  await expect(log.getByText('Paused', { exact: true })).toBeVisible();
});
