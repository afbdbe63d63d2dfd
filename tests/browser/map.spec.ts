import { type Locator, type Page } from '@playwright/test';
import { chooseDevice, expect, expectAccessible, expectRow, openTerminal, test, typeLine } from './workbench.ts';

const PERSPECTIVES = ['Where it runs', 'RPC', 'How it ships', 'Where it logs'];

const diagramOf = (page: Page): Locator => page.getByRole('listbox', { name: /^Services of Crostini/ });
/** A component's box, by its name. */
const boxOf = (page: Page, name: string): Locator =>
  diagramOf(page).getByRole('option', { name: new RegExp(`^${name}, `) });
const panelOf = (page: Page, name: string): Locator => page.getByRole('complementary', { name, exact: true });

async function openMap(page: Page, query = ''): Promise<void> {
  await page.goto(new URL(`/map${query}`, page.url()).href);
  await expect(page.getByRole('radiogroup', { name: 'Perspective' })).toBeVisible();
}

async function choose(page: Page, label: string): Promise<void> {
  await page.getByRole('radio', { name: label, exact: true }).check();
}

test('the diagram is one stop for the keyboard, and arrows go from box to box', async ({ app }) => {
  await openMap(app);
  await expect(diagramOf(app).getByRole('option')).toHaveCount(37);
  await app.getByRole('radio', { name: 'Diagram' }).focus();
  await app.keyboard.press('Tab');
  await expect(boxOf(app, '9s')).toBeFocused();
  await app.keyboard.press('Shift+Tab');
  await expect(app.getByRole('radio', { name: 'Diagram' })).toBeFocused();
  await app.keyboard.press('Tab');
  await app.keyboard.press('Enter');
  await expect(panelOf(app, '9s').getByRole('heading', { name: '9s' })).toBeFocused();
  await app.keyboard.press('Escape');
  await expect(panelOf(app, '9s')).toBeHidden();

  await app.keyboard.press('End');
  await expect(boxOf(app, 'Linux apps')).toBeFocused();
  await expect(boxOf(app, 'Linux apps')).toHaveAttribute('aria-selected', 'true');
  await app.keyboard.press('Home');
  await expect(boxOf(app, '9s')).toBeFocused();
  await expect(app).toHaveURL(/component=9s$/);

  // An arrow goes where it points: the next box is further that way.
  for (const [key, axis, sign] of [
    ['ArrowDown', 'y', 1],
    ['ArrowRight', 'x', 1],
    ['ArrowUp', 'y', -1],
    ['ArrowLeft', 'x', -1],
  ] as const) {
    const focused = diagramOf(app).getByRole('option', { selected: true });
    const before = await focused.boundingBox();
    const name = await focused.getAttribute('aria-label');
    await app.keyboard.press(key);
    await expect(focused).not.toHaveAttribute('aria-label', name ?? '');
    const after = await focused.boundingBox();
    expect(sign * ((after?.[axis] ?? 0) - (before?.[axis] ?? 0)), key).toBeGreaterThan(0);
  }

  // Enter goes into the panel and Escape back, Escape in the diagram clears, a slash goes to the search.
  await app.keyboard.press('Home');
  await app.keyboard.press('Enter');
  await expect(panelOf(app, '9s').getByRole('heading', { name: '9s' })).toBeFocused();
  await app.keyboard.press('Escape');
  await expect(panelOf(app, '9s')).toBeHidden();
  await expect(boxOf(app, '9s')).toBeFocused();
  await app.keyboard.press('ArrowRight');
  await expect(boxOf(app, '9s')).toHaveAttribute('aria-selected', 'false');
  await app.keyboard.press('Escape');
  await expect(diagramOf(app).getByRole('option', { selected: true })).toHaveCount(0);
  await app.keyboard.press('Home');
  await expect(boxOf(app, '9s')).toBeFocused();
  await app.keyboard.press('/');
  await expect(app.getByRole('searchbox', { name: 'Search components' })).toBeFocused();
});

test('a selected component keeps its neighbours, and each says how it is linked', async ({ app }) => {
  await openMap(app);
  await boxOf(app, 'concierge').click();
  await expect(boxOf(app, 'maitred')).toContainText('→ gRPC :8888');
  await expect(boxOf(app, 'maitred')).toContainText('← gRPC :7777');
  await expect(boxOf(app, 'crosvm')).toContainText('→ starts it');
  await expect(boxOf(app, 'vsh')).toContainText('← D-Bus');
  // What it has nothing to do with fades, and says nothing of it.
  await expect(boxOf(app, 'garcon')).not.toContainText(/[→←]/);
  const ink = (name: string) =>
    boxOf(app, name)
      .getByText(name, { exact: true })
      .evaluate((text) => getComputedStyle(text).fill);
  expect(await ink('garcon')).not.toBe(await ink('maitred'));

  // The panel's list leads on to a neighbour.
  const panel = panelOf(app, 'concierge');
  await panel.getByRole('list', { name: 'Links out' }).getByRole('button', { name: 'maitred' }).click();
  await expect(panelOf(app, 'maitred').getByRole('heading', { name: 'maitred' })).toBeFocused();
  await expect(app).toHaveURL(/component=maitred$/);
  // A click beside the boxes clears.
  await diagramOf(app).click({ position: { x: 8, y: 8 } });
  await expect(app).toHaveURL(/\/map$/);
});

test('a line that is pointed out is told in words', async ({ app }) => {
  await openMap(app, '?component=crosvm');
  const links = panelOf(app, 'crosvm').getByRole('list', { name: 'Links out' });
  await links.getByRole('button', { name: 'rsyslogd' }).focus();
  // It is no line of this perspective, yet it is shown while it is pointed out.
  await expect(app.getByText('crosvm → rsyslogd')).toBeVisible();
  await expect(boxOf(app, 'rsyslogd')).toBeVisible();
  await links.getByRole('button', { name: 'Chrome' }).focus();
  await expect(app.getByText('crosvm → Chrome')).toBeVisible();
  await expect(app.getByText('crosvm → rsyslogd')).toBeHidden();
});

test('the table tells the same as the diagram, in every perspective', async ({ app }) => {
  await openMap(app);
  for (const perspective of PERSPECTIVES) {
    await choose(app, 'Diagram');
    await choose(app, perspective);
    const labels = await diagramOf(app)
      .getByRole('option')
      .evaluateAll((boxes) => boxes.map((box) => box.getAttribute('aria-label') ?? ''));
    const counts = new Map(
      labels.map((label) => {
        const [, name = '', count = ''] = /^(.+), (?:Host|Termina|Penguin), (\d+) links?$/.exec(label) ?? [];
        return [name, Number(count)];
      }),
    );
    expect(counts.size).toBe(37);
    await choose(app, 'Table');
    await expect(app.getByRole('row')).toHaveCount(38);
    const rows = await app
      .getByRole('row')
      .filter({ has: app.getByRole('rowheader') })
      .all();
    for (const row of rows) {
      const name = (await row.getByRole('rowheader').getByRole('button').textContent()) ?? '';
      expect(await row.getByRole('listitem').count(), `${perspective}: links of ${name}`).toBe(counts.get(name));
    }
    await expect(app.getByRole('table')).not.toContainText('undefined');
  }
});

test('the table has protocols, jobs, deliveries and logs, and is sorted by its heads', async ({ app }) => {
  await openMap(app, '?view=table');
  const row = (name: string) =>
    app.getByRole('row').filter({ has: app.getByRole('rowheader', { name: new RegExp(`^${name}`) }) });
  await expect(row('concierge')).toContainText(
    '→ maitred gRPC over vsock · vm_tools.Maitred · port 8888 vm_tools/proto/vm_guest.proto',
  );
  await expect(row('cicerone')).toContainText('starts on started vm_concierge, stops on stopped vm_concierge');
  await choose(app, 'How it ships');
  await expect(row('tremplin')).toContainText('Termina DLC');
  await choose(app, 'Where it logs');
  await expect(row('seneschal')).toContainText('tag:seneschal');

  await choose(app, 'RPC');
  const head = app.getByRole('columnheader', { name: 'Links in' });
  await head.getByRole('button').click();
  await expect(head).toHaveAttribute('aria-sort', 'ascending');
  await head.getByRole('button').click();
  await expect(head).toHaveAttribute('aria-sort', 'descending');
  await expect(app.getByRole('rowheader').first()).toContainText('cicerone');
  await app.reload();
  await expect(app.getByRole('rowheader').first()).toContainText('cicerone');
  await head.getByRole('button').click();
  await expect(app.getByRole('rowheader').first()).toContainText('9s');
});

test('a search leaves what matches, in both views, and says how much that is', async ({ app }) => {
  await openMap(app);
  await app.keyboard.press('/');
  await app.keyboard.type('host_tools');
  await expect(app.getByRole('status').filter({ hasText: 'of 37 components' })).toBeVisible();
  await app.getByRole('button', { name: /^Host/ }).click();
  await expect(app).toHaveURL(/q=host_tools&layer=host/);
  await app.getByRole('searchbox').press('Enter');
  const first = diagramOf(app).getByRole('option').and(app.locator(':focus'));
  await expect(first).toBeVisible();
  const name = ((await first.getAttribute('aria-label')) ?? '').split(',')[0] ?? '';
  await app.reload();
  await choose(app, 'Table');
  await expect(app.getByRole('rowheader').first()).toContainText(name);
  await expect(app.getByRole('rowheader', { name: /^maitred/ })).toBeHidden();
  await app.getByRole('searchbox').fill('nothing is called so');
  await app.getByRole('button', { name: 'Show all' }).click();
  await expect(app.getByRole('row')).toHaveCount(38);
  await expect(app).toHaveURL(/\/map\?view=table$/);
});

test('what the map shows is in its address: it outlives a reload, and Back finds it again', async ({ app }) => {
  await openMap(app);
  await choose(app, 'Where it logs');
  await app.getByRole('button', { name: /^Host services/ }).click();
  await boxOf(app, 'rsyslogd').click();
  await expect(app).toHaveURL(/\/map\?show=logs&group=messages&component=rsyslogd$/);
  await expect(app.getByRole('list', { name: 'Lines' })).toContainText('syslog');
  await app.reload();
  await expect(app.getByRole('radio', { name: 'Where it logs' })).toBeChecked();
  await expect(boxOf(app, 'rsyslogd')).toHaveAttribute('aria-selected', 'true');
  await app.getByRole('link', { name: 'Logs', exact: true }).click();
  await expect(app.getByRole('heading', { name: 'Logs' })).toBeVisible();
  await app.goBack();
  await expect(panelOf(app, 'rsyslogd')).toBeVisible();
  await expect(app.getByRole('radio', { name: 'Where it logs' })).toBeChecked();
});

test('the panel leads to work: the filled sheet, and the log with its filter', async ({ app }) => {
  await chooseDevice(app, /x86_64/);
  await openMap(app, '?component=concierge');
  const panel = panelOf(app, 'concierge');
  await panel.getByRole('link', { name: /I changed this/ }).click();
  await expect(app).toHaveURL(/\/plan\?component=concierge$/);
  await expect(app.getByText('vm_host_tools').first()).toBeVisible();
  await app.goBack();
  await panel.getByRole('link', { name: 'Change a host service' }).click();
  await expect(app.getByRole('list', { name: 'Steps' })).toContainText('vm_host_tools');
  await app.goBack();
  await panel.getByRole('link', { name: 'Host services' }).click();
  await expect(app.getByText('tag:vm_concierge')).toBeVisible();
  await app.getByRole('button', { name: /^Follow on/ }).click();
  const log = app.getByRole('region', { name: /Host services log/ });
  await expect(log.getByRole('searchbox')).toHaveValue('tag:vm_concierge');
  await expect(log.getByText(/^\d+ of \d[\d,]* lines$/)).toBeVisible();
  // A log that is followed already takes another filter.
  await openMap(app, '?component=cicerone');
  await panelOf(app, 'cicerone').getByRole('link', { name: 'Host services' }).click();
  await app.getByRole('button', { name: /^Follow on/ }).click();
  await expect(log.getByRole('searchbox')).toHaveValue('tag:vm_cicerone');
});

test('with a device each component says whether it runs, and why not', async ({ app }) => {
  await openMap(app);
  await expect(boxOf(app, 'concierge')).toHaveAccessibleName(/^concierge, Host, \d+ links$/);
  await chooseDevice(app, /x86_64/);
  await expect(boxOf(app, 'concierge')).toHaveAccessibleName(/^concierge, Host, running, \d+ links$/);
  await expect(boxOf(app, 'vsh')).toHaveAccessibleName(/^vsh, Host, no daemon, /);
  await boxOf(app, 'concierge').click();
  await expect(panelOf(app, 'concierge')).toContainText('The job vm_concierge is running.');
  await app.keyboard.press('Escape');
  await app
    .getByRole('complementary', { name: 'Overview' })
    .getByRole('button', { name: /^running/ })
    .click();
  await expect(app).toHaveURL(/group=running$/);
  await choose(app, 'Table');
  await expect(app.getByRole('rowheader', { name: /^concierge/ })).toBeVisible();
  await expect(app.getByRole('rowheader', { name: /^crostini_client/ })).toBeHidden();

  // What stops on the device is stopped on the map, with the reason.
  const terminal = await openTerminal(app, 'Device');
  await typeLine(terminal, 'stop vm_concierge');
  await expectRow(terminal, /vm_concierge stop/);
  await app.getByRole('link', { name: 'Device', exact: true }).click();
  await app.getByRole('button', { name: 'Probe again' }).click();
  await expect(app.getByRole('button', { name: 'Probe again' })).toBeEnabled();
  await app.getByRole('link', { name: 'Map', exact: true }).click();
  await expect(boxOf(app, 'concierge')).toHaveAccessibleName(/^concierge, Host, stopped, /);
  await expect(boxOf(app, 'concierge')).toContainText('stopped');
  await boxOf(app, 'concierge').click();
  await expect(panelOf(app, 'concierge')).toContainText('The job vm_concierge is stopped.');
});

test('no text of the diagram leaves its box', async ({ app }) => {
  for (const width of [1280, 400]) {
    await app.setViewportSize({ width, height: 800 });
    for (const path of ['', '?show=rpc', '?show=ships', '?show=logs', '?component=concierge', '?component=cicerone']) {
      await openMap(app, path);
      await expect(diagramOf(app)).toBeVisible();
      const outside = await diagramOf(app)
        .getByRole('option')
        .evaluateAll((boxes) =>
          boxes.flatMap((box) => {
            const ground = box.querySelector('.ground')?.getBoundingClientRect();
            return [...box.querySelectorAll('text')]
              .filter((text) => text.getBoundingClientRect().right > (ground?.right ?? 0))
              .map((text) => text.textContent);
          }),
        );
      expect(outside, `${path} at ${width} px`).toEqual([]);
    }
  }
});

for (const colorScheme of ['light', 'dark'] as const)
  for (const width of [1280, 400])
    test(`axe finds nothing on the map, ${colorScheme}, ${width} px`, async ({ app }) => {
      await app.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await app.setViewportSize({ width, height: 800 });
      await chooseDevice(app, /x86_64/);
      for (const path of ['?component=concierge', '?show=ships&group=deb&q=cros', '?view=table&show=rpc']) {
        await openMap(app, path);
        await expectAccessible(app);
        const overflow = await app.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(overflow, `${path} is wider than the window`).toBeLessThanOrEqual(0);
      }
    });

test('on a narrow window the panel waits below the diagram', async ({ app }) => {
  await app.setViewportSize({ width: 400, height: 800 });
  await openMap(app);
  await boxOf(app, 'concierge').click();
  const panel = panelOf(app, 'concierge');
  await expect(panel.getByRole('heading', { name: 'concierge' })).toBeVisible();
  await expect(panel.getByRole('link', { name: 'Change a host service' })).toBeHidden();
  await panel.getByRole('button', { name: 'More' }).click();
  await expect(panel.getByRole('link', { name: 'Change a host service' })).toBeVisible();
  await panel.getByRole('button', { name: 'Less' }).click();
  await expect(panel.getByRole('link', { name: 'Change a host service' })).toBeHidden();
});
