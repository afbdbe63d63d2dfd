import { cpus, totalmem } from 'node:os';

/** @typedef {import('./report.ts').Report} Report */

/** What it ran on. */
function machine() {
  return {
    ...{ processor: cpus()[0]?.model ?? 'unknown', cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30) },
    ...{ node: process.versions.node, platform: `${process.platform} ${process.arch}` },
  };
}

/**
 * A report for a program: numbers that have a key stand under it at the top, too.
 * @param {string} benchmark @param {Report} report
 */
export function jsonOf(benchmark, { title, rows, problems, extra = {} }) {
  const keys = Object.fromEntries(rows.flatMap(({ key, value }) => (key === undefined ? [] : [[key, value]])));
  return { ...keys, benchmark, machine: machine(), title, rows, problems, ...extra };
}

/** A report for a person, as lines. @param {Report} report */
export function textOf({ title, rows, table = [], notes = [] }) {
  const width = Math.max(...rows.map((row) => row.name.length));
  const { processor, cores, memoryGiB, node } = machine();
  return [
    title,
    ...linesOf(table),
    ...rows.map(({ name, value, unit, limit, aim }) => {
      const share = limit === undefined ? '' : ` of ${limit} (${Math.round((value / limit) * 100)} %)`;
      const verdict = aim ? `, ${judge(value, aim)}: at most ${aim.must}, reach for ${aim.reach}` : '';
      return `  ${name.padEnd(width)}  ${`${value.toFixed(2)} ${unit}`.trim()}${share}${verdict}`;
    }),
    `${processor}, ${cores} cores, ${memoryGiB} GiB, Node ${node}`,
    ...notes,
  ];
}

/** The first and the last column begin at the left, the numbers between them end at the right. @param {Required<Report>['table']} table */
function linesOf(table) {
  const widths = (table[0] ?? []).map((_cell, column) => Math.max(...table.map((line) => line[column]?.length ?? 0)));
  return table.map((line) => {
    const cells = line.map((cell, column) => {
      if (column === line.length - 1) return cell;
      return column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0);
    });
    return `  ${cells.join('  ')}`;
  });
}

/** @param {number} value @param {{ must: number, reach: number }} aim */
function judge(value, { must, reach }) {
  return value <= reach ? 'reached' : value <= must ? 'good' : 'TOO MUCH';
}
