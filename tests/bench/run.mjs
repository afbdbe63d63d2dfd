// `npm run bench -- NAME [--json] [--quick]`: runs a benchmark, prints each number with its limit and what share of it is
// used. Exit code 1 when a limit is passed, 2 when it is called wrongly.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ROOT, buildApp, hashOf, installPackages, requireNode, runQuietly, unlessDone } from '../../relay/prepare.mjs';
import { jsonOf, textOf } from './print.mjs';

/**
 * @typedef {import('./report.ts').Report} Report
 * @typedef {(options: { quick: boolean }) => Report | Promise<Report>} Benchmark
 */

/** Every benchmark: how its function is loaded. A new one is one line here. @type {Record<string, () => Promise<Benchmark>>} */
const BENCHMARKS = {
  sheets: () => loadBundled('sheets'),
  relay: async () => {
    await buildApp({ silent: true });
    return loadBundled('relay');
  },
  hostile: async () => {
    await buildApp({ silent: true });
    return loadBundled('hostile');
  },
  size: async () => (await import('./first-route.mjs')).default,
};

requireNode();
const { values, positionals } = parse();
const [name = '', ...rest] = positionals;
const load = Object.hasOwn(BENCHMARKS, name) ? BENCHMARKS[name] : undefined;
if (!load || rest.length > 0) usage();
await installPackages({ silent: true });
const report = await (await load())({ quick: values.quick });
print(report);
process.exitCode = report.problems.length > 0 || report.rows.some(isTooMuch) ? 1 : 0;

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false }, quick: { type: 'boolean', default: false } },
    });
  } catch {
    return usage();
  }
}

/** @returns {never} */
function usage() {
  console.error(`Which benchmark? npm run bench -- ${Object.keys(BENCHMARKS).join('|')} [--json] [--quick]`);
  process.exit(2);
}

/** Brings build/bench up to date and loads one of it. @param {string} entry @returns {Promise<Benchmark>} */
async function loadBundled(entry) {
  const inputs = hashOf(['package-lock.json'], ['tests/bench', 'tests/integration', 'src/lib']);
  await unlessDone(join(ROOT, 'build', 'bench', '.stamp'), inputs, () =>
    runQuietly('', 'npx', ['vite', 'build', '--config', 'tests/bench/vite.config.ts', '--logLevel', 'error']),
  );
  return (await import(pathToFileURL(join(ROOT, 'build', 'bench', `${entry}.js`)).href)).default;
}

/** @param {import('./report.ts').Row} row */
function isTooMuch({ value, limit }) {
  return limit !== undefined && value > limit;
}

/** @param {Report} report */
function print(report) {
  if (values.json) return console.log(JSON.stringify(jsonOf(name, report), null, 2));
  for (const line of textOf(report)) console.log(line);
  for (const problem of report.problems) console.error(problem);
}
