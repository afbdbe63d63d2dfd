// `npm run size`: what the browser loads before the start page works, compressed as the relay sends it.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../relay/prepare.mjs';

const APP = join(ROOT, 'build', 'app');
const manifestFile = join(ROOT, '.svelte-kit', 'output', 'client', '.vite', 'manifest.json');
if (!existsSync(manifestFile) || !existsSync(APP)) {
  console.error('There is no build yet: run "npm run build" first.');
  process.exit(1);
}
/** @type {Record<string, { file: string, imports?: string[], css?: string[], name?: string }>} */
const manifest = JSON.parse(readFileSync(manifestFile, 'utf8'));

/** Everything that an entry imports before it runs. @param {string} key @param {Set<string>} seen */
function collect(key, seen) {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const other of manifest[key]?.imports ?? []) collect(other, seen);
  return seen;
}

const start = Object.keys(manifest).filter((key) => /entry\.js$|\/app\.js$|\/nodes\/[02]\.js$/.test(key));
const keys = new Set(start.flatMap((key) => [...collect(key, new Set())]));
const scripts = [...keys].map((key) => manifest[key]?.file ?? '');
const styles = new Set([...keys].flatMap((key) => manifest[key]?.css ?? []));
const xterm = manifest['src/lib/ui/terminal/xterm.ts']?.file ?? '';

/** @param {Iterable<string>} files */
const kilobytes = (files) =>
  ([...files].reduce((sum, file) => sum + statSync(join(APP, `${file}.br`)).size, 0) / 1000).toFixed(1);

console.log(`script of the first route: ${kilobytes(scripts)} kB brotli in ${scripts.length} files`);
console.log(`styles of the first route: ${kilobytes(styles)} kB brotli in ${styles.size} files`);
console.log(`xterm.js, loaded with the first terminal: ${kilobytes([xterm])} kB brotli`);
if (scripts.includes(xterm)) {
  console.error('xterm.js is part of the first route: it must be loaded lazily.');
  process.exit(1);
}
