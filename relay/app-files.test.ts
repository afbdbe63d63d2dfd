import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
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
  ['br, gzip', undefined, 200, 'br'],
  ['gzip', undefined, 200, 'gzip'],
  ['br;q=0, gzip;q=0.5', undefined, 200, 'gzip'],
  ['br; q=0', undefined, 200, undefined],
  ['brotli', undefined, 200, undefined],
  ['br', (tag: string) => `"other", W/${tag}`, 304, undefined],
  ['br', () => '"other"', 200, 'br'],
] as const)('answers one who accepts %s', (accepted, tagsOf, status, encoding) => {
  writeFileSync(join(folder, '200.html'), PAGE);
  writeFileSync(join(folder, '_app', 'start.js'), 'start()');
  for (const ending of ['br', 'gz']) writeFileSync(join(folder, '_app', `start.js.${ending}`), ending);
  const { serve } = readAppFiles(folder);
  const ask = (headers: Record<string, string>) => {
    const sent: Record<string, unknown> = {};
    const response = {
      setHeader: (name: string, value: unknown) => (sent[name] = value),
      writeHead: (code: number, more: object = {}) => (Object.assign(sent, more, { code }), response),
      end: () => undefined,
    };
    serve(
      { url: '/_app/start.js', method: 'GET', headers } as unknown as IncomingMessage,
      response as unknown as ServerResponse,
    );
    return sent;
  };
  const tag = String(ask({ 'accept-encoding': accepted })['etag']);
  const answer = ask({ 'accept-encoding': accepted, ...(tagsOf && { 'if-none-match': tagsOf(tag) }) });
  expect(answer).toMatchObject({ code: status, vary: 'Accept-Encoding' });
  expect(answer['content-encoding']).toBe(encoding);
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
