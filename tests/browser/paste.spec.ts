import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { type Sshd, startSshd } from '../integration/sshd.ts';
import {
  chooseDevice,
  expect,
  expectAccessible,
  expectRow,
  openTerminal,
  test,
  typeLine,
  type Workbench,
} from './workbench.ts';

/** A terminal of a real sshd: its login shell is bash, which turns bracketed paste on at its prompt. */
async function openBash(app: Page, workbench: Workbench, sshd: Sshd): Promise<Locator> {
  await mkdir(join(workbench.home, '.ssh'), { mode: 0o700 });
  await writeFile(join(workbench.home, '.ssh', 'config'), `Host *\n  IdentityFile ${sshd.keyFile}\n`);
  await app.getByRole('button', { name: /^Device:/ }).click();
  await app.getByRole('menuitem', { name: /Add a device/ }).click();
  const address = app.getByRole('dialog', { name: 'Add a device' }).getByRole('textbox');
  await address.fill(sshd.address);
  await address.press('Enter');
  await app.getByRole('button', { name: 'Trust this key' }).click();
  await expect(app.getByRole('button', { name: /^Device:/ })).toContainText('connected');
  const terminal = await openTerminal(app, 'Device');
  await typeLine(terminal, "PS1='waits$ ' exec bash --norc");
  await expectRow(terminal, /^waits\$\s*$/);
  return terminal;
}

const input = (terminal: Locator) => terminal.getByRole('textbox', { name: 'Terminal input' });

const copy = (app: Page, text: string) => app.evaluate((copied) => navigator.clipboard.writeText(copied), text);

/** What a person points at. */
const screenOf = (terminal: Locator) => terminal.locator('.xterm-screen');

/** Every way from a clipboard to a shell that a browser has. */
const DOORS: Readonly<Record<string, (app: Page, terminal: Locator, text: string) => Promise<void>>> = {
  'Ctrl-Shift-V': async (app, terminal, text) => {
    await copy(app, text);
    await input(terminal).press('Control+Shift+V');
  },
  // Context menu, Edit menu and Cmd-V give the page this command of the editor.
  'the Paste of a menu': async (app, terminal, text) => {
    await copy(app, text);
    await input(terminal).focus();
    const session = await app.context().newCDPSession(app);
    await session.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', key: 'F13', commands: ['paste'] });
    await session.detach();
  },
  // A browser without a display has no selection to paste: this is the event that its middle button makes.
  'the middle button': (_app, terminal, text) =>
    screenOf(terminal).evaluate((screen, pasted) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', pasted);
      screen.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    }, text),
  'a drop': async (app, terminal, text) => {
    await app.evaluate((dragged) => {
      const source = document.createElement('div');
      source.id = 'source';
      source.textContent = 'drag me';
      source.draggable = true;
      source.style.cssText = 'position:fixed;top:0;left:0;z-index:1000';
      source.addEventListener('dragstart', ({ dataTransfer }) => dataTransfer?.setData('text/plain', dragged));
      document.body.append(source);
    }, text);
    await app.locator('#source').dragTo(screenOf(terminal));
    await app.locator('#source').evaluate((source) => source.remove());
  },
  // The clipboard row of an on-screen keyboard commits its text as an input method does, without a paste event.
  'an input method': async (app, terminal, text) => {
    await input(terminal).focus();
    await app.keyboard.insertText(text);
  },
  // As a word is being composed, the text comes in the place of that word, and no page can refuse it.
  'an input method that composes': async (app, terminal, text) => {
    await input(terminal).focus();
    const session = await app.context().newCDPSession(app);
    await session.send('Input.imeSetComposition', { text: 'ec', selectionStart: 2, selectionEnd: 2 });
    await session.send('Input.insertText', { text });
    await session.detach();
  },
  '"Paste anyway"': async (app, terminal, text) => {
    await copy(app, `cros ${text}`);
    await input(terminal).press('Control+Shift+V');
    await terminal.getByRole('button', { name: 'Paste anyway' }).press('Enter');
  },
};

/** What was left out stands under the terminal, for whoever listens too. */
const loss = (terminal: Locator) =>
  terminal.locator('[aria-live="polite"]').getByText('1 control character was left out of the paste.');

test('clipboard text never acts, whichever door it comes through', async ({ app, workbench, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const sshd = await startSshd();
  try {
    const terminal = await openBash(app, workbench, sshd);
    for (const [index, [door, paste]] of Object.entries(DOORS).entries())
      await test.step(door, async () => {
        const mark = join(sshd.directory, `ran-${index}`);
        await paste(app, terminal, `echo door${index} \x1b[201~; touch ${mark}\n`);
        // The line waits, its end too: bash was told that it is a paste, so nobody needs to ask.
        const waiting = terminal
          .getByRole('listitem')
          .filter({ hasText: `waits$ ` })
          .filter({ hasText: `door${index} [201~; touch` });
        await expect.soft(waiting).toBeAttached();
        await expect.soft(loss(terminal)).toBeVisible();
        await expect.soft(terminal.getByRole('alert')).toHaveCount(0);
        // The next key takes the note away, and bash gives up the line that it has read.
        await app.keyboard.press('Control+C');
        await expect(loss(terminal)).toHaveCount(0);
      });
    // Bash does one thing after the other: what ran before this ran.
    await typeLine(terminal, 'echo $((6*7))');
    await expectRow(terminal, /^42$/);
    const ran = Object.keys(DOORS).filter((_, index) => existsSync(join(sshd.directory, `ran-${index}`)));
    expect(ran).toEqual([]);
  } finally {
    await sshd.stop();
  }
});

test('lines that would run at once are asked about, by keyboard', async ({ app, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await chooseDevice(app, /x86_64/);
  // The shell of the practice device does not ask for bracketed paste.
  const terminal = await openTerminal(app, 'Device');
  const question = terminal.getByRole('alert');
  const paste = async (text: string) => {
    await copy(app, text);
    await input(terminal).press('Control+Shift+V');
  };

  await paste('echo "ran $((1+1))"\necho "ran $((2+2))"\necho rest');
  await expect(question).toContainText('This paste has 3 lines. A shell runs each line as soon as it ends.');
  await expect(question.locator('pre')).toHaveText('echo "ran $((1+1))"\necho "ran $((2+2))"\necho rest');
  await expect(question.getByRole('button', { name: 'Do not paste' })).toBeFocused();
  await expectAccessible(app);
  await app.keyboard.press('Escape');
  await expect(question).toHaveCount(0);
  await expect(input(terminal)).toBeFocused();
  await app.keyboard.type('echo "typed $((3+3))"\n');
  await expectRow(terminal, /^typed 6$/);
  await expect(terminal.getByRole('list')).not.toContainText('ran');

  await paste('echo "ran $((4+4))"\r\n\x03');
  await expect(question).toContainText('This paste ends with a line break, so a shell runs it at once.');
  await expect(loss(terminal)).toHaveCount(0);
  await app.keyboard.press('Tab');
  await app.keyboard.press('Enter');
  await expectRow(terminal, /^ran 8$/);
  await expect(loss(terminal)).toBeVisible();
  await expect(input(terminal)).toBeFocused();

  // One question for both reasons; one line without its end needs none.
  await paste('cros deploy root@dut garcon\ncros flash\n1\n2\n3\n');
  await expect(question).toContainText('looks like a command for Workstation');
  await expect(question).toContainText('This paste has 5 lines.');
  await expect(question).toContainText('and 2 more lines');
  await app.keyboard.press('Enter');
  await paste('echo "one $((5+5))"');
  await app.keyboard.press('Enter');
  await expectRow(terminal, /^one 10$/);
  await expect(terminal.getByRole('list')).not.toContainText('cros');
});

test('a link of a program is followed as any address: on purpose, and to where it leads', async ({ app, context }) => {
  await context.route(/\.example\//, (route) =>
    route.fulfill({ contentType: 'text/html', body: '<title>a page</title>' }),
  );
  const dialogs: string[] = [];
  app.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  await chooseDevice(app, /x86_64/);
  const terminal = await openTerminal(app, 'Device');
  const print = (address: string, text: string) =>
    typeLine(terminal, `printf '\\033]8;;${address}\\033\\\\${text}\\033]8;;\\033\\\\\\n'`);
  /** Clicks the first letters of a row that the terminal printed. */
  const click = async (text: RegExp, modifiers: ('Control' | 'Meta')[] = []) => {
    const box = await terminal.getByRole('listitem').filter({ hasText: text }).boundingBox();
    if (!box) throw new Error('no such row');
    await app.mouse.move(box.x + 12, box.y + box.height / 2);
    await app.mouse.move(box.x + 20, box.y + box.height / 2);
    for (const key of modifiers) await app.keyboard.down(key);
    await app.mouse.click(box.x + 20, box.y + box.height / 2);
    for (const key of modifiers) await app.keyboard.up(key);
  };
  const question = terminal.getByRole('alert');

  await print('https://evil.example/a', 'https://good.example/b');
  await expectRow(terminal, /^https:\/\/good/);
  await click(/^https:\/\/good/);
  expect.soft(dialogs).toEqual([]);
  await expect(terminal.locator('.screen')).toHaveAttribute('title', /^https:\/\/evil\.example\/a/);
  await click(/^https:\/\/good/, ['Control']);
  await expect(question).toContainText('The link opens a page of evil.example: https://evil.example/a');
  await app.keyboard.press('Escape');
  await expect(question).toHaveCount(0);
  await expect(input(terminal)).toBeFocused();
  expect(context.pages()).toHaveLength(1);
  await click(/^https:\/\/good/, ['Control']);
  const asked = context.waitForEvent('page');
  await question.getByRole('button', { name: 'Open', exact: true }).click();
  expect((await asked).url()).toBe('https://evil.example/a');

  // One that says where it leads opens as an address in the text does.
  await print('https://same.example/c', 'https://same.example/c');
  await expectRow(terminal, /^https:\/\/same/);
  const opened = context.waitForEvent('page');
  await click(/^https:\/\/same/, ['Control']);
  expect((await opened).url()).toBe('https://same.example/c');
  expect(dialogs).toEqual([]);
});
