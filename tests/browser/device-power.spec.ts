import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { type TestDevice, startDevice } from '../device/start.ts';
import {
  type Workbench,
  expect,
  expectAccessible,
  expectRow,
  openTerminal,
  test as base,
  typeLine,
} from './workbench.ts';

/*
 * A device with a network and a power of its own (tests/device, tier 2): what happens to them, the app shows as what
 * it is.
 */
const test = base.extend<{ device: TestDevice }>({
  device: async ({ app, workbench }, use) => {
    const device = await startDevice(2);
    await addDevice(app, workbench, device);
    await use(device);
    await device.stop();
  },
});

const picker = (page: Page) => page.getByRole('button', { name: /^Device:/ });

async function addDevice(page: Page, workbench: Workbench, device: TestDevice): Promise<void> {
  await mkdir(join(workbench.home, '.ssh'), { mode: 0o700 });
  await writeFile(
    join(workbench.home, '.ssh', 'config'),
    `Host dut\n HostName ${device.host}\n User root\n IdentityFile ${device.keyFile}\n`,
  );
  await picker(page).click();
  await page.getByRole('menuitem', { name: /Add a device/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a device' });
  await dialog.getByRole('textbox').fill('dut');
  await dialog.getByRole('textbox').press('Enter');
  await page.getByRole('button', { name: 'Trust this key' }).click();
  await expect(picker(page)).toContainText('connected');
  await page.getByRole('link', { name: 'Device', exact: true }).click();
  await expect(page.getByRole('row', { name: /^Owner hash/ })).toContainText(device.config.user.hash);
}

/** A notice of the device's page. */
const card = (page: Page, title: string | RegExp) =>
  page
    .getByRole('main')
    .getByRole('status')
    .filter({ has: page.getByText(title, { exact: true }) });

/** Ends every connection to the device, this one too, and lets it run. */
const BREAK_CONNECTIONS = "ps -eo pid,args | awk '/sshd: root@/ { print $1 }' | xargs kill -9";

test.setTimeout(120_000);

test('a cut cable: no answer, counted; plugged in again, everything goes on', async ({ app, device }) => {
  const terminal = await openTerminal(app, 'Device');
  await typeLine(terminal, 'KEPT=$((40+2)); echo "kept $KEPT"');
  await expectRow(terminal, /^kept 42$/);
  await device.act('cut');
  await expect(picker(app)).toContainText(/no answer for \d+ s/, { timeout: 20_000 });
  await expect(card(app, 'The device does not answer')).toBeVisible();
  await expectAccessible(app);
  // What is typed meanwhile waits.
  await typeLine(terminal, 'echo "typed into the dark: $((KEPT+1))"');
  await device.act('plug');
  await expectRow(terminal, /^typed into the dark: 43$/);
  await expect(app.getByText('The device answers again')).toBeVisible({ timeout: 60_000 });
  await expect(picker(app)).toContainText('connected');
  await expect(card(app, /restarted/)).toHaveCount(0);
});

test('a reboot: reconnected by itself, and said to be one', async ({ app, device }) => {
  const terminal = await openTerminal(app, 'Device');
  await typeLine(terminal, 'echo "before $((40+2))"; sleep 600');
  await expectRow(terminal, /^before 42$/);
  await app.getByRole('button', { name: 'Open a terminal or log' }).click();
  await app.getByRole('menuitem', { name: /^Host services/ }).click();
  const log = app.getByRole('region', { name: 'Host services log' });
  await expect(log.getByText('Following', { exact: true })).toBeVisible();
  await device.act('reboot', '1');
  const restarted = card(app, 'The device restarted');
  await expect(restarted).toBeVisible({ timeout: 30_000 });
  // What ran there is said to be gone, by name, and is not started again by itself.
  await expect(restarted).toContainText('Ended with it: the terminal Device, the log Host services.');
  await expect(log).toContainText('The device restarted, and this ended with it');
  await expect(log.getByRole('button', { name: 'Follow again' })).toBeVisible();
  await app.getByRole('tab', { name: /^Device/ }).click();
  await expect(terminal.getByRole('button', { name: 'Reconnect' })).toBeVisible();
  await expect(terminal).toContainText('what ran in the old one is gone');
  const { stdout } = await device.ssh('ps -eo args');
  expect(stdout).not.toMatch(/sleep 600|tail -/);
  await expect(picker(app)).toContainText('connected');
  // Nobody is signed in after a boot, and the facts say so.
  await expect(app.getByRole('row', { name: /^Owner hash/ })).toContainText(/[Nn]obody/);
  await expectAccessible(app);
  // The connection breaks, and the device does not restart: the restart of before is not the reason.
  await terminal.getByRole('button', { name: 'Reconnect' }).click();
  await typeLine(terminal, 'echo "again $((40+3))"');
  await expectRow(terminal, /^again 43$/);
  await device.ssh(BREAK_CONNECTIONS).catch(() => undefined);
  await expect(terminal.getByRole('button', { name: 'Reconnect' })).toBeVisible();
  await expect(terminal).not.toContainText('The device restarted');
  await expect(terminal).toContainText('The device did not restart.', { timeout: 30_000 });
  await expect(terminal).not.toContainText('may have restarted');
  await expect(app.getByRole('region', { name: 'Notices' })).toContainText(
    'It did not restart, but the connection was lost. Ended with it: the terminal Device.',
  );
  // What ended with the restart still says so.
  await app.getByRole('tab', { name: /^Host services/ }).click();
  await expect(log).toContainText('The device restarted, and this ended with it');
  await expect(card(app, 'The device restarted')).toHaveCount(0);
});

test('a device with a password, lost: what is typed is not interrupted, and the login says why', async ({
  app,
  device,
}) => {
  await picker(app).click();
  await app.getByRole('menuitem', { name: /Add a device/ }).click();
  await app.getByRole('dialog').getByRole('textbox').fill(`root@${device.host}`);
  await app.getByRole('dialog').getByRole('textbox').press('Enter');
  const login = app.getByRole('dialog', { name: /asks$/ });
  const logIn = async (): Promise<void> => {
    await login.getByLabel('Password').fill('test0000');
    await login.getByLabel('Password').press('Enter');
  };
  const trust = app.getByRole('button', { name: 'Trust this key' });
  await expect(trust.or(login)).toBeVisible();
  if (await trust.isVisible()) await trust.click();
  await logIn();
  await expect(picker(app)).toContainText('connected');

  await app.getByRole('link', { name: 'Sheets', exact: true }).click();
  const search = app.getByRole('searchbox');
  await search.focus();
  await device.ssh(BREAK_CONNECTIONS).catch(() => undefined);
  const notice = app.getByRole('banner').getByText(/was lost\. Log in again to go on\.$/);
  await expect(notice).toBeVisible();
  await app.keyboard.type('kernel');
  await expect(search).toHaveValue('kernel');
  await expect(login).toHaveCount(0);
  await expectAccessible(app);
  await app.getByRole('banner').getByRole('button', { name: 'Log in' }).click();
  await expect(login).toContainText('The connection was lost; log in again to go on.');
  await logIn();
  await expect(picker(app)).toContainText('connected');
  await expect(notice).toHaveCount(0);
});

test('a crash: silence first, then a restart without a goodbye', async ({ app, device }) => {
  const terminal = await openTerminal(app, 'Device');
  const crash = device.act('crash', '14');
  await expect(picker(app)).toContainText(/no answer for \d+ s/, { timeout: 20_000 });
  // Nothing is given up while it may still be a cable.
  await expect(terminal.getByRole('button', { name: 'Reconnect' })).toHaveCount(0);
  await crash;
  await expect(card(app, 'The device restarted without a goodbye')).toBeVisible({
    timeout: 60_000,
  });
  await expect(picker(app)).toContainText('connected');
  await expect(terminal.getByRole('button', { name: 'Reconnect' })).toBeVisible({ timeout: 60_000 });
  await expect(card(app, 'The device restarted without a goodbye')).toContainText(
    'Ended with it: the terminal Device.',
  );
});

test('a short crash: nothing was closed, and it is not taken for an orderly restart', async ({ app, device }) => {
  const terminal = await openTerminal(app, 'Device');
  await device.act('crash', '0');
  await expect(card(app, 'The device restarted without a goodbye')).toBeVisible({ timeout: 60_000 });
  await expect(card(app, 'The device restarted')).toHaveCount(0);
  await expect(picker(app)).toContainText('connected');
  await expect(terminal.getByRole('button', { name: 'Reconnect' })).toBeVisible({ timeout: 60_000 });
});

test('a sign-out: the device stays connected, and its VM is gone', async ({ app, device }) => {
  await device.act('signout');
  await app.getByRole('button', { name: 'Probe again' }).click();
  await expect(app.getByRole('row', { name: /^Owner hash/ })).toContainText(/[Nn]obody/);
  await device.act('guest');
  await app.getByRole('button', { name: 'Probe again' }).click();
  await expect(app.getByRole('row', { name: /^Owner hash/ })).toContainText(/guest/i);
});
