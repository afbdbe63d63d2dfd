import { chooseDevice, expect, expectAccessible, openTerminal, test } from './workbench.ts';

/** Signing out: from the Device page and from the palette, in this browser and everywhere else. */

test('signing out ends what runs in every window of the browser, and says how to sign in again', async ({
  app,
  workbench,
}) => {
  await app.emulateMedia({ reducedMotion: 'reduce' });
  await chooseDevice(app, /x86_64/);
  const terminal = await openTerminal(app, 'Device');
  const window = await app.context().newPage();
  await window.goto(new URL('/sheets', app.url()).href);
  await chooseDevice(window, /arm64/);

  await app.getByRole('link', { name: 'Device', exact: true }).click();
  const section = app.getByRole('region', { name: 'Sign-in' });
  await expect(section).toContainText('This browser is signed in to the relay');
  await expect(section).toContainText('No other browser is.');
  await expect(section.getByRole('button', { name: 'Sign out everywhere else' })).toHaveCount(0);
  await expectAccessible(app);
  const button = section.getByRole('button', { name: 'Sign out this browser' });
  await button.press('Enter');
  const dialog = app.getByRole('dialog', { name: 'Sign out this browser?' });
  // The safe answer has the focus, and Escape is it.
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await expectAccessible(app);
  await app.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(button).toBeFocused();
  await button.press('Enter');
  await app.keyboard.press('Tab');
  await app.keyboard.press('Enter');

  await expect(app.getByRole('heading', { name: 'What are you working on?' })).toBeVisible();
  const card = app.getByRole('main').getByRole('status').filter({ hasText: 'not signed in' });
  await expect(card).toContainText('You signed out in this browser.');
  await expect(card).toContainText('Press Enter in the terminal of npm start');
  await expect(terminal).toContainText('You signed out in this browser');
  await expectAccessible(app);
  // The other window has heard it, too, and so has the cookie.
  await expect(window.getByText('This page is not signed in to the relay.')).toBeVisible();
  await expect(window.getByText(/Press Enter in the terminal of npm start/)).toBeVisible();
  await expectAccessible(window);
  expect(await app.context().cookies()).toEqual([]);
  await window.close();
  await card.getByRole('button', { name: 'Try again' }).click();
  await expect(card).toContainText('The relay knows no sign-in of this browser.');
  // Another link in the same tab changes only what stands behind the #.
  await workbench.stop();
  await workbench.start();
  await app.goto(workbench.link);
  await chooseDevice(app, /x86_64/);
  expect(app.url()).not.toContain('token');
});

test('everywhere else: the other browser is signed out, this one goes on', async ({ app, workbench, browser }) => {
  const other = await browser.newContext();
  const page = await other.newPage();
  // Each start prints a link.
  await workbench.stop();
  await workbench.start();
  await page.goto(workbench.link);
  await chooseDevice(page, /arm64/);
  await chooseDevice(app, /x86_64/);

  await app.keyboard.press('Control+k');
  await app.keyboard.type('sign out everywhere');
  await app.keyboard.press('Enter');
  const dialog = app.getByRole('dialog', { name: 'Sign out everywhere else?' });
  await dialog.getByRole('button', { name: 'Sign out everywhere else' }).click();
  await expect(app.getByText('One other sign-in ended')).toBeVisible();
  await expect(page.getByText('Another browser signed this one out')).toBeVisible();
  await expect(app.getByRole('button', { name: /^Device:/ })).toContainText('connected');
  await app.getByRole('link', { name: 'Device', exact: true }).click();
  await expect(app.getByRole('region', { name: 'Sign-in' })).toContainText('No other browser is.');
  await other.close();

  // From the palette this browser, too.
  await app.keyboard.press('Control+k');
  await app.keyboard.type('sign out this browser');
  await app.keyboard.press('Enter');
  await app.getByRole('dialog').getByRole('button', { name: 'Sign out this browser' }).click();
  await expect(app.getByRole('main')).toContainText('You signed out in this browser.');
});
