// What a build's start page loads before it works, file by file and module by module.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../relay/prepare.mjs';

const APP = join(ROOT, 'build', 'app');
const KIT = join(ROOT, '.svelte-kit');
const VITE = join(KIT, 'output', 'client', '.vite');

/** Compressed script that the start page may load, in bytes. */
export const BUDGET = 90_000;

/** What may never be part of it, however small: each is loaded for a page or an action that needs it. */
const BANNED = [
  { what: 'xterm.js', module: /@xterm\// },
  { what: 'the map and its diagram', module: /lib\/ui\/map\/|diagram|@xyflow|dagre|elkjs/ },
  { what: 'the sheets', module: /lib\/ui\/sheet\// },
  { what: 'the search and its index', module: /minisearch|lib\/state\/search/ },
  {
    what: 'the catalogue beyond places, shells, facts, parameters, probes and log sources',
    module: /lib\/catalog\/(?!(places|shells|facts|parameters|probes|log-sources)\.ts)/,
  },
  { what: 'dialogs', module: /lib\/ui\/base\/Modal|routes\/Dialogs|bits-ui/ },
];

/**
 * @typedef {{ file: string, imports?: string[], css?: string[] }} Chunk
 * @typedef {{
 *   scripts: string[], styles: string[], otherScripts: string[], xterm: string,
 *   modules: { name: string, bytes: number }[],
 *   scriptBytes: number, styleBytes: number, xtermBytes: number,
 *   problems: string[],
 * }} Weight paths are relative to the app; bytes are compressed as the relay sends them, those of modules as written
 */

/**
 * Weighs the start page of the last build.
 * @returns {Weight | undefined} undefined if there is no build
 */
export function weighFirstRoute() {
  if (!existsSync(join(VITE, 'modules.json')) || !existsSync(APP)) return undefined;
  /** @type {Record<string, Chunk>} */
  const manifest = JSON.parse(readFileSync(join(VITE, 'manifest.json'), 'utf8'));
  /** @type {Record<string, Record<string, number>>} */
  const contents = JSON.parse(readFileSync(join(VITE, 'modules.json'), 'utf8'));

  /** @type {Set<string>} */
  const keys = new Set();
  /** Everything that an entry imports before it runs. @param {string} key */
  const collect = (key) => {
    if (keys.has(key)) return;
    keys.add(key);
    for (const other of manifest[key]?.imports ?? []) collect(other);
  };
  const nodes = firstNodes().map((node) => `/nodes/${node}.js`);
  const starts = ['/client/entry.js', '/client-optimized/app.js', ...nodes];
  for (const start of starts) {
    const key = Object.keys(manifest).find((path) => path.endsWith(start));
    if (key === undefined) throw new Error(`the build has no ${start}: does SvelteKit name its entries otherwise now?`);
    collect(key);
  }

  const scripts = [...keys].map((key) => manifest[key]?.file ?? '');
  // Not SvelteKit's last resort, for when even its error page fails.
  const resort = manifest['.svelte-kit/generated/shared/error-template.js']?.file;
  const otherScripts = Object.keys(contents).filter((script) => !scripts.includes(script) && script !== resort);
  const xterm = manifest['src/lib/ui/terminal/xterm.ts']?.file ?? '';
  const styles = [...new Set([...keys].flatMap((key) => manifest[key]?.css ?? []))];
  const modules = scripts
    .flatMap((script) => Object.entries(contents[script] ?? {}))
    .map(([path, bytes]) => ({ name: path.replace(/^.*node_modules\//, ''), bytes }))
    .filter(({ bytes }) => bytes > 0)
    .sort((one, other) => other.bytes - one.bytes);
  const scriptBytes = compressedSize(scripts);
  const problems = BANNED.flatMap(({ what, module }) => {
    const found = modules.filter(({ name }) => module.test(name)).map(({ name }) => name);
    return found.length === 0 ? [] : [`${what}: ${found.join(', ')}`];
  });
  if (scriptBytes > BUDGET) problems.push(`${kilobytes(scriptBytes - BUDGET)} kB too much`);
  return {
    ...{ scripts, styles, otherScripts, xterm, modules, scriptBytes, problems },
    styleBytes: compressedSize(styles),
    xtermBytes: compressedSize([xterm]),
  };
}

/** @param {number} bytes */
export function kilobytes(bytes) {
  return (bytes / 1000).toFixed(1);
}

/** The numbers of SvelteKit's nodes of `/`: root layout and error page, which it always loads, and the page with its layouts. */
function firstNodes() {
  const app = readFileSync(join(KIT, 'generated', 'client-optimized', 'app.js'), 'utf8');
  const route = /"(?:\/\([^)/]*\))*\/?": (\[.*\]),?$/m.exec(app)?.[1];
  if (route === undefined) throw new Error('the build has no page of "/" in its dictionary of routes');
  // Its page, its layouts and their error pages: all that count.
  return [0, 1, ...(route.match(/\d+/g) ?? []).map(Number)];
}

/** @param {string[]} files */
function compressedSize(files) {
  return files.reduce((sum, file) => sum + statSync(join(APP, `${file}.br`)).size, 0);
}
