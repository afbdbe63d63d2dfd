// `npm run size`: what the browser loads before the start page works, compressed as the relay sends it. Exit code 1 when
// that is too much, or when something is part of it that must not be.
import { BUDGET, kilobytes, weighFirstRoute } from './weigh.mjs';

/** Modules named when something is wrong. */
const NAMED = 25;

const weight = weighFirstRoute();
if (!weight) {
  console.error('There is no build yet: run "npm run build" first.');
  process.exit(1);
}
const { scripts, styles, modules, scriptBytes, styleBytes, xtermBytes, problems } = weight;
console.log(
  `script of the first route: ${kilobytes(scriptBytes)} of ${kilobytes(BUDGET)} kB brotli in ${scripts.length} files`,
);
console.log(`styles of the first route: ${kilobytes(styleBytes)} kB brotli in ${styles.length} files`);
console.log(`xterm.js, loaded with the first terminal: ${kilobytes(xtermBytes)} kB brotli`);
if (problems.length > 0) {
  console.error(`\nThe first route must do without:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  console.error(`\nIts largest modules, in kB before minification and compression:`);
  for (const { name, bytes } of modules.slice(0, NAMED)) console.error(`  ${kilobytes(bytes).padStart(5)}  ${name}`);
  console.error('\nLoad what it can do without when it is needed: see src/routes/load-the-rest.ts.');
  process.exit(1);
}
