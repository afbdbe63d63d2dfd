// What `npm start`, `npm run dev` and `npm test` need before anything else: packages and a build, each only when
// stale. Plain JavaScript without a dependency, because it runs before any is installed.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's top folder. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const MINIMUM_NODE = [20, 19];

/** Stops with one clear sentence if this Node is too old to run the project. */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [needMajor = 0, needMinor = 0] = MINIMUM_NODE;
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return;
  console.error(
    `Node ${process.versions.node} is too old: install Node ${MINIMUM_NODE.join('.')} or newer, then try again.`,
  );
  process.exit(1);
}

/**
 * Runs a command in the project, quietly: its output appears only if it fails.
 * @param {string} title what a person sees meanwhile; nothing if it is empty
 * @param {string} command
 * @param {string[]} args
 */
export async function runQuietly(title, command, args) {
  const begun = Date.now();
  if (title) process.stdout.write(`${title} … `);
  const child = spawn(command, args, { cwd: ROOT, env: npmEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
  /** @type {Buffer[]} */
  const output = [];
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => output.push(chunk));
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (title)
    process.stdout.write(`${code === 0 ? 'done' : 'failed'} (${((Date.now() - begun) / 1000).toFixed(1)} s)\n`);
  if (code === 0) return;
  process.stderr.write(Buffer.concat(output));
  process.stderr.write(`\n"${command} ${args.join(' ')}" failed; its output is above.\n`);
  process.exit(1);
}

/** Packages that are compiled take the headers of this Node where they lie beside it, instead of downloading them. */
function npmEnvironment() {
  const prefix = join(dirname(process.execPath), '..');
  const nodedir = existsSync(join(prefix, 'include', 'node', 'node.h')) ? { npm_config_nodedir: prefix } : {};
  return { ...nodedir, ...process.env };
}

/** @param {string} path */
function read(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/**
 * Does `work` unless `stamp` says that it was done for the same `inputs` before.
 * @param {string} stamp @param {string} inputs @param {() => Promise<void>} work
 */
export async function unlessDone(stamp, inputs, work) {
  if (read(stamp) === inputs) return;
  rmSync(stamp, { force: true });
  await work();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, inputs);
}

/**
 * Installs the npm packages of the lockfile, if those installed are others, whoever installed them.
 * @param {{ silent?: boolean }} [options]
 */
export async function installPackages({ silent = false } = {}) {
  if (packagesInstalled()) return;
  await runQuietly(silent ? '' : 'Installing npm packages (a minute or two, once)', 'npm', [
    ...['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'],
  ]);
}

/** Compares the lockfile with the one that npm leaves beside what it installed. Optional packages may be left out. */
function packagesInstalled() {
  const installed = read(join(ROOT, 'node_modules', '.package-lock.json'));
  if (installed === '') return false;
  const { packages: present } = JSON.parse(installed);
  const { packages: wanted } = JSON.parse(read(join(ROOT, 'package-lock.json')));
  return Object.entries(wanted).every(
    ([path, entry]) =>
      path === '' || entry.optional || entry.devOptional || entry.peer || present[path]?.version === entry.version,
  );
}

/**
 * Builds app and relay, if a file they are made of changed.
 * @param {{ silent?: boolean }} [options]
 */
export function buildApp({ silent = false } = {}) {
  return unlessDone(join(ROOT, 'build', '.stamp'), hashOfSources(), () =>
    runQuietly(silent ? '' : 'Building app and relay (half a minute, after changes)', 'npm', ['run', 'build']),
  );
}

/** Builds the command line without a word, if a file it is made of changed. */
export function buildCli() {
  const inputs = hashOf(['package-lock.json'], ['relay/cli', 'src/lib/catalog', 'src/lib/domain']);
  return unlessDone(join(ROOT, 'build', 'cli', '.stamp'), inputs, () =>
    runQuietly('', 'npx', ['vite', 'build', '--config', 'relay/cli/vite.config.ts', '--logLevel', 'error']),
  );
}

/**
 * Builds the process of the practice devices alone, without a word, if a file it is made of changed; for `npm run dev`.
 * @returns {Promise<string>} its file
 */
export async function buildPractice() {
  const inputs = hashOf(['package-lock.json', 'relay/vite.config.ts'], ['relay/practice']);
  await unlessDone(join(ROOT, 'build', 'practice', '.stamp'), inputs, () =>
    runQuietly('', 'npx', [
      ...['vite', 'build', '--config', 'relay/vite.config.ts', '--mode', 'practice', '--logLevel', 'error'],
    ]),
  );
  return join(ROOT, 'build', 'practice', 'practice.js');
}

function hashOfSources() {
  const configs = ['package.json', 'package-lock.json', 'svelte.config.js', 'vite.config.ts', 'tsconfig.json'];
  return hashOf(configs, ['relay', 'src', 'static']);
}

/**
 * A hash of what something is built from; tests do not count.
 * @param {string[]} files @param {string[]} folders both below the project's top folder
 */
export function hashOf(files, folders) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file}\0${read(join(ROOT, file))}\0`);
  for (const folder of folders)
    for (const entry of readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || entry.name.endsWith('.test.ts')) continue;
      const path = join(entry.parentPath ?? entry.path, entry.name);
      hash.update(`${relative(ROOT, path)}\0`).update(readFileSync(path));
    }
  return hash.digest('hex');
}
