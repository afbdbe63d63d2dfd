import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readAppFiles } from './app-files.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'app-'));
  mkdirSync(join(folder, '_app'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const PAGE = `<meta http-equiv="content-security-policy" content="default-src 'self'"><script src="/_app/start.js">`;

it('takes a build that is whole', () => {
  writeFileSync(join(folder, '200.html'), PAGE);
  writeFileSync(join(folder, '_app', 'start.js'), 'start()');
  expect(readAppFiles(folder).bytes).toBe(PAGE.length + 'start()'.length);
});

it.each([
  ['has no page yet', () => writeFileSync(join(folder, '_app', 'start.js'), 'start()')],
  ['has a page of other scripts', () => writeFileSync(join(folder, '200.html'), PAGE)],
  ['is empty', () => undefined],
])('says that a build which %s is not whole, and what to do', (_title, prepare) => {
  prepare();
  expect(() => readAppFiles(folder)).toThrow(
    /The app in \S+ is not whole.*: start the relay again when that is done\./,
  );
});
