import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { generateHostKey } from '../../relay/practice/host-key.ts';
import { PracticeProcess } from '../../relay/practice-process.ts';
import { ROOT } from '../../relay/prepare.mjs';
import { startSshd } from '../integration/sshd.ts';
import { expect, expectAccessible, expectRow, openTerminal, test, typeLine } from './workbench.ts';

async function addDevice(page: Page, address: string): Promise<void> {
  await page.getByRole('button', { name: /^Device:/ }).click();
  await page.getByRole('menuitem', { name: /Add a device/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a device' });
  await dialog.getByRole('textbox').fill(address);
  await dialog.getByRole('textbox').press('Enter');
}

const picker = (page: Page) => page.getByRole('button', { name: /^Device:/ });

test('a real OpenSSH device by Host alias: trusted, probed, used, reflashed', async ({ app, workbench }) => {
  const sshd = await startSshd({ config: ['LogLevel VERBOSE'] });
  try {
    await mkdir(join(workbench.home, '.ssh'), { mode: 0o700 });
    await writeFile(
      join(workbench.home, '.ssh', 'config'),
      `Host lab\n HostName 127.0.0.1\n Port ${sshd.port}\n User ${sshd.user}\n IdentityFile ${sshd.keyFile}\n`,
    );
    await addDevice(app, 'lab');
    const unknown = app.getByRole('dialog', { name: /lab was not seen before/ });
    await expect(unknown).toContainText(sshd.hostKeyFingerprint);
    await unknown.getByRole('button', { name: 'Trust this key' }).click();
    await expect(picker(app)).toContainText('connected');
    await app.getByRole('link', { name: 'Device', exact: true }).click();
    await expect(app.getByRole('row', { name: /^Board/ })).toContainText('not ChromeOS?');
    const terminal = await openTerminal(app, 'Device');
    await typeLine(terminal, 'echo "real $((3*3))"');
    await expectRow(terminal, /^real 9$/);

    // Walk 3: after a reflash.
    const before = sshd.hostKeyFingerprint;
    await sshd.reflash();
    const changed = app.getByRole('dialog', { name: /host key of lab changed/ });
    await expect(changed).toBeVisible({ timeout: 30_000 });
    await expect(changed).toContainText(before);
    await expect(changed).toContainText(sshd.hostKeyFingerprint);
    await expect(changed).toContainText('This device was reflashed or powerwashed');
    await expect(changed).toContainText('ssh-keygen -lf /mnt/stateful_partition/etc/ssh/ssh_host_ed25519_key.pub');
    await changed.getByRole('button', { name: 'Replace the key' }).click();
    await expect(picker(app)).toContainText('connected');
  } finally {
    await sshd.stop();
  }
});

test('the key of a jump host is asked for as such, before that of the device', async ({ app, workbench }) => {
  const [jump, dut] = await Promise.all([startSshd(), startSshd()]);
  try {
    await mkdir(join(workbench.home, '.ssh'), { mode: 0o700 });
    const hosts = `Host dut\n HostName 127.0.0.1\n Port ${dut.port}\n User ${dut.user}\n ProxyJump ${jump.address}\n`;
    await writeFile(
      join(workbench.home, '.ssh', 'config'),
      `${hosts}Host *\n IdentityFile ${jump.keyFile}\n IdentityFile ${dut.keyFile}\n`,
    );
    await addDevice(app, 'dut');
    const dialog = app.getByRole('dialog', { name: /dut was not seen before/ });
    await expect(dialog).toContainText(`${jump.address} (jump host on the way to ${dut.address}) is not known`);
    await expect(dialog).toContainText(jump.hostKeyFingerprint);
    await expectAccessible(app);
    await dialog.getByRole('button', { name: 'Trust this key' }).click();
    await expect(dialog).toContainText(`${dut.address} (via ${jump.address}) is not known`);
    await expect(dialog).toContainText(dut.hostKeyFingerprint);
    await dialog.getByRole('button', { name: 'Trust this key' }).click();
    await expect(picker(app)).toContainText('connected');
  } finally {
    await Promise.all([jump.stop(), dut.stop()]);
  }
});

test('a password is asked for in the page; a wrong one is a clear problem', async ({ app }) => {
  // A practice device as a stranger's machine: by address nothing is known of it.
  const device = await PracticeProcess.start({
    program: join(ROOT, 'build/relay/practice.js'),
    devices: [{ arch: 'x86_64', hostKey: generateHostKey() }],
    onDeath: () => undefined,
  });
  if (!device) throw new Error('the practice device did not start');
  await addDevice(app, `root@127.0.0.1:${device.ports[0]}`);
  await app
    .getByRole('dialog', { name: /was not seen before/ })
    .getByRole('button', { name: 'Trust this key' })
    .click();
  const prompt = app.getByRole('dialog').filter({ has: app.getByLabel(/password/i) });
  for (let tries = 0; tries < 3; tries++) {
    await expect(prompt.getByLabel(/password/i)).toHaveValue('');
    await prompt.getByLabel(/password/i).fill('wrong');
    await prompt.getByLabel(/password/i).press('Enter');
  }
  await expect(picker(app)).toContainText('problem');
  await app.getByRole('link', { name: 'Device', exact: true }).click();
  await expect(app.getByRole('alert')).toContainText('The device refused the login');
  await app.getByRole('alert').getByRole('button', { name: 'Try again' }).click();
  await prompt.getByLabel(/password/i).fill(device.password);
  await prompt.getByLabel(/password/i).press('Enter');
  await expect(picker(app)).toContainText('connected');
  await expect(app.getByRole('group', { name: 'Facts' })).toContainText('tatl');
  await device.close();
});

test('a very old image: refused, allowed by hand, and said to be', async ({ app, workbench }) => {
  const old = ['KexAlgorithms diffie-hellman-group14-sha1', 'Ciphers aes128-cbc', 'MACs hmac-sha1'];
  const sshd = await startSshd({ config: old });
  const allowed = app.getByRole('checkbox', { name: /very old image \(SHA-1, CBC\)/ });
  try {
    await mkdir(join(workbench.home, '.ssh'), { mode: 0o700 });
    await writeFile(join(workbench.home, '.ssh', 'config'), `IdentityFile ${sshd.keyFile}\n`);
    await addDevice(app, sshd.address);
    await app.getByRole('link', { name: 'Device', exact: true }).click();
    const refused = app.getByRole('alert').filter({ hasText: 'No algorithm that both sides take' });
    await expect(refused).toContainText('SHA-1 and CBC');
    await expect(allowed).not.toBeChecked();
    await expectAccessible(app);
    await refused.getByRole('button', { name: 'It is a very old image: allow both' }).click();
    await app.getByRole('button', { name: 'Trust this key' }).click();
    await expect(picker(app)).toContainText('connected');
    await expect(allowed).toBeChecked();
    await expect(app.getByText('SHA-1 and CBC allowed', { exact: true })).toBeVisible();
    await expectAccessible(app);

    // What one may, one may take back; and it is asked for where a device is added, too.
    await allowed.uncheck();
    await expect(refused).toBeVisible();
    await picker(app).click();
    await app.getByRole('menuitem', { name: /^Remove/ }).click();
    await picker(app).click();
    await app.getByRole('menuitem', { name: /Add a device/ }).click();
    const dialog = app.getByRole('dialog', { name: 'Add a device' });
    await dialog.getByRole('textbox').fill(sshd.address);
    await dialog.getByRole('checkbox', { name: /very old image/ }).check();
    await expectAccessible(app);
    await dialog.getByRole('textbox').press('Enter');
    await expect(picker(app)).toContainText('connected');
    await expect(allowed).toBeChecked();
  } finally {
    await sshd.stop();
  }
});

test('addresses that cannot work say why and what to do next, and lose nothing', async ({ app }) => {
  await app.getByRole('link', { name: 'Device', exact: true }).click();
  await addDevice(app, 'root@123.45.67.765');
  const dialog = app.getByRole('dialog', { name: 'Add a device' });
  await expect(dialog).toContainText('each of its four numbers ends at 255');
  await expect(dialog.getByRole('textbox')).toHaveValue('root@123.45.67.765');
  await dialog.getByRole('textbox').fill('root@no-such-host.invalid');
  await dialog.getByRole('textbox').press('Enter');
  await expect(app.getByRole('alert')).toContainText('No such host');
  await expect(app.getByRole('alert')).toContainText('no-such-host.invalid');
  await expect(app.getByRole('alert').getByRole('button')).toBeVisible();

  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  await addDevice(app, `root@127.0.0.1:${typeof bound === 'object' && bound ? bound.port : 1}`);
  await expect(app.getByRole('alert')).toContainText('Nothing listens on that port');
  await expect(app.getByRole('alert').getByRole('button', { name: 'Try again' })).toBeVisible();

  // Elsewhere a line says the reason, and leads there.
  await app.getByRole('link', { name: 'Start', exact: true }).click();
  await addDevice(app, 'root@no-such-host-either.invalid');
  const notice = app.getByRole('banner').getByText(/^No such host\..*no-such-host-either\.invalid/);
  await expect(notice).toBeVisible();
  await expectAccessible(app);
  await app.setViewportSize({ width: 400, height: 800 });
  expect(await app.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
  await app.getByRole('banner').getByRole('link', { name: 'What to do' }).click();
  await expect(app.getByRole('alert')).toContainText('Check its spelling');
  await expect(notice).toHaveCount(0);
});

test('without a relay the script is copied, run anywhere, and its output pasted back', async ({
  app,
  context,
  workbench,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await app.getByRole('link', { name: 'Device', exact: true }).click();
  await expect(app.getByRole('heading', { name: 'Without a relay' })).toBeVisible();
  await app.getByRole('link', { name: 'Sheets', exact: true }).click();
  await app.getByRole('link', { name: /Change a guest package/ }).click();
  await expect(app.getByRole('list', { name: 'Steps' })).toBeVisible();
  await app.getByRole('link', { name: 'Device', exact: true }).click();
  await workbench.stop();
  await app.getByRole('button', { name: 'Copy the script' }).click();
  const script = await app.evaluate(() => navigator.clipboard.readText());
  const { execFileSync } = await import('node:child_process');
  const output = execFileSync('bash', { input: script, encoding: 'utf8' });
  const machine = execFileSync('uname', ['-m'], { encoding: 'utf8' }).trim();
  await app.getByRole('textbox', { name: 'Paste here what it printed' }).fill(output);
  await expect(app.getByRole('row', { name: /^Architecture/ })).toContainText(machine);
  await expect(app.getByRole('row', { name: /^Guest board/ })).toContainText(machine === 'x86_64' ? 'tatl' : 'tael');
  await app.getByRole('link', { name: 'Sheets', exact: true }).click();
  await app.getByRole('link', { name: /Change a guest package/ }).click();
  await expect(app.getByRole('list', { name: 'Steps' })).toContainText(
    machine === 'x86_64' ? '--board=tatl' : '--board=tael',
  );
});
