import { LOG_SOURCES } from '../../src/lib/catalog/log-sources.ts';
import { chooseDevice, expect, expectAccessible, test } from './workbench.ts';

test('every log of the catalogue opens on the practice device, and says what it is', async ({ app }) => {
  await chooseDevice(app, /Practice x86_64/);
  await expect(app.getByRole('group', { name: 'Facts' })).toContainText('penguin');
  await app.getByRole('link', { name: 'Logs', exact: true }).click();
  for (const { label, once } of LOG_SOURCES) {
    await app.getByRole('group', { name: 'Log' }).getByRole('button', { name: label, exact: true }).click();
    await app.getByRole('button', { name: /^Follow on/ }).click();
    const log = app.getByRole('region', { name: `${label} log` });
    await expect(log.getByText(once ? 'Read' : 'Following', { exact: true })).toBeVisible();
  }
});

test('the journal of the container is followed, filtered by program', async ({ app }) => {
  await chooseDevice(app, /Practice arm64/);
  // The command needs the owner hash, so the device must have been asked.
  await expect(app.getByRole('group', { name: 'Facts' })).toContainText('penguin');
  await app.getByRole('link', { name: 'Logs', exact: true }).click();
  await app.getByRole('button', { name: 'Container, its user', exact: true }).click();
  await app.getByRole('button', { name: /^Follow on/ }).click();
  const log = app.getByRole('region', { name: 'Container, its user log' });
  await expect(log.getByText(/^garcon\[\d+\]$/).first()).toBeVisible();
  await log.getByRole('searchbox', { name: /^Filter/ }).fill('tag:sommelier');
  await expect(log.getByText(/^sommelier\[\d+\]$/).first()).toBeVisible();
  await expect(log.getByText(/^garcon\[\d+\]$/)).toHaveCount(0);
  await expectAccessible(app);
});

test('a log that goes away while it scrolls does so without an error', async ({ app }) => {
  await chooseDevice(app, /Practice x86_64/);
  await app.getByRole('link', { name: 'Logs', exact: true }).click();
  await app.getByRole('button', { name: 'Host services', exact: true }).click();
  await app.getByRole('button', { name: /^Follow on/ }).click();
  const log = app.getByRole('region', { name: 'Host services log' });
  await expect(log.getByText(/vm_concierge/).first()).toBeVisible();
  const another = app
    .getByRole('group', { name: 'Log' })
    .getByRole('button', { name: 'Container, its user', exact: true });
  // In one turn: the browser tells of the scroll when the log is gone already.
  await log.getByRole('log').evaluate(
    (view, button) => {
      view.scrollTop = 0;
      if (button instanceof HTMLElement) button.click();
    },
    await another.elementHandle(),
  );
  await expect(log).toHaveCount(0);
  await app.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
});
