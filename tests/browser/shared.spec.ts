import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, expectAccessible, test } from './workbench.ts';

const targets = join(tmpdir(), `workbench-shared-${process.pid}.json`);
writeFileSync(targets, JSON.stringify([{ address: 'root@127.0.0.1:1', label: 'eve in the lab' }]));

test.describe('a relay with fixed devices', () => {
  test.use({ flags: ['--targets', targets, '--fixed-targets'] });

  test('offers those only, and says in a line why there is no other', async ({ app }) => {
    await expect(app.getByRole('button', { name: /Try the practice|Connect a device/ })).toHaveCount(0);
    // Start offers them, and nothing speaks of a practice device that is not there.
    await expect(app.getByRole('main').getByRole('button', { name: /eve in the lab/ })).toContainText('127.0.0.1:1');
    await app.getByRole('button', { name: 'Open the dock' }).click();
    await expect(app.getByRole('region', { name: 'Dock' })).toContainText('Choose a device first.');
    await app.getByRole('button', { name: 'Close the dock' }).click();
    await app.getByRole('link', { name: 'Logs', exact: true }).click();
    await expect(app.getByRole('main')).toContainText('Choose a device to follow it.');
    await app.getByRole('link', { name: 'Start', exact: true }).click();
    await expectAccessible(app);
    await app
      .getByRole('main')
      .getByRole('button', { name: /eve in the lab/ })
      .click();
    await expect(app).toHaveURL(/\/device$/);
    await expect(app.getByRole('alert')).toContainText('Nothing listens on that port');
    await app.getByRole('button', { name: /^Device:/ }).click();
    const menu = app.getByRole('menu');
    await expect(menu.getByRole('menuitemradio')).toHaveText([/eve in the lab/]);
    const add = menu.getByRole('menuitem', { name: /Add a device/ });
    await expect(add).toBeDisabled();
    await expect(add).toContainText('Fixed by whoever runs this relay');
    await expectAccessible(app);
    await menu.getByRole('menuitemradio').click();
    await expect(app.getByRole('button', { name: /^Device:/ })).toContainText('eve in the lab');
    await app.getByRole('button', { name: /^Device:/ }).click();
    await expect(menu.getByRole('menuitem', { name: /Remove/ })).toHaveCount(0);
    await app.keyboard.press('Escape');

    // What asks all the same, as the palette does, is told.
    await app.keyboard.press('Control+k');
    await app.keyboard.type('Add a device');
    await app.keyboard.press('Enter');
    const dialog = app.getByRole('dialog', { name: 'Add a device' });
    await dialog.getByRole('textbox').fill('root@192.0.2.7');
    await dialog.getByRole('textbox').press('Enter');
    await expect(dialog).toContainText('The devices of this relay are fixed');
    await expect(dialog).toContainText('Ask them to list yours');
  });
});

test('no inline script runs: the page has the policy of the relay, and the browser keeps it', async ({
  page,
  workbench,
}) => {
  const policy = (await page.goto(workbench.origin))?.headers()['content-security-policy'] ?? '';
  const script = /script-src ([^;]*)/.exec(policy)?.[1]?.split(' ');
  expect(script?.[0]).toBe("'self'");
  // One hash, of the script that SvelteKit starts with.
  expect(script?.slice(1)).toEqual([expect.stringMatching(/^'sha256-[^']+'$/)]);
  for (const directive of [
    "default-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ])
    expect(policy).toContain(directive);
  const violated = await page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        // The page is watched for violations of its own: this one is the test's.
        document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => resolve(effectiveDirective));
        const frame = document.createElement('div');
        frame.setAttribute('onclick', 'document.title = "taken"');
        frame.click();
        setTimeout(() => resolve(document.title), 5000);
      }),
  );
  expect(violated).toBe('script-src-attr');
});
