import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, type Server, connect, createServer } from 'node:net';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { startSshd } from '../integration/sshd.ts';
import { expect, expectAccessible, test } from './workbench.ts';

const row = (page: Page, name: string | RegExp) =>
  page.getByRole('table', { name: 'Port forwards' }).getByRole('row').filter({ hasText: name });

/** What the echo behind a forward answers, or how the connection ended without an answer. */
async function say(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const failed = once(socket, 'error').then(([error]) => (error as NodeJS.ErrnoException).code ?? 'error');
  socket.write(text);
  const answer = await Promise.race([once(socket, 'data').then(([bytes]) => String(bytes)), failed]);
  failed.catch(() => undefined);
  socket.destroy();
  return answer;
}

/** The port that a row shows beside the one that it leads to. */
async function localPortOf(forward: Locator, remote: number): Promise<number> {
  const shown = ((await forward.textContent()) ?? '').matchAll(/localhost:(\d+)/g);
  return [...shown].map(([, port]) => Number(port)).find((port) => port !== remote) ?? 0;
}

async function listen(port = 0): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

test('a port forward: opened, used, listed after a reload, gone with its device, opened again, closed', async ({
  app,
  workbench,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const sshd = await startSshd();
  const echo = await listen();
  const { port } = echo;
  let { server } = echo;
  try {
    await mkdir(join(workbench.home, '.ssh'), { mode: 0o700 });
    await writeFile(
      join(workbench.home, '.ssh', 'config'),
      `Host lab\n HostName 127.0.0.1\n Port ${sshd.port}\n User ${sshd.user}\n IdentityFile ${sshd.keyFile}\n`,
    );
    await app.getByRole('link', { name: 'Device', exact: true }).click();
    await expect(app.getByText('Choose a device to forward a port to it.')).toBeVisible();
    await app.getByRole('button', { name: /^Device:/ }).click();
    await app.getByRole('menuitem', { name: /Add a device/ }).click();
    await app.getByRole('dialog').getByRole('textbox').fill('lab');
    await app.getByRole('dialog').getByRole('textbox').press('Enter');
    await app.getByRole('button', { name: 'Trust this key' }).click();
    await expect(app.getByRole('button', { name: /^Device:/ })).toContainText('connected');

    // The form, by keyboard alone.
    const opener = app.getByRole('button', { name: 'Open a forward' });
    await opener.focus();
    await app.keyboard.press('Enter');
    const form = app.getByRole('form', { name: 'Open a port forward' });
    await expect(form.getByRole('radio', { name: 'gdbserver' })).toBeFocused();
    await app.keyboard.press('ArrowRight');
    await expect(form.getByRole('textbox', { name: 'Host' })).toHaveValue('penguin.linux.test');
    await expect(form.getByRole('textbox', { name: 'Local port' })).toHaveValue('8222');
    await app.keyboard.press('ArrowLeft');
    await expect(form.getByRole('textbox', { name: 'Host' })).toHaveValue('localhost');
    await form.getByRole('textbox', { name: 'Port there' }).fill('70000');
    await app.keyboard.press('Enter');
    await expect(form).toContainText('Ports are whole numbers from 1 to 65535');
    await expectAccessible(app);
    await form.getByRole('textbox', { name: 'Port there' }).fill(String(port));
    await app.keyboard.press('Enter');
    await expect(form).toHaveCount(0);
    await expect(opener).toBeFocused();

    const forward = row(app, 'gdbserver');
    await expect(forward).toContainText(`to localhost:${port}`);
    // The page is on 127.0.0.1, so that what answers there must not be opened under that name: it would get the cookie.
    await expect(forward).not.toContainText('127.0.0.1');
    const local = await localPortOf(forward, port);
    expect(await say(local, 'hello')).toBe('hello');
    await expect(forward).toContainText('0 of 1 connection open, 5 B sent, 5 B received');
    await forward.getByRole('button', { name: 'Copy the command for gdbserver' }).click();
    const command = `gdb -ex 'target remote localhost:${local}'`;
    await expect.poll(() => app.evaluate(() => navigator.clipboard.readText())).toBe(command);

    // A port that is taken: said at its field, where nothing typed is lost, and no row is left of it.
    await opener.click();
    await form.getByText('Another port').click();
    await form.getByRole('textbox', { name: 'Name' }).fill('second');
    await form.getByRole('textbox', { name: 'Port there' }).fill(String(port));
    const localPort = form.getByRole('textbox', { name: 'Local port' });
    await localPort.fill(String(local));
    await form.getByRole('button', { name: 'Open the forward' }).click();
    await expect(localPort).toHaveAccessibleDescription(
      new RegExp(`^Port ${local} of 127.0.0.1: a program listens there already.*Choose another local port`),
    );
    await expect(localPort).toBeFocused();
    await expect(form.getByRole('textbox', { name: 'Name' })).toHaveValue('second');
    await expect(row(app, 'second')).toHaveCount(0);
    await expectAccessible(app);
    await localPort.fill('');
    await app.keyboard.press('Enter');
    await expect(form).toHaveCount(0);
    await expect(opener).toBeFocused();
    await expect(row(app, 'second')).toContainText(/localhost:\d+.*localhost:\d+/);
    await row(app, 'second').getByRole('button', { name: 'Close second' }).click();
    await expect(row(app, 'second')).toHaveCount(0);
    await expect(opener).toBeFocused();
    const trouble = app
      .getByRole('table', { name: 'Port forwards' })
      .getByRole('status')
      .filter({ has: app.getByRole('paragraph') });

    // A reload loses nothing, not even a connection.
    const kept = connect(local, '127.0.0.1');
    kept.write('before');
    await once(kept, 'data');
    await app.reload();
    await expect(forward).toContainText('1 of 2 connections open');
    kept.write('after');
    expect(String((await once(kept, 'data'))[0])).toBe('after');
    kept.destroy();

    // Nothing answers at the other end.
    await new Promise((resolve) => server.close(resolve));
    expect(await say(local, 'anybody?')).toBe('ECONNRESET');
    await expect(forward).toContainText('open, not answered');
    await expect(trouble).toContainText(`could not connect to localhost:${port}`);
    await expectAccessible(app);
    ({ server } = await listen(port));
    expect(await say(local, 'again')).toBe('again');
    await expect(trouble).toHaveCount(0);

    // The device goes as in a reboot.
    await sshd.dropConnections();
    await expect(forward).toContainText('closed');
    await expect(trouble).toContainText('The connection was lost');
    expect(await say(local, 'x')).toBe('ECONNREFUSED');
    await app.setViewportSize({ width: 400, height: 800 });
    await app.emulateMedia({ colorScheme: 'dark' });
    await forward.scrollIntoViewIfNeeded();
    // It says which port it had.
    await expect(forward).toContainText(`localhost:${local}`);
    await expectAccessible(app);
    expect(await app.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
    await expect(trouble).toContainText('The device did not restart', { timeout: 30_000 });
    await expect(app.getByRole('region', { name: 'Notices' })).toContainText(
      'Ended with it: the port forward gdbserver.',
    );
    await app.reload();
    await expect(trouble).toContainText('The connection was lost');
    await forward.getByRole('button', { name: 'Open again: gdbserver' }).click();
    await expect(forward).toContainText(`localhost:${local}`);
    expect(await say(local, 'same port')).toBe('same port');
    // On a narrow window each has the whole width: nothing of it is broken into characters.
    for (const text of [`localhost:${local}`, `gdb -ex`])
      expect((await forward.getByRole('code').filter({ hasText: text }).last().boundingBox())?.height).toBeLessThan(50);

    // Somebody else takes the port meanwhile.
    await sshd.dropConnections();
    await expect(forward).toContainText('closed');
    const other = await listen(local);
    try {
      await forward.getByRole('button', { name: 'Open again: gdbserver' }).click();
      await expect(trouble).toContainText('a program listens there already');
      await expectAccessible(app);
      await app.getByRole('button', { name: 'Open on a free port: gdbserver' }).click();
      await expect(forward.getByRole('button', { name: 'Close gdbserver' })).toBeVisible();
      const free = await localPortOf(forward, port);
      expect(free).not.toBe(local);
      expect(await say(free, 'free port')).toBe('free port');
      await forward.getByRole('button', { name: 'Close gdbserver' }).click();
      await expect(forward).toHaveCount(0);
      await expect.poll(() => say(free, 'x')).toBe('ECONNREFUSED');
    } finally {
      other.server.close();
    }
  } finally {
    server.close();
    await sshd.stop();
  }
});
