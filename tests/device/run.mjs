// `npm run device`: brings packages and bundle up to date, then runs the command line of tests/device/cli.ts.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT, installPackages, requireNode } from '../../relay/prepare.mjs';
import { buildDevice } from './build.mjs';

requireNode();
await installPackages();
await buildDevice();
const cli = spawn(process.execPath, [join(ROOT, 'build/device/cli.mjs'), ...process.argv.slice(2)], {
  stdio: 'inherit',
});
cli.on('exit', (code) => process.exit(code ?? 1));
