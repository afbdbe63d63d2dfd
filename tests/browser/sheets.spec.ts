import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { Locator, Page } from '@playwright/test';
import { chooseDevice, expect, expectAccessible, test } from './workbench.ts';

const HASH = '5c990f446325244d42d5919b06dcd2615e74cbfc';

const step = (page: Page, title: string): Locator => page.getByRole('listitem', { name: title, exact: true });
const values = (page: Page): Locator => page.getByRole('region', { name: 'Values' });
const packages = (page: Page): Locator => page.getByRole('combobox', { name: 'Guest packages' });

async function open(page: Page, path: string): Promise<void> {
  await page.goto(new URL(path, page.url()).href);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
}

/** Opens a page with the practice device connected. */
async function openOnDevice(page: Page, path: string, device: RegExp = /x86_64/): Promise<void> {
  await chooseDevice(page, device);
  await expect(page.getByRole('group', { name: 'Facts' })).toContainText(/tatl|tael/);
  await open(page, path);
  await expect(page.getByRole('button', { name: /^Device:/ })).toContainText('connected');
}

const clipboard = (page: Page): Promise<string> => page.evaluate(() => navigator.clipboard.readText());

test.beforeEach(({ context }) => context.grantPermissions(['clipboard-read', 'clipboard-write']));

test('the index: by wish, with Places and the sections that it replaces, by keyboard alone', async ({ app }) => {
  await app.getByRole('link', { name: 'Sheets', exact: true }).click();
  const groups = app.getByRole('region').filter({ has: app.getByRole('heading', { level: 2 }) });
  await expect(groups).toHaveCount(6);
  await expect(app.getByText('23 sheets')).toBeVisible();
  const host = app.getByRole('listitem').filter({ has: app.getByRole('link', { name: 'Change a host service' }) });
  await expect(host).toContainText('Guide: Host service changes');
  await expect(host).toContainText('outside');
  await expect(host).toContainText('device');

  await app.keyboard.press('/');
  await app.keyboard.type('emerge termina_container_tools');
  await expect(app).toHaveURL(/\/sheets\?q=emerge\+termina_container_tools$/);
  const row = app.getByRole('link', { name: 'Change a ChromeOS tool of the container' });
  await expect(row).toBeVisible();
  await expect(app.getByRole('link', { name: 'Change a host service' })).toBeHidden();
  await expect(
    app.getByRole('list', { name: 'Steps found in Change a ChromeOS tool of the container' }).getByRole('link'),
  ).toContainText(['Collect it for the container']);
  await app.keyboard.press('ArrowDown');
  await expect(row).toBeFocused();
  await app.keyboard.press('Enter');
  await expect(app.getByRole('heading', { name: 'Change a ChromeOS tool of the container' })).toBeVisible();
});

test('inlined or as a script: in the address, remembered, copied in one', async ({ app }) => {
  await openOnDevice(app, '/sheets/guest-package?packages=tremplin');
  const build = step(app, 'Build from your source');
  await expect(build).toContainText('cros workon --board=tatl start tremplin');
  await app.getByRole('radio', { name: 'Script' }).check({ force: true });
  await expect(app).toHaveURL(/\/sheets\/guest-package\?style=exports$/);
  await expect(build).toContainText('cros workon --board="$GUEST_BOARD" start "${PACKAGE_NAME[@]}"');
  await build.getByRole('button', { name: /^Copy command/ }).click();
  await expect.poll(() => clipboard(app)).toBe('cros workon --board="$GUEST_BOARD" start "${PACKAGE_NAME[@]}"');

  const setup = app.getByRole('region', { name: 'Set once' });
  await setup.getByRole('button', { name: 'Copy the variables for outside' }).click();
  await expect.poll(() => clipboard(app)).toBe('export GUEST_BOARD=tatl\nPACKAGE_NAME=(tremplin)');

  await app.getByRole('button', { name: 'Copy all' }).click();
  await expect.poll(() => clipboard(app)).toContain('# (outside) Set once\nexport GUEST_BOARD=tatl\n');
  await expect.poll(() => clipboard(app)).toContain('\n# (outside) Build from your source\ncros workon ');

  // The next sheet is a script too, and says so in its address.
  await open(app, '/sheets/host-service-change');
  await expect(app).toHaveURL(/\?style=exports$/);
  await expect(app.getByRole('radio', { name: 'Script' })).toBeChecked();
  await app.getByRole('radio', { name: 'Inlined' }).check({ force: true });
  await expect(app).toHaveURL(/\/sheets\/host-service-change$/);
  await expect(app.getByRole('region', { name: 'Set once' })).toHaveCount(0);
});

test('exports: a script, Markdown and plain text, as files and through the clipboard', async ({ app }) => {
  await openOnDevice(app, '/sheets/guest-package');
  const menu = app.getByRole('dialog', { name: 'Export' });
  await app.getByRole('button', { name: 'Export' }).click();
  await expect(menu).toContainText('Still missing: Guest packages');
  await app.keyboard.press('Escape');
  await packages(app).fill('tremplin');
  await packages(app).press('Enter');

  const download = async (name: string): Promise<string> => {
    await app.getByRole('button', { name: 'Export' }).click();
    await expect(menu).not.toContainText('Still missing');
    const [file] = await Promise.all([
      app.waitForEvent('download'),
      menu.getByRole('button', { name: `Download ${name}` }).click(),
    ]);
    expect(file.suggestedFilename()).toBe(name);
    return readFile(await file.path(), 'utf8');
  };
  const script = await download('guest-package-tatl.sh');
  expect(script).toMatch(/^#!\/usr\/bin\/env bash\n# Change a guest package\n/);
  expect(script).toContain('set -euo pipefail');
  expect(script).toContain('export GUEST_BOARD=tatl\n');
  expect(script).toContain('PACKAGE_NAME=(tremplin)\n');
  execFileSync('bash', ['-n'], { input: script });
  expect(execFileSync('bash', ['-s', '--', '--list'], { input: script, encoding: 'utf8' })).toContain(
    'Build from your source',
  );
  expect(await download('guest-package-tatl.md')).toContain('(outside) $ cros workon --board=tatl start tremplin\n');
  expect(await download('guest-package-tatl.txt')).toMatch(/^Change a guest package\n=+\n/);

  await app.getByRole('button', { name: 'Export' }).click();
  await menu.getByRole('button', { name: 'Copy Bash script' }).click();
  await expect.poll(() => clipboard(app)).toBe(script);
});

test('a choice: one is open, the others fold, and an address chooses', async ({ app }) => {
  await openOnDevice(app, '/sheets/logs');
  await expect(app.getByText('Each of these is a task of its own: choose one.')).toBeVisible();
  await expect(app.getByRole('button', { name: 'Copy all' })).toHaveCount(0);
  const chrome = step(app, 'Chrome').getByRole('button', { name: 'Chrome', exact: true });
  const garcon = step(app, 'Container: garcon').getByRole('button', { name: 'Container: garcon', exact: true });
  await expect(chrome).toHaveAttribute('aria-expanded', 'true');
  await expect(garcon).toHaveAttribute('aria-expanded', 'false');
  await garcon.focus();
  await app.keyboard.press('Enter');
  await expect(garcon).toHaveAttribute('aria-expanded', 'true');
  await expect(chrome).toHaveAttribute('aria-expanded', 'false');
  await expect(step(app, 'Container: garcon')).toContainText('journalctl --user-unit=cros-garcon.service');
  await expect(step(app, 'Chrome').getByRole('button', { name: /^Copy command/ })).toBeHidden();

  await open(app, '/sheets/logs#host-follow');
  const follow = step(app, 'Host services, as they come');
  await expect(follow.getByRole('button', { name: /^Copy command/ })).toBeInViewport();
  await expect(follow.getByText('interactive', { exact: true })).toBeVisible();
});

test('requirements: held with a reason, unknown with a way to see, unmet with a way to put right', async ({ app }) => {
  await open(app, '/sheets/host-service-change');
  const deploy = step(app, 'Deploy it to the device');
  await deploy.getByRole('button', { name: 'Needs' }).click();
  await expect(deploy.getByText('A test image on the device.').locator('..')).toContainText('not known');
  const build = step(app, 'Build the package');
  await build.getByRole('button', { name: 'Needs' }).click();
  await expect(build).toContainText('It must print: Each of your packages on a line');
  await expect(build.getByRole('button', { name: 'Copy the command that shows it' })).toBeVisible();

  await openOnDevice(app, '/sheets/termina-shell#root');
  const root = step(app, 'As root');
  await root.getByRole('button', { name: 'Needs' }).click();
  await expect(root.getByText('The VM is running.').locator('..')).toContainText('holds');
  await expect(root).toContainText('Virtual machines: termina (crostini) running');
  await app.getByRole('textbox', { name: 'Owner hash' }).fill('nobody');
  const unmet = root.getByText('Does not hold: Somebody signed in on the device, not as a guest.');
  await expect(unmet).toBeVisible();
  await unmet.getByRole('link', { name: 'Get the device ready: Sign in' }).click();
  await expect(app).toHaveURL(/\/sheets\/prerequisites#sign-in$/);
  await expect(step(app, 'Sign in')).toBeInViewport();
});

test('a step says when to do it, what proves it, and where the guide is wrong, on demand', async ({ app }) => {
  await openOnDevice(app, '/sheets/guest-package?packages=tremplin');
  await expect(step(app, 'Or deploy it to other DLCs')).toContainText('Only if: The VM is a Baguette');
  const start = step(app, 'Start the VM');
  await start.getByRole('button', { name: 'How to check' }).click();
  await expect(start).toContainText('It must print:');
  await expect(start.getByText('The guide says')).toBeHidden();
  await start.getByRole('button', { name: 'Correction of the guide' }).click();
  await expect(start.getByText('The guide says').first()).toBeVisible();
  // A link of the number leads back to the step.
  await start.getByRole('link', { name: /^Link to step/ }).click();
  await expect(app).toHaveURL(/#start$/);
});

test('packages are picked by the component that was changed, by keyboard', async ({ app }) => {
  await openOnDevice(app, '/sheets/guest-package');
  const field = packages(app);
  const list = app.getByRole('listbox', { name: 'Guest packages' });
  const chosen = values(app).getByRole('list', { name: 'Chosen' });
  await field.focus();
  await app.keyboard.type('garc');
  await expect(list.getByRole('option', { name: /^garcon/ })).toContainText('vm_guest_tools');
  await expect(field).toHaveAttribute('aria-expanded', 'true');
  await app.keyboard.press('Enter');
  await expect(chosen).toHaveText(/vm_guest_tools/);
  await expect(values(app)).toContainText(/vm_guest_tools .*garcon/);
  await app.keyboard.type('tremplin');
  await app.keyboard.press('ArrowDown');
  await app.keyboard.press('ArrowUp');
  await app.keyboard.press('Enter');
  await expect(step(app, 'Build from your source')).toContainText('start vm_guest_tools tremplin');

  // Any other name; what is no name says so where it stands.
  await app.keyboard.type('my-package');
  await expect(list.getByRole('option')).toHaveText(['Add “my-package”']);
  await app.keyboard.press('Enter');
  await expect(values(app)).toContainText('my-package not in the map');
  await app.keyboard.type('-rf');
  await app.keyboard.press('Enter');
  await expect(values(app)).toContainText('"-rf" is not a package name');
  await app.keyboard.press('Backspace');
  await expect(values(app)).not.toContainText('is not a package name');
  await app.getByRole('button', { name: 'Remove my-package' }).click();
  await expect(step(app, 'Build from your source')).toContainText('start vm_guest_tools tremplin');

  // Chosen ones are marked, and choosing again gives them back.
  await field.fill('tremplin');
  await expect(list.getByRole('option', { name: /^tremplin/ })).toHaveAttribute('aria-selected', 'true');
  await list.getByRole('option', { name: /^tremplin/ }).click();
  await expect(field).toBeFocused();
  await expect(step(app, 'Build from your source')).not.toContainText('tremplin');
  // Escape closes the list, then drops what was typed.
  await app.keyboard.type('som');
  await app.keyboard.press('Escape');
  await expect(list).toBeHidden();
  await expect(field).toHaveValue('som');
  await app.keyboard.press('Escape');
  await expect(field).toHaveValue('');
});

test('values say what they are, where they came from and when; remembered ones are forgotten', async ({ app }) => {
  await openOnDevice(app, '/sheets/debug-host');
  const parameter = (label: string) => values(app).locator('[data-parameter]').filter({ hasText: label });
  await expect(parameter('Board')).toContainText('board name');
  await expect(parameter('Board')).toContainText(/from the device, (just now|\d+ s ago)/);
  await expect(parameter('Process id')).toContainText('missing');
  const pid = app.getByRole('textbox', { name: 'Process id' });
  await pid.fill('0');
  await expect(parameter('Process id')).toContainText('"0" is not a process id');
  await pid.fill('212');
  await app.getByRole('textbox', { name: 'Program' }).fill('vm_concierge');
  await expect(parameter('Process id')).toContainText('typed by you, just now');
  await app.reload();
  await expect(pid).toHaveValue('212');
  await expect(parameter('Process id')).toContainText('remembered');
  await app.getByRole('button', { name: 'Forget Process id' }).click();
  await expect(pid).toHaveValue('');
  await expect(app.getByRole('textbox', { name: 'Program' })).toHaveValue('vm_concierge');
  await app.getByRole('button', { name: 'What Process id is: process id' }).click();
  await expect(parameter('Process id')).toContainText('as pgrep numbers it');
});

test('a plan: what was changed gives the way to the connected device, with its commands', async ({ app }) => {
  await chooseDevice(app, /x86_64/);
  await app.getByRole('link', { name: /I changed something/ }).click();
  await expect(app.getByRole('heading', { name: 'What did you change?' })).toBeVisible();
  await app.getByRole('region', { name: 'Termina' }).getByRole('button', { name: 'tremplin' }).click();
  await expect(app).toHaveURL(/\/plan\?component=tremplin$/);
  await app.getByRole('combobox', { name: 'Components' }).fill('concier');
  await app.getByRole('combobox', { name: 'Components' }).press('Enter');
  await expect(app).toHaveURL(/\/plan\?component=tremplin&component=concierge$/);

  const way = app.getByRole('list', { name: 'The way' });
  await expect(way).toContainText('cros workon --board=eve start vm_host_tools');
  await expect(way).toContainText('cros workon --board=tatl start tremplin');
  await expect(app.getByRole('list', { name: 'What it interrupts' })).toContainText('Stops every running VM');
  await expect(app.getByRole('region', { name: 'When it takes a full image instead' })).toContainText(
    'You synced the checkout',
  );
  const guest = way.getByRole('listitem', { name: /Change a guest package/ });
  await guest.getByRole('button', { name: 'Copy command: Build from your source' }).click();
  await expect.poll(() => clipboard(app)).toBe('cros workon --board=tatl start tremplin');
  await guest.getByRole('link', { name: 'Build and test the package' }).click();
  await expect(app).toHaveURL(/\/sheets\/guest-package#build$/);
  await expect(step(app, 'Build and test the package')).toContainText('tremplin');
  await expect(step(app, 'Build and test the package')).toBeInViewport();
});

test('a plan without a device is for what is said of one; and some changes go no way', async ({ app }) => {
  await open(app, '/plan?component=sommelier&component=no-such-thing');
  const way = app.getByRole('list', { name: 'The way' });
  await expect(app.getByText('Taken for granted: that the device runs a test image')).toBeVisible();
  await app.getByRole('radio', { name: 'aarch64' }).check({ force: true });
  await expect(way).toContainText('emerge-tael');
  await expect(app.getByRole('region', { name: 'Other ways' })).toContainText('To try things quickly');
  await app.getByRole('button', { name: 'Remove sommelier' }).click();
  await expect(app).toHaveURL(/\/plan$/);
  await expect(way).toHaveCount(0);
});

test('a link selects sheet, packages, architecture and style; a connected device keeps its facts', async ({ app }) => {
  await openOnDevice(app, '/sheets/guest-package?packages=tremplin&arch=aarch64&board=kukui&style=exports');
  await expect(app).toHaveURL(/\/sheets\/guest-package\?style=exports$/);
  await app.getByRole('radio', { name: 'Inlined' }).check({ force: true });
  await expect(step(app, 'Build from your source')).toContainText('--board=tatl start tremplin');
  await expect(app.getByText('from the link, just now')).toBeVisible();
  await expect(app.getByText('This link was made for aarch64, kukui')).toBeVisible();
  await app.getByRole('button', { name: /^Go on without a device/ }).click();
  await expect(app.getByRole('button', { name: /^Device:/ })).toContainText('no device');
  await expect(step(app, 'Build from your source')).toContainText('--board=tael start tremplin');
  await chooseDevice(app, /x86_64/);
  await expect(step(app, 'Build from your source')).toContainText('--board=tatl start tremplin');

  await app.getByRole('button', { name: 'Copy link' }).click();
  await expect
    .poll(() => clipboard(app))
    .toMatch(/^http:\/\/127\.0\.0\.1:\d+\/sheets\/guest-package\?packages=tremplin&arch=x86_64$/);
});

test('a link without a device fills in what nobody has said, and carries nothing of one', async ({ app }) => {
  await open(app, `/sheets/guest-package?packages=tremplin&arch=aarch64&device=root@192.0.2.7&ownerHash=${HASH}`);
  await expect(step(app, 'Build from your source')).toContainText('--board=tael start tremplin');
  await expect(app.getByRole('textbox', { name: 'Device', exact: true })).toHaveValue('');
  await expect(app.getByRole('textbox', { name: 'Owner hash' })).toHaveValue('');
  await app.getByRole('textbox', { name: 'Device', exact: true }).fill('192.0.2.7');
  await app.getByRole('textbox', { name: 'Owner hash' }).fill(HASH);
  await app.getByRole('button', { name: 'Copy link' }).click();
  await expect.poll(() => clipboard(app)).toContain('packages=tremplin');
  expect(await clipboard(app)).not.toMatch(new RegExp(`${HASH}|192\\.0\\.2\\.7`));
});

test('whatever a link says, nothing is run, typed, copied or fetched', async ({ app }) => {
  await openOnDevice(app, '/sheets');
  const before = { facts: await app.getByRole('group', { name: 'Facts' }).innerText() };
  await app.evaluate(() => navigator.clipboard.writeText('untouched'));
  const commands: string[] = [];
  app.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) => {
      if (typeof payload === 'string' && payload.includes('"command"')) commands.push(payload);
    }),
  );
  const posts: string[] = [];
  app.on('request', (request) => {
    if (request.method() !== 'GET') posts.push(request.url());
  });
  for (const query of [
    `packages=$(reboot)&run=1&type=reboot&exec=reboot&copy=1&export=script`,
    `packages=${HASH}&ownerHash=${HASH}&vm=${HASH}&file=/run/daemon-store/crosvm/${HASH}`,
    `packages=192.0.2.7&device=root@192.0.2.7&board=${HASH}&guestBoard=tael&style=run`,
    `publicKey=/home/me/.ssh/id_rsa&container=evil&port=22&pid=1&arch=%00&__proto__=x&constructor=x`,
  ]) {
    await open(app, `/sheets/guest-package?${query}#start`);
    await expect(app.getByRole('button', { name: /^Device:/ })).toContainText('connected');
    await expect(app).toHaveURL(/\/sheets\/guest-package#start$/);
    await expect(packages(app)).toHaveValue('');
    await expect(values(app).getByRole('list', { name: 'Chosen' })).toHaveCount(0);
    await expect(app.getByRole('textbox', { name: 'Owner hash' })).toHaveValue(HASH);
    await expect(app.getByRole('textbox', { name: 'VM' })).toHaveValue('termina');
  }
  expect(await app.getByRole('group', { name: 'Facts' }).innerText()).toBe(before.facts);
  expect(await clipboard(app)).toBe('untouched');
  expect(posts).toEqual([]);
  await expect(app.getByRole('tab')).toHaveCount(0);
  // The watch and the probe of the device, as on every page, and nothing else.
  expect(commands.filter((text) => !/"command":"(?:cat|sh -s)"/.test(text))).toEqual([]);
});

test('the palette leads to the step, the correction, the value, and forgives a typing error', async ({ app }) => {
  await openOnDevice(app, '/sheets');
  const palette = app.getByRole('dialog');
  const find = async (text: string, name: RegExp): Promise<void> => {
    await app.keyboard.press('Control+k');
    await palette.getByRole('combobox').fill(text);
    await palette.getByRole('option', { name }).first().click();
    await expect(palette).toBeHidden();
  };
  await app.keyboard.press('Control+k');
  await palette.getByRole('combobox').fill('restart concierge');
  const best = palette.getByRole('group', { name: 'Best' });
  await expect(best.getByRole('option')).toHaveCount(3);
  await expect(best.getByRole('option').first()).toContainText('concierge');
  await expect(palette.locator('mark').filter({ hasText: 'concierge' }).first()).toBeVisible();
  await expect(palette.getByRole('group', { name: 'Corrections of the guide' })).toBeVisible();
  await app.keyboard.press('Escape');

  await find('restart concierge', /^Restart all VM services together/);
  await expect(app).toHaveURL(/\/sheets\/host-service-change#restart$/);
  await expect(step(app, 'Restart all VM services together')).toBeInViewport();
  await find('--user-root', /^The flag is --user=root/);
  await expect(app).toHaveURL(/\/sheets\/[a-z-]+#e08-user-root$/);
  await expect(app.getByText('To log in as chronos, remove')).toBeInViewport();
  await find('owner hash', /^Owner hash/);
  await expect(app.getByRole('textbox', { name: 'Owner hash' })).toBeFocused();
  await find('I changed tremplin', /^I changed tremplin/);
  await expect(app).toHaveURL(/\/plan\?component=tremplin$/);
  await find('somelier', /^sommelier/);
  await expect(app).toHaveURL(/\/map\?component=sommelier/);
});

test('the palette keeps its question while a page arrives, and its choice while the mouse rests', async ({ app }) => {
  await app.getByRole('link', { name: 'Sheets', exact: true }).click();
  await expect(app.getByRole('heading', { name: 'What do you want to do?' })).toBeVisible();
  const palette = app.getByRole('dialog', { name: 'Search everything' });
  await app.mouse.move(640, 300);
  await app.keyboard.press('Control+k');
  await app.keyboard.type('som');
  await expect(palette.getByRole('option').first()).toBeVisible();
  await app.goBack();
  await expect(app.getByRole('heading', { name: 'What are you working on?' })).toBeAttached();
  await app.keyboard.type('melier');
  await expect(palette.getByRole('combobox')).toHaveValue('sommelier');
  await expect(palette.getByRole('option').first()).toHaveAttribute('aria-selected', 'true');
  await app.keyboard.press('Enter');
  await expect(app).toHaveURL(/\/map\?component=sommelier$/);
});

test('a newcomer goes from "sommelier" to the right commands for the practice device: eight moves, under a minute', async ({
  app,
}) => {
  const begun = Date.now();
  let moves = 0;
  const move = async (what: Promise<unknown>): Promise<void> => {
    moves++;
    await what;
  };
  await move(app.getByRole('button', { name: /Try the practice device/ }).click());
  await move(app.keyboard.press('Control+k'));
  await move(app.keyboard.type('sommelier'));
  const palette = app.getByRole('dialog', { name: 'Search everything' });
  await expect(palette.getByRole('option', { name: /^sommelier/ }).first()).toBeVisible();
  await move(app.keyboard.press('Enter'));
  await move(app.getByRole('link', { name: 'I changed this: what now?' }).click());
  const way = app.getByRole('list', { name: 'The way' });
  await expect(way).toContainText('cros_sdk emerge-tatl sommelier');
  await move(way.getByRole('button', { name: 'Copy command: Build from your source' }).click());
  await expect.poll(() => clipboard(app)).toBe('cros workon --board=tatl start sommelier');
  await move(way.getByRole('link', { name: 'Deploy the copies' }).click());
  await expect(step(app, 'Deploy the copies')).toContainText(/deploy_to_termina --board tatl ssh:\/\/root@127/);
  await move(
    step(app, 'Deploy the copies')
      .getByRole('button', { name: /^Copy command/ })
      .click(),
  );
  await expect
    .poll(() => clipboard(app))
    .toMatch(/^\.\.\/\.\.\/chromite\/contrib\/guestos\/deploy_to_termina .*[^\n]$/);
  expect(moves).toBe(8);
  expect(Date.now() - begun).toBeLessThan(60_000);
});

test('typing a value redraws no step that does not use it', async ({ app }) => {
  await openOnDevice(app, '/sheets/debug-host');
  const pid = app.getByRole('textbox', { name: 'Process id' });
  await app.evaluate(() => {
    const counts = { steps: 0, others: 0 };
    Object.assign(globalThis, { counts });
    new MutationObserver((records) => {
      for (const { target } of records) {
        const element = target instanceof Element ? target : target.parentElement;
        if (element?.closest('#symbols')) counts.others++;
        else if (element?.closest('#attach')) counts.steps++;
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  await pid.pressSequentially('212');
  await expect(step(app, 'Attach from the chroot')).toContainText('212');
  const counts = await app.evaluate(() => (globalThis as unknown as { counts: Record<string, number> }).counts);
  expect(counts['others']).toBe(0);
  expect(counts['steps']).toBeGreaterThan(0);
});

const SCREENS: Readonly<Record<string, readonly string[]>> = {
  sheets: [
    '/sheets?q=gdb',
    '/sheets/debug-symbols#e02-readelf-field',
    '/sheets/container-tools?packages=sommelier&arch=aarch64&style=exports',
  ],
  choices: ['/sheets/logs#termina', '/files'],
  plans: ['/plan', '/plan?component=sommelier&component=concierge'],
};

for (const colorScheme of ['light', 'dark'] as const)
  for (const width of [1280, 400]) {
    const look = `${colorScheme}, ${width} px`;

    for (const [name, paths] of Object.entries(SCREENS))
      test(`axe finds nothing on ${name}, ${look}`, async ({ app }) => {
        await app.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await app.setViewportSize({ width, height: 800 });
        await chooseDevice(app, /x86_64/);
        for (const path of paths) {
          await open(app, path);
          await expect(app.getByRole('button', { name: /^Device:/ })).toContainText('connected');
          await expectAccessible(app);
          const overflow = await app.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          expect(overflow, `${path} is wider than the window`).toBeLessThanOrEqual(0);
        }
      });

    test(`axe finds nothing on what opens above a sheet, ${look}`, async ({ app }) => {
      await app.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await app.setViewportSize({ width, height: 800 });
      await openOnDevice(app, '/sheets/guest-package');
      await app.getByRole('button', { name: 'Export' }).click();
      await expect(app.getByRole('dialog', { name: 'Export' })).toBeVisible();
      await expectAccessible(app);
      await app.keyboard.press('Escape');
      await packages(app).fill('garcon');
      await expect(app.getByRole('listbox', { name: 'Guest packages' })).toBeVisible();
      await expectAccessible(app);
    });
  }
