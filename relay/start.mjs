// `npm start` and, with --dev, `npm run dev`.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, buildApp, installPackages, requireNode } from './prepare.mjs';

requireNode();
process.chdir(ROOT);
const isDev = process.argv.includes('--dev');
try {
  await installPackages();
  if (isDev) {
    const { createServer } = await import('vite');
    const server = await createServer();
    await server.listen();
  } else await buildApp();
} catch (error) {
  // What a disk, a port or a flag refuses is one sentence; a mistake in the code says there where it is.
  const reason = error instanceof Error ? error.message : String(error);
  const remedy = /already in use/.test(reason) ? '. Give another: npm run dev -- --port 5174' : '';
  process.stderr.write(`${reason}${remedy}\n`);
  process.exit(1);
}
// It says by itself why it does not start.
if (!isDev) await import(pathToFileURL(join(ROOT, 'build', 'relay', 'main.js')).href);
