import { chooseDevice, expect, expectRow, openTerminal, test, typeLine } from './workbench.ts';

test('the main job, first on x86_64, then on arm64', async ({ app, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const clipboard = () => app.evaluate(() => navigator.clipboard.readText());

  // Start → device → facts.
  await app.getByRole('button', { name: /Try the practice device/ }).click();
  const facts = app.getByRole('group', { name: 'Facts' });
  await expect(facts.getByRole('button', { name: /^Architecture:/ })).toContainText('x86_64 → tatl');
  await expect(facts.getByRole('button', { name: /^Board:/ })).toContainText('eve');
  await expect(facts.getByRole('button', { name: /^VMs:/ })).toContainText('termina running · penguin');

  // A component, and from it the sheet that deploys it.
  await app.getByRole('link', { name: 'Start', exact: true }).click();
  await app
    .getByRole('searchbox', { name: 'What are you working on?' })
    .or(app.getByRole('combobox', { name: 'What are you working on?' }))
    .fill('garcon');
  await app.getByRole('option', { name: /^garcon/ }).click();
  await expect(app).toHaveURL(/\/map\?component=garcon$/);
  await app
    .getByRole('complementary', { name: 'garcon' })
    .getByRole('link', { name: /Change a ChromeOS tool of the container/ })
    .click();
  const build = app.getByRole('listitem', { name: 'Build the package' });
  await expect(build).toContainText('outside');
  await expect(build).toContainText('emerge-tatl');

  // Copy: one clean line.
  const workon = app.getByRole('listitem', { name: 'Build from your source' });
  await workon.getByRole('button', { name: /^Copy command/ }).click();
  await expect(workon.getByText('Copied').first()).toBeVisible();
  expect(await clipboard()).toBe('cros workon --board=tatl start vm_guest_tools');

  // Terminal: echo in three places.
  const device = await openTerminal(app, 'Device');
  await typeLine(device, 'echo "the sum is $((6*7))"');
  await expectRow(device, /^the sum is 42$/);
  const termina = await openTerminal(app, 'Termina as root');
  await typeLine(termina, 'lxc list');
  await expectRow(termina, /penguin.*RUNNING/);
  const penguin = await openTerminal(app, 'Penguin');
  await typeLine(penguin, 'grep ^ID= /etc/os-release');
  await expectRow(penguin, /^ID=debian$/);

  // Log: a line written on the device arrives in the log beside it.
  await app.getByRole('button', { name: 'Open a terminal or log' }).click();
  await app.getByRole('menuitem', { name: /Host services/ }).click();
  const log = app.getByRole('region', { name: /Host services log/ });
  await expect(log.getByText('Following')).toBeVisible();
  await app.getByRole('tab', { name: /^Device/ }).click();
  await typeLine(device, 'logger -t garcon "hello from the test"');
  await app.getByRole('tab', { name: /Host services/ }).click();
  await expect(log.getByText('hello from the test')).toBeVisible();

  // The arm64 twin: tael everywhere at once.
  await chooseDevice(app, /arm64/);
  await expect(facts.getByRole('button', { name: /^Architecture:/ })).toContainText('aarch64 → tael');
  await expect(build).toContainText('emerge-tael');
  await expect(app.getByRole('textbox', { name: 'Guest board' })).toHaveValue('tael');
  await expect(app.getByRole('list', { name: 'Steps' })).not.toContainText('tatl');
  await workon.getByRole('button', { name: /^Copy command/ }).click();
  await expect.poll(clipboard).toBe('cros workon --board=tael start vm_guest_tools');
});

test('a missing value is in sight, blocks Copy and takes the focus; a typed one always wins', async ({ app }) => {
  await app.getByRole('link', { name: 'Sheets', exact: true }).click();
  await app.getByRole('link', { name: /Change a guest package/ }).click();
  const workon = app.getByRole('listitem', { name: 'Build from your source' });
  const packages = app.getByRole('combobox', { name: 'Guest packages' });
  const board = app.getByRole('textbox', { name: 'Guest board' });
  await expect(workon.getByRole('button', { name: 'Guest packages is missing: go to its field' })).toBeVisible();
  await board.fill('tatl');
  // It takes the click although it is marked disabled: that is the point.
  await workon.getByRole('button', { name: /^Copy command/ }).click({ force: true });
  await expect(packages).toBeFocused();

  const hostile = `"; rm -rf / #$(x)\\n'`;
  await packages.fill(hostile);
  await packages.press('Enter');
  await expect(app.getByText(/is not a package name/)).toBeVisible();
  const chosen = app.getByRole('region', { name: 'Values' }).getByRole('list', { name: 'Chosen' });
  for (const word of hostile.split(' ')) await expect(chosen.getByText(word, { exact: true })).toBeVisible();
  await expect(workon.getByRole('button', { name: /^Copy command/ })).toHaveAttribute('aria-disabled', 'true');
  await app.getByRole('button', { name: 'Clear Guest packages' }).click();
  await packages.fill('garcon vsh');
  await packages.press('Enter');
  await expect(workon).toContainText('cros workon --board=tatl start garcon vsh');

  await chooseDevice(app, /arm64/);
  await expect(board).toHaveValue('tael');
  await board.fill('tatl');
  await expect(workon).toContainText('--board=tatl');
  await app.getByRole('link', { name: 'Device', exact: true }).click();
  await app.getByRole('button', { name: 'Probe again' }).click();
  await expect(app.getByRole('button', { name: 'Probe again' })).toBeEnabled();
  await expect(app.getByRole('group', { name: 'Facts' }).getByRole('button', { name: /^Architecture:/ })).toContainText(
    'aarch64 → tatl',
  );
  const typed = app.getByRole('row', { name: /^Guest board/ });
  await expect(typed).toContainText(/typed by you, .+; the device says tael/);
  await app.goBack();
  await app.getByRole('button', { name: 'Clear Guest board' }).click();
  await expect(board).toHaveValue('tael');
});

test('a hostile path is quoted into one argument', async ({ app }) => {
  await app.getByRole('link', { name: 'Files', exact: true }).click();
  await chooseDevice(app, /x86_64/);
  await app.getByRole('textbox', { name: 'File or directory' }).fill(`/tmp/"; rm -rf / #$(x)\\n'`);
  await expect(app.getByRole('list', { name: 'Steps' })).toContainText(`cat -- '/tmp/"; rm -rf / #$(x)\\n'\\'''`);
});

test('a command is typed into the terminal of its Place, without Enter', async ({ app }) => {
  await app.getByRole('button', { name: /Try the practice device/ }).click();
  await expect(app.getByRole('group', { name: 'Facts' })).toContainText('tatl');
  await app.goto(new URL('/sheets/guest-board', app.url()).href);
  const step = app
    .getByRole('listitem')
    .filter({ has: app.getByText('uname -m', { exact: true }) })
    .first();
  await step.getByRole('button', { name: 'Type into terminal' }).click();
  const terminal = app.getByRole('region', { name: 'Device terminal' });
  await expectRow(terminal, /# uname -m/);
  await app.keyboard.press('Enter');
  await expectRow(terminal, /^x86_64$/);
});

test('a command for another Place is caught before it is pasted', async ({ app, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await chooseDevice(app, /x86_64/);
  const terminal = await openTerminal(app, 'Device');
  await app.evaluate(() => navigator.clipboard.writeText('cros deploy root@dut garcon'));
  await terminal.getByRole('textbox', { name: 'Terminal input' }).press('Control+Shift+V');
  await expect(terminal.getByRole('alert')).toContainText('looks like a command for Workstation');
  await terminal.getByRole('button', { name: 'Do not paste' }).click();
  await typeLine(terminal, 'echo "still $((1+1))"');
  await expectRow(terminal, /^still 2$/);
  await expect(terminal.getByRole('list')).not.toContainText('cros deploy');
});
