import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { writeWhole } from './state-file.ts';

/**
 * Opens a link in the person's browser, where there is a screen; otherwise does nothing, the link is printed too.
 * The link carries a secret, and every user of the machine can read an argument vector: so the browser is given a
 * file that only its owner can read, and that leads to the link. @throws FileProblem where that cannot be written
 */
export function openBrowser(link: string, stateDirectory: string): void {
  const opener = process.platform === 'darwin' ? 'open' : process.platform === 'linux' ? 'xdg-open' : undefined;
  const screen = process.platform === 'darwin' || process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'];
  if (!opener || !screen || !process.stdout.isTTY) return;
  const page = join(stateDirectory, 'open.html');
  writeWhole(page, `<!doctype html><meta http-equiv="refresh" content="0; url=${link}">\n`);
  const child = spawn(opener, [page], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}
