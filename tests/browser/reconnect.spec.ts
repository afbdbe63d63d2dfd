import { chooseDevice, expect, expectAccessible, expectRow, openTerminal, test, typeLine } from './workbench.ts';

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
  // A program names itself, and turns half of its name around.
  await typeLine(terminal, String.raw`printf '\033]2;re\342\200\256port\007'`);
  await expect(app.getByRole('tab', { name: 'Device' })).toHaveAttribute('title', /· report$/);
  await typeLine(terminal, 'exit 7');
  await expect(terminal.getByText('Exited with code 7')).toBeVisible();
  await terminal.getByRole('button', { name: 'Reconnect' }).click();
  await typeLine(terminal, 'echo "alive $((2+2))"');
  await expectRow(terminal, /^alive 4$/);
  await expectRow(terminal, /a new shell/);
});

test('a terminal that ended keeps its tab and how it ended through a reload', async ({ app }) => {
  await chooseDevice(app, /x86_64/);
  const terminal = await openTerminal(app, 'Device');
  await typeLine(terminal, 'exit 7');
  await expect(terminal.getByText('Exited with code 7')).toBeVisible();
  await app.reload();
  await expect(app.getByRole('tab', { name: /^Device/ })).toContainText('ended');
  await expect(terminal.getByText('Exited with code 7')).toBeVisible();
  await expect(terminal).toContainText('What it had printed went with the reload of this page.');
  await expectAccessible(app);
  await terminal.getByRole('button', { name: 'Reconnect' }).click();
  await typeLine(terminal, 'echo "alive $((2+2))"');
  await expectRow(terminal, /^alive 4$/);
  await expect(terminal).not.toContainText('went with the reload');
});

test('a shell of a VM that is stopped says so, and where it is started', async ({ app }) => {
  await chooseDevice(app, /x86_64/);
  const device = await openTerminal(app, 'Device');
  await typeLine(device, 'vmc stop termina; echo "stopped $?"');
  await expectRow(device, /^stopped 0$/);
  await app.getByRole('link', { name: 'Device', exact: true }).click();
  await app.getByRole('button', { name: 'Probe again' }).click();
  await expect(app.getByRole('group', { name: 'Facts' })).toContainText('termina stopped');
  await app.getByRole('button', { name: 'Open a terminal or log' }).click();
  await app.getByRole('menuitem', { name: 'Penguin' }).click();
  const penguin = app.getByRole('region', { name: 'Penguin terminal' });
  await expect(penguin).toContainText('The VM termina does not run.');
  await expectAccessible(app);
  // A narrow window shows the page then, and not the dock.
  await app.setViewportSize({ width: 400, height: 800 });
  await penguin.getByRole('link', { name: 'How to start it' }).click();
  await expect(app).toHaveURL(/\/sheets\/termina-shell#start$/);
  await expect(app.getByRole('list', { name: 'Steps' })).toBeVisible();
  await expect(penguin).toBeHidden();
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
  await expect(stranger.getByText(/press Enter where npm start runs/i)).toBeVisible();
  // Said once, and no button that cannot help.
  await expect(stranger.getByText(/press Enter/i)).toHaveCount(1);
  await expect(stranger.getByRole('button', { name: 'Try again' })).toHaveCount(0);
  expect(stranger.url()).not.toContain('token');
  await stranger.close();
  expect(app.url()).not.toContain('token');
});
