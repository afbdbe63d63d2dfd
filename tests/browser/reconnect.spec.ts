import { chooseDevice, expect, expectRow, openTerminal, test, typeLine } from './workbench.ts';

test('a terminal outlives a reload, with what was on it; closing its tab ends it', async ({ app }) => {
  await chooseDevice(app, /x86_64/);
  const before = await openTerminal(app, 'Device');
  await typeLine(before, 'KEPT=$((40+2)); echo "kept $KEPT"');
  await expectRow(before, /^kept 42$/);
  await app.reload();
  const after = app.getByRole('region', { name: 'Device terminal' });
  await expectRow(after, /^kept 42$/);
  await typeLine(after, 'echo "again $KEPT"');
  await expectRow(after, /^again 42$/);
  await app.getByRole('tab', { name: 'Device' }).press('Delete');
  await expect(app.getByRole('tab')).toHaveCount(0);
});

test('the exit code is shown, and Reconnect starts a new shell', async ({ app }) => {
  await chooseDevice(app, /x86_64/);
  const terminal = await openTerminal(app, 'Device');
  await typeLine(terminal, 'exit 7');
  await expect(terminal.getByText('Exited with code 7')).toBeVisible();
  await terminal.getByRole('button', { name: 'Reconnect' }).click();
  await typeLine(terminal, 'echo "alive $((2+2))"');
  await expectRow(terminal, /^alive 4$/);
});

test('when the relay stops everything says so, and comes back with it', async ({ app, workbench }) => {
  await chooseDevice(app, /x86_64/);
  const terminal = await openTerminal(app, 'Device');
  await workbench.stop();
  await expect(terminal.getByText('The relay was stopped, and this session with it')).toBeVisible();
  const picker = app.getByRole('button', { name: /^Device:/ });
  await expect(picker).toContainText('reconnecting');
  // Map and sheets go on without it.
  await app.getByRole('link', { name: 'Map', exact: true }).click();
  await expect(app.getByRole('option', { name: /^concierge, / })).toBeVisible();
  await workbench.start();
  await expect(picker).toContainText('connected', { timeout: 30_000 });
});

test('a link works once; a page that is not signed in says what to do', async ({ app, workbench, browser }) => {
  const stranger = await browser.newPage();
  await stranger.goto(workbench.link);
  await expect(stranger.getByText('This page is not signed in to the relay')).toBeVisible();
  await expect(stranger.getByText(/used before|out of date/)).toBeVisible();
  await expect(stranger.getByText(/press Enter in its terminal/i)).toBeVisible();
  expect(stranger.url()).not.toContain('token');
  await stranger.close();
  expect(app.url()).not.toContain('token');
});
