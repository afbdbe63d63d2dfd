// `npm run bench -- NAME [--json] [--quick]`: runs a benchmark, prints each number with its limit and what share of it is
// used. Exit code 1 when a limit is passed, 2 when it is called wrongly.
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ROOT, hashOf, installPackages, requireNode, runQuietly, unlessDone } from '../../relay/prepare.mjs';

/**
 * @typedef {import('./report.ts').Report} Report
 * @typedef {(options: { quick: boolean }) => Report | Promise<Report>} Benchmark
 */

/** Every benchmark: how its function is loaded. A new one is one line here. @type {Record<string, () => Promise<Benchmark>>} */
const BENCHMARKS = {
  sheets: () => loadBundled('sheets'),
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
  const inputs = hashOf(['package-lock.json'], ['tests/bench', 'src/lib/catalog', 'src/lib/domain']);
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
function print({ title, rows, problems }) {
  const machine = {
    ...{ processor: cpus()[0]?.model ?? 'unknown', cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30) },
    ...{ node: process.versions.node, platform: `${process.platform} ${process.arch}` },
  };
  if (values.json) {
    console.log(JSON.stringify({ benchmark: name, machine, title, rows, problems }, null, 2));
    return;
  }
  console.log(title);
  const width = Math.max(...rows.map((row) => row.name.length));
  for (const { name, value, unit, limit } of rows) {
    const share = limit === undefined ? '' : ` of ${limit} (${Math.round((value / limit) * 100)} %)`;
    console.log(`  ${name.padEnd(width)}  ${value.toFixed(2)} ${unit}${share}`);
  }
  console.log(`${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}`);
  for (const problem of problems) console.error(problem);
}
