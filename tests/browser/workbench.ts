import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { type Locator, type Page, test as base, expect } from '@playwright/test';

/** A running workbench, started as `npm start` starts it, with a home and a state of its own. */
export interface Workbench {
  readonly origin: string;
  /** The link that was printed; it works once. */
  readonly link: string;
  /** Its HOME: `.ssh` in it is the relay's. */
  readonly home: string;
  /** Ends it as Ctrl-C does, and waits. */
  stop(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
}

async function launch(flags: readonly string[]): Promise<Workbench> {
  const home = await mkdtemp(join(tmpdir(), 'workbench-browser-'));
  let child: ChildProcess | undefined;
  let port = 0;
  let link = '';
  const start = async (): Promise<void> => {
    const args = ['build/relay/main.js', '--no-open', '--port', String(port), '--state', join(home, 'state'), ...flags];
    child = spawn(process.execPath, args, {
      env: { ...process.env, HOME: home, SSH_AUTH_SOCK: '' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let printed = '';
    for await (const chunk of child.stdout ?? []) {
      printed += String(chunk);
      const found = /http:\/\/\S+/.exec(printed)?.[0];
      if (found === undefined) continue;
      link = found;
      port = Number(new URL(found).port);
      return;
    }
    throw new Error(`the workbench did not start: ${printed}`);
  };
  const stop = async (): Promise<void> => {
    if (!child || child.exitCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  };
  await start();
  return {
    home,
    start,
    stop,
    get origin() {
      return `http://127.0.0.1:${port}`;
    },
    get link() {
      return link;
    },
  };
}

/**
 * `workbench` is one relay per test; `app` a page that its link signed in. A page that logs an error, breaks the
 * content security policy or talks to anybody but the relay fails its test; that a relay is gone, or that this machine's
 * network changes when another test starts a device, is no error of the page.
 */
export const test = base.extend<{ flags: readonly string[]; workbench: Workbench; app: Page }>({
  /** More flags of the relay, for `test.use`. */
  flags: [[], { option: true }],
  workbench: async ({ flags }, use) => {
    const workbench = await launch(flags);
    await use(workbench);
    await workbench.stop();
    await rm(workbench.home, { recursive: true, force: true });
  },
  app: async ({ page, workbench }, use) => {
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (
        message.type() === 'error' &&
        !/ERR_CONNECTION_REFUSED|ERR_NETWORK_CHANGED|status of 4\d\d/.test(message.text())
      )
        complaints.push(message.text());
    });
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      if (origin !== workbench.origin && /^(http|ws)/.test(protocol)) complaints.push(`asked ${request.url()}`);
    });
    // Terminals draw on a canvas; with this they keep their rows as text too.
    await page.addInitScript(() => localStorage.setItem('crostini-workbench:screen-reader', 'true'));
    await page.goto(workbench.link);
    // The first start of a browser beside a device that boots takes its time on two cores.
    await expect(page.getByRole('heading', { name: 'What are you working on?' })).toBeVisible({ timeout: 40_000 });
    await use(page);
    expect(complaints).toEqual([]);
  },
});

export { expect };

/** Chooses a device in the top bar and waits until it is connected and probed. */
export async function chooseDevice(page: Page, label: string | RegExp): Promise<void> {
  await page.getByRole('button', { name: /^Device:/ }).click();
  await page.getByRole('menuitemradio', { name: label }).click();
  await expect(page.getByRole('button', { name: /^Device:/ })).toContainText('connected');
}

/** Opens a terminal from the dock's menu; gives its region. */
export async function openTerminal(page: Page, label: string): Promise<Locator> {
  await page.getByRole('button', { name: 'Open a terminal or log' }).click();
  await page.getByRole('menuitem', { name: label }).click();
  const terminal = page.getByRole('region', { name: `${label} terminal` });
  await expect(terminal.getByRole('listitem').filter({ hasText: /[#$]/ }).first()).toBeAttached();
  return terminal;
}

/** Types a line with its Enter. */
export async function typeLine(terminal: Locator, line: string): Promise<void> {
  await terminal.getByRole('textbox', { name: 'Terminal input' }).pressSequentially(line);
  await terminal.page().keyboard.press('Enter');
}

/** Asserts that a row of the terminal's screen is this text. */
export async function expectRow(terminal: Locator, text: string | RegExp): Promise<void> {
  await expect(terminal.getByRole('listitem').filter({ hasText: text }).first()).toBeAttached();
}

/**
 * Asserts that axe finds nothing on the page. All of its rules run; left out are what it would say of nodes that pass, the
 * selectors of those that do not, and what it does for frames, of which the app has none: two thirds of the time.
 */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode(true)
    .options({ resultTypes: ['violations'], selectors: false, ancestry: false, xpath: false })
    .analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`)).toEqual([]);
}
