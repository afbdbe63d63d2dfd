// `npm run size`, or `npm run bench -- size`: what the browser loads before the start page works, compressed as the relay
// sends it. It fails when that is too much, or when something is part of it that must not be.
import { BUDGET, kilobytes, weighFirstRoute } from './weigh.mjs';

/** Modules named when something is wrong. */
const NAMED = 25;

/** @returns {import('./report.ts').Report} */
export default function firstRoute() {
  const weight = weighFirstRoute();
  const title = 'What the start page loads before it works, compressed with brotli';
  if (!weight) return { title, rows: [], problems: ['There is no build yet: run "npm run build" first.'] };
  const { scripts, styles, modules, scriptBytes, styleBytes, xtermBytes, problems } = weight;
  const size = (/** @type {string} */ name, /** @type {number} */ bytes) => ({ name, value: bytes / 1000, unit: 'kB' });
  return {
    title,
    rows: [
      { ...size(`script, ${scripts.length} files`, scriptBytes), limit: BUDGET / 1000 },
      size(`styles, ${styles.length} files`, styleBytes),
      size('xterm.js, with the first terminal', xtermBytes),
    ],
    problems: problems.length === 0 ? [] : [explain(problems, modules)],
  };
}

/** @param {string[]} problems @param {{ name: string, bytes: number }[]} modules */
function explain(problems, modules) {
  const largest = modules.slice(0, NAMED).map(({ name, bytes }) => `  ${kilobytes(bytes).padStart(5)}  ${name}`);
  return [
    '\nThe first route must do without:',
    ...problems.map((problem) => `  ${problem}`),
    '\nIts largest modules, in kB before minification and compression:',
    ...largest,
    '\nLoad what it can do without when it is needed: see src/routes/load-the-rest.ts.',
  ].join('\n');
}
