import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../relay/prepare.mjs';
import { startSshd } from '../integration/sshd.ts';
import { type Pace, runCase } from './hostile/campaign.ts';
import { type CaseResult, failedCase } from './hostile/case-result.ts';
import { CASES } from './hostile/cases.ts';
import { rounded } from './relay/statistics.ts';
import type { Report, Row } from './report.ts';

/** How much an attack may move the relay's memory, in MB, and somebody else's echo, in ms. */
const LIMITS = { rss: 64, p99: 50, worst: 250 } as const;

/** The numbers that attacks draw are the same in every campaign. */
const SEED = 20_261_123;

const FULL: Pace = { quick: false, patience: 4, settleMs: 600, tailMs: 500, atOnce: 1 };
const QUICK: Pace = { quick: true, patience: 15, settleMs: 250, tailMs: 200, atOnce: 2 };

const TITLE = 'What an attack does to the relay, and to the echo of somebody else';

/**
 * Attacks a built relay in every way that `hostile/cases.ts` knows, each on a relay that has just started. Quick: fewer
 * ways, two at a time and for a shorter time each; so times have no limit there, and only memory, the attacker's end and
 * the relay's life count.
 * The environment may name another checkout, `BENCH_RELAY_ROOT`, and some of the cases, `BENCH_CASES=id,id`.
 */
export default async function hostile({ quick }: { readonly quick: boolean }): Promise<Report> {
  if (process.platform !== 'linux')
    return { title: TITLE, rows: [], problems: ['This benchmark reads /proc: it runs on Linux only.'] };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  const root = process.env['BENCH_RELAY_ROOT'] || ROOT;
  const wanted = process.env['BENCH_CASES']?.split(',');
  const cases = CASES.filter(
    ({ id, quickSeconds }) => (!quick || quickSeconds !== undefined) && (!wanted || wanted.includes(id)),
  );
  const pace = quick ? QUICK : FULL;
  const begun = performance.now();
  const directory = await mkdtemp(join(tmpdir(), 'bench-hostile-'));
  const sshd = await startSshd();
  const other = await startSshd();
  const results = new Map<string, CaseResult>();
  const left = [...cases];
  const work = async (): Promise<void> => {
    for (let of = left.shift(); of; of = left.shift()) {
      const result = await runCase(of, {
        ...{ root, directory: join(directory, of.id) },
        ...{ sshd, other, seed: SEED, pace },
      }).catch((error: unknown) => failedCase(of, error));
      results.set(of.id, result);
      const at = ((performance.now() - begun) / 1000).toFixed(0).padStart(4);
      process.stderr.write(`${at} s  ${of.id}: ${lineOf(result).slice(1).join('  ')}\n`);
    }
  };
  try {
    await Promise.all(Array.from({ length: pace.atOnce }, work));
  } finally {
    await Promise.all([sshd.stop(), other.stop()]);
    await rm(directory, { recursive: true, force: true });
  }
  const inOrder = cases.flatMap(({ id }) => results.get(id) ?? []);
  return reportOf(inOrder, pace, root);
}

function reportOf(results: readonly CaseResult[], { quick }: Pace, root: string): Report {
  const attacks = results.filter(({ control }) => !control);
  const most = (of: (result: CaseResult) => number): number => rounded(Math.max(0, ...attacks.map(of)));
  const time = (limit: number): Partial<Row> => (quick ? {} : { limit });
  return {
    title: TITLE,
    table: [COLUMNS, ...results.map(lineOf)],
    rows: [
      { key: 'rss_mb', name: 'memory, at most', value: most(({ rssMb }) => rssMb), unit: 'MB', limit: LIMITS.rss },
      {
        ...{ key: 'echo_p99_ms', name: "the victim's echo: p99, at most", unit: 'ms' },
        ...{ value: most(({ p99 }) => p99), ...time(LIMITS.p99) },
      },
      {
        ...{ key: 'echo_worst_ms', name: "the victim's echo: worst", unit: 'ms' },
        ...{ value: most(({ worst }) => worst), ...time(LIMITS.worst) },
      },
      {
        ...{ key: 'survived', name: 'attacks survived', unit: `of ${attacks.length}` },
        value: attacks.filter(({ survived }) => survived).length,
      },
    ],
    problems: results.flatMap(({ problems }) => problems),
    notes: [
      `Seed ${SEED}; the relay of ${root}; load ${loadavg()
        .map((load) => load.toFixed(1))
        .join(', ')}.`,
    ],
    extra: { ...keysOf(results), cases: attacks.length, seed: SEED, results },
  };
}

const COLUMNS = ['case', 'MB', 'p50 ms', 'p99 ms', 'worst ms', 'what became of it'];

function lineOf({ title, rssMb, belowMb, p50, p99, worst, outcome, problems }: CaseResult): string[] {
  const below = belowMb >= 1 ? `, its children ${belowMb.toFixed(0)} MB more` : '';
  const text = `${outcome}${below}`;
  return [
    ...[title, rssMb.toFixed(1), p50.toFixed(1), p99.toFixed(1), worst.toFixed(0)],
    problems.length === 0 || problems.some((problem) => problem.endsWith(outcome)) ? text : `${text} (!)`,
  ];
}

/** Every case's numbers under names of its own. */
function keysOf(results: readonly CaseResult[]): Record<string, number> {
  return Object.fromEntries(
    results.flatMap(({ id, rssMb, p99, worst }) => [
      [`${id}_rss_mb`, rounded(rssMb)],
      [`${id}_echo_p99_ms`, rounded(p99)],
      [`${id}_echo_worst_ms`, rounded(worst)],
    ]),
  );
}
