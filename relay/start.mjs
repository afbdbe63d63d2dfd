// `npm start` and, with --dev, `npm run dev`.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, buildApp, installPackages, requireNode } from './prepare.mjs';

requireNode();
process.chdir(ROOT);
await installPackages();
if (process.argv.includes('--dev')) {
  const { createServer } = await import('vite');
  const server = await createServer();
  await server.listen();
} else {
  await buildApp();
  await import(pathToFileURL(join(ROOT, 'build', 'relay', 'main.js')).href);
}
