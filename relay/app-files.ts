import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { join, relative, sep } from 'node:path';
import { lookup } from 'mrmime';
import { FileProblem, errorCode } from './file-problem.ts';
import { pathOf } from './gate.ts';

/** Largest app that is read, in bytes and in files: ten times today's 2.5 MB, and five times its 200 files. */
const APP_BYTES_MAX = 32 * 1024 * 1024;
const APP_FILES_MAX = 1000;

/** The page that every path gets that isn't a file: the app finds its own pages. */
const PAGE = '200.html';

/** How a file may be compressed, best first: the ending of the compressed file, and the name of the encoding. */
const ENCODINGS = [
  { ending: '.br', name: 'br' },
  { ending: '.gz', name: 'gzip' },
] as const;

interface AppFile {
  readonly bytes: Buffer;
  readonly type: string;
  readonly etag: string;
}

/**
 * Reads the built app once, so that no request opens a file: a build that runs beside the relay neither breaks it nor
 * gives a page the scripts of another build, and requests need no descriptors. Throws what the file system throws, and a
 * FileProblem for a build that is being made.
 */
export function readAppFiles(folder: string): { readonly serve: RequestListener; readonly bytes: number } {
  const files = new Map<string, AppFile>();
  let bytes = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path).split(sep).join('/');
    // Vite's manifest and the like: no part of the app.
    if (!entry.isFile() || name.split('/').some((part) => part.startsWith('.'))) continue;
    const file = fileOf(name, readOrRefuse(path, folder));
    bytes += file.bytes.length;
    if (bytes > APP_BYTES_MAX || files.size >= APP_FILES_MAX)
      throw new Error(`${folder} is larger than an app: more than ${APP_BYTES_MAX} bytes or ${APP_FILES_MAX} files`);
    files.set(`/${name}`, file);
  }
  const html = files.get(`/${PAGE}`)?.bytes.toString('utf8') ?? '';
  for (const [, name = ''] of html.matchAll(/"(\/_app\/[^"]+)"/g)) if (!files.has(name)) throw unfinished(folder);
  if (html === '') throw unfinished(folder);
  const policy = policyOf(html);
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    // Also with 304: a browser takes that answer's policy for the page it has.
    response.setHeader('content-security-policy', policy);
    const path = findPath(files, request);
    if (path === undefined) return void response.writeHead(404).end();
    const encoding = encodingOf(files, path, request);
    const file = files.get(path + (encoding?.ending ?? ''));
    if (!file) throw new Error(`${path} was found before`);
    response.setHeader('etag', file.etag);
    response.setHeader('vary', 'Accept-Encoding');
    // A proxy that changes an answer weakens its tag.
    const known = listOf(request.headers['if-none-match']).map((tag) => tag.replace(/^W\//, ''));
    if (known.includes(file.etag)) return void response.writeHead(304).end();
    response.writeHead(200, {
      'content-type': files.get(path)?.type ?? file.type,
      'content-length': file.bytes.length,
      ...(encoding && { 'content-encoding': encoding.name }),
    });
    response.end(request.method === 'HEAD' ? undefined : file.bytes);
  };
  return { serve, bytes };
}

function readOrRefuse(path: string, folder: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw errorCode(error) === 'ENOENT' ? unfinished(folder) : error;
  }
}

const unfinished = (folder: string): FileProblem =>
  new FileProblem(
    `The app in ${folder} is not whole, perhaps because it is being built: start the relay again when that is done.`,
  );

/** The members of a header that is a list. */
const listOf = (header: string | string[] | undefined): string[] =>
  (header ?? '')
    .toString()
    .split(',')
    .map((part) => part.trim());

function fileOf(name: string, bytes: Buffer): AppFile {
  const type = lookup(name) ?? 'application/octet-stream';
  const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
  return { bytes, type: type === 'text/html' ? 'text/html;charset=utf-8' : type, etag: `"${hash}"` };
}

/** The file that a request means; undefined for a file that isn't there. A path without an ending is a page. */
function findPath(files: ReadonlyMap<string, AppFile>, request: IncomingMessage): string | undefined {
  let path = pathOf(request);
  try {
    path = decodeURI(path);
  } catch {
    // A path that can't be decoded is looked up as it is.
  }
  if (path.endsWith('/')) path = path.slice(0, -1);
  const found = [path, `${path}.html`, `${path}/index.html`].find((candidate) => files.has(candidate));
  return found ?? (/\/[^/]*\.\w+$/.test(path) ? undefined : `/${PAGE}`);
}

function encodingOf(files: ReadonlyMap<string, AppFile>, path: string, { headers }: IncomingMessage) {
  // `;q=0` refuses one (RFC 9110 section 12.4.2).
  const accepted = listOf(headers['accept-encoding'])
    .filter((encoding) => !/;\s*q=0(?:\.0*)?$/.test(encoding))
    .map((encoding) => encoding.replace(/\s*;.*$/, ''));
  return ENCODINGS.find(({ name, ending }) => accepted.includes(name) && files.has(path + ending));
}

/**
 * The policy that the build wrote into the page, with the hash of its one inline script, as a header: there it also
 * holds for what comes before the <meta>, and may say who frames the page.
 */
export function policyOf(html: string): string {
  const policy = /<meta http-equiv="content-security-policy" content="([^"]+)">/.exec(html)?.[1];
  if (policy === undefined) throw new Error('the built app has no content security policy');
  return `${policy}; frame-ancestors 'none'`;
}
