import { chooseDevice, expect, expectAccessible, openTerminal, test } from './workbench.ts';

test('a menu by keyboard alone: opened, walked through, closed, chosen from', async ({ app }) => {
  const picker = app.getByRole('button', { name: /^Device:/ });
  const entry = (name: RegExp) => app.getByRole('menu').getByRole('menuitemradio', { name });
  const add = app.getByRole('menuitem', { name: /Add a device/ });
  // Which devices there are comes after the page; the focus stays where it was then.
  await picker.press('Enter');
  await expect(entry(/x86_64/)).toBeVisible();
  await app.keyboard.press('Escape');
  await picker.press('Enter');
  await expect(picker).toHaveAttribute('aria-expanded', 'true');
  await expect(entry(/x86_64/)).toBeFocused();
  await app.keyboard.press('ArrowDown');
  await expect(entry(/arm64/)).toBeFocused();
  await app.keyboard.press('ArrowUp');
  await app.keyboard.press('ArrowUp');
  await expect(add).toBeFocused();
  await app.keyboard.press('ArrowDown');
  await expect(entry(/x86_64/)).toBeFocused();
  await app.keyboard.press('End');
  await expect(add).toBeFocused();
  await app.keyboard.press('p');
  await expect(entry(/x86_64/)).toBeFocused();
  await app.keyboard.press('p');
  await expect(entry(/arm64/)).toBeFocused();
  await app.keyboard.press('Escape');
  await expect(app.getByRole('menu')).toBeHidden();
  await expect(picker).toBeFocused();
  await app.keyboard.press('Space');
  await expect(entry(/x86_64/)).toBeFocused();
  await app.keyboard.press('Tab');
  await expect(app.getByRole('menu')).toBeHidden();
  await picker.press('Enter');
  await app.keyboard.press('a');
  await app.keyboard.press('Enter');
  const dialog = app.getByRole('dialog', { name: 'Add a device' });
  await expect(dialog.getByRole('textbox')).toBeFocused();
  await app.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(picker).toBeFocused();
});

test('menus and popovers stay inside the window, wherever their trigger stands', async ({ app }) => {
  await chooseDevice(app, /x86_64/);
  for (const width of [1280, 400]) {
    await app.setViewportSize({ width, height: 800 });
    for (const name of [/^Device:/, 'Theme', /^Architecture:/, /^VMs:/, 'Open a terminal or log']) {
      if (width === 400 && name === 'Open a terminal or log') await app.getByRole('button', { name: 'Dock' }).click();
      const trigger = app.getByRole('button', { name });
      await trigger.click();
      const panel = app.locator('[popover]:popover-open');
      await expect(panel.locator('button').first()).toBeVisible();
      const box = await panel.boundingBox();
      expect(box?.x).toBeGreaterThanOrEqual(0);
      expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(width);
      expect(box?.y).toBeGreaterThanOrEqual(0);
      expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(800);
      await app.keyboard.press('Escape');
      await expect(panel).toHaveCount(0);
      await expect(trigger).toBeFocused();
    }
  }
});

test('axe finds nothing in what opens above the page', async ({ app }) => {
  await app.emulateMedia({ reducedMotion: 'reduce' });
  await app.getByRole('button', { name: /^Device:/ }).click();
  await expect(app.getByRole('menuitem', { name: /Add a device/ })).toBeVisible();
  await expectAccessible(app);
  await app.keyboard.press('Escape');
  await app.getByRole('button', { name: /^VMs:/ }).click();
  await expect(app.getByRole('textbox', { name: 'Container: your value' })).toBeVisible();
  await expectAccessible(app);
  await app.keyboard.press('Escape');
  await app.getByRole('button', { name: /Connect a device/ }).click();
  await expect(app.getByRole('dialog', { name: 'Add a device' })).toBeVisible();
  await expectAccessible(app);
  await app.keyboard.press('Escape');
  await app.keyboard.press('Control+k');
  await app.keyboard.type('garcon');
  await expect(app.getByRole('option', { name: /garcon/ }).first()).toBeVisible();
  await expectAccessible(app);
});

test('a fact is typed over in its popover, and given back', async ({ app }) => {
  await chooseDevice(app, /x86_64/);
  const chip = app.getByRole('group', { name: 'Facts' }).getByRole('button', { name: /^Board:/ });
  await expect(chip).toContainText('eve');
  await chip.click();
  const cards = app.getByRole('dialog', { name: 'Board' });
  await cards.getByRole('textbox', { name: 'Board: your value' }).fill('brya');
  await app.keyboard.press('Enter');
  await expect(chip).toContainText('brya typed');
  await cards.getByRole('button', { name: 'Clear' }).click();
  await expect(chip).toContainText('eve');
  await app.getByRole('main').click({ position: { x: 20, y: 300 } });
  await expect(cards).toBeHidden();
});

test('the theme follows the system until one is chosen, and is remembered', async ({ app }) => {
  const html = app.locator('html');
  await app.emulateMedia({ colorScheme: 'dark' });
  await expect(html).toHaveClass(/dark/);
  await app.getByRole('button', { name: 'Theme' }).click();
  await app.getByRole('menuitemradio', { name: 'Light' }).click();
  await expect(html).not.toHaveClass(/dark/);
  await app.reload();
  await expect(app.getByRole('heading', { name: 'What are you working on?' })).toBeVisible();
  await expect(html).not.toHaveClass(/dark/);
  await app.getByRole('button', { name: 'Theme' }).click();
  await app.getByRole('menuitemradio', { name: 'As the system' }).click();
  await expect(html).toHaveClass(/dark/);
});

test('the dock is dragged from its strip to the height wanted and shut again, and by keys', async ({ app }) => {
  const handle = app.getByRole('separator', { name: 'Height of the dock' });
  const dock = app.getByRole('button', { name: /the dock$/ });
  const drag = async (to: number) => {
    await handle.hover();
    await app.mouse.down();
    await app.mouse.move(640, to, { steps: 4 });
    await app.mouse.up();
  };
  const height = () => handle.evaluate((line) => innerHeight - line.getBoundingClientRect().bottom);
  await expect(dock).toHaveAccessibleName('Open the dock');
  await drag(400);
  await expect(dock).toHaveAccessibleName('Close the dock');
  expect(await height()).toBeCloseTo(400, -1);
  await handle.press('ArrowUp');
  expect(await height()).toBeGreaterThan(420);
  const before = await height();
  await drag(790);
  await expect(dock).toHaveAccessibleName('Open the dock');
  await handle.press('Enter');
  await expect(dock).toHaveAccessibleName('Close the dock');
  expect(await height()).toBe(before);
  await app.reload();
  await expect(dock).toHaveAccessibleName('Close the dock');
  expect(await height()).toBe(before);
  await handle.press('Home');
  await expect(handle).toHaveAttribute('aria-valuenow', '15');
  await app.getByRole('button', { name: 'Dock in the whole window' }).click();
  await expect(app.getByRole('heading', { name: 'What are you working on?' })).toBeHidden();
  await app.getByRole('button', { name: 'Give the page its room back' }).click();
  await expect(app.getByRole('heading', { name: 'What are you working on?' })).toBeVisible();
});

test('a closed dock keeps its terminal at full size', async ({ app }) => {
  await chooseDevice(app, /x86_64/);
  const terminal = await openTerminal(app, 'Device');
  const before = await terminal.boundingBox();
  await app.getByRole('button', { name: 'Close the dock' }).click();
  await expect.poll(async () => (await terminal.boundingBox())?.height).toBe(before?.height);
  await app.getByRole('button', { name: 'Open the dock' }).click();
  await expect.poll(() => terminal.boundingBox()).toEqual(before);
});

test('what cannot be started says why in a notice that leads on and goes away', async ({ app }) => {
  await app.getByRole('button', { name: 'Open the dock' }).click();
  await app.getByRole('button', { name: 'Open a terminal or log' }).click();
  await app.getByRole('menuitem', { name: /^Device/ }).click();
  const notice = app.getByRole('region', { name: 'Notices' });
  await expect(notice).toContainText('Choose a device first.');
  await app.getByRole('button', { name: 'Open a terminal or log' }).click();
  await app.getByRole('menuitem', { name: /^Device/ }).click();
  await expect(notice.getByText('Choose a device first.')).toHaveCount(1);
  await notice.getByRole('button', { name: 'Close this notice' }).click();
  await expect(notice).not.toContainText('Choose a device first.');
});
