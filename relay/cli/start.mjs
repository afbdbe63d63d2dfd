#!/usr/bin/env node
// `crostini-workbench` and `npm run --silent cli -- …`: brings packages and bundle up to date without a word, since
// what follows may be read by a program, then carries out the command.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, buildCli, installPackages, requireNode } from '../prepare.mjs';

requireNode();
await installPackages({ silent: true });
await buildCli();
await import(pathToFileURL(join(ROOT, 'build', 'cli', 'main.js')).href);
