import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Opens a link in the person's browser, where there is a screen; otherwise does nothing, the link is printed too.
 * The link carries a secret, and every user of the machine can read an argument vector: so the browser is given a
 * file that only its owner can read, and that leads to the link.
 */
export function openBrowser(link: string, stateDirectory: string): void {
  const opener = process.platform === 'darwin' ? 'open' : process.platform === 'linux' ? 'xdg-open' : undefined;
  const screen = process.platform === 'darwin' || process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'];
  if (!opener || !screen || !process.stdout.isTTY) return;
  const page = join(stateDirectory, 'open.html');
  mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
  writeFileSync(page, `<!doctype html><meta http-equiv="refresh" content="0; url=${link}">\n`, { mode: 0o600 });
  const child = spawn(opener, [page], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}
