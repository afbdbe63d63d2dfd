// `npm test`: installs what is missing, then runs everything. Every step says what it is and how long it took; the
// first lines of a failure are its own, the last line counts the tests.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, buildApp, installPackages, requireNode, runQuietly } from '../relay/prepare.mjs';

const RESULTS = join(ROOT, 'test-results');

/** What the tests need of the machine: the program, and the Debian package that brings it. */
const PROGRAMS = [
  { program: 'chromium', package: 'chromium' },
  { program: 'sshd', package: 'openssh-server' },
  { program: 'ssh', package: 'openssh-client' },
];

requireNode();
process.chdir(ROOT);
rmSync(RESULTS, { recursive: true, force: true });
mkdirSync(RESULTS, { recursive: true });
await installPackages();
await installPrograms();
await buildApp();

const failures = [];
await step('Types', 'npm', ['run', '--silent', 'check']);
await step('Lint', 'npm', ['run', '--silent', 'lint']);
const vitestResults = join(RESULTS, 'vitest.json');
const playwrightResults = join(RESULTS, 'playwright.json');
await step('Unit and integration tests', 'npx', [
  ...['vitest', 'run', '--reporter=dot', '--reporter=json', `--outputFile.json=${vitestResults}`],
]);
await step('Browser tests', 'npx', ['playwright', 'test'], { PLAYWRIGHT_JSON_OUTPUT_NAME: playwrightResults });

const counts = [countVitest(), countPlaywright()];
const passed = counts.reduce((sum, count) => sum + count.passed, 0);
const failed = counts.reduce((sum, count) => sum + count.failed, 0);
const skipped = counts.reduce((sum, count) => sum + count.skipped, 0);
if (skipped > 0) failures.push(`${skipped} skipped tests (nothing may be skipped)`);
if (passed === 0) failures.push('no test ran');
if (failures.length > 0) console.error(`\nFailed: ${failures.join(', ')}.`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failures.length > 0 || failed > 0 ? 1 : 0);

/** Installs missing Debian packages where this user may; otherwise says which command to run. */
async function installPrograms() {
  const missing = PROGRAMS.filter(({ program }) => findProgram(program) === undefined).map((entry) => entry.package);
  if (missing.length === 0) return;
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  const root = process.getuid?.() === 0;
  const sudo = !root && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0;
  if (!existsSync('/usr/bin/apt-get') || (!root && !sudo)) {
    console.error(`The tests need ${missing.join(' and ')}: run "sudo ${command}", then npm test again.`);
    process.exit(1);
  }
  const prefix = sudo ? ['sudo', '-n'] : [];
  const [first = '', ...rest] = [...prefix, 'sh', '-c', `apt-get update && DEBIAN_FRONTEND=noninteractive ${command}`];
  await runQuietly(`Installing ${missing.join(', ')} with apt-get (once)`, first, rest);
}

/** @param {string} program */
function findProgram(program) {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

/**
 * Runs a step with its output in sight; a failure is remembered and the next step runs all the same.
 * @param {string} title @param {string} command @param {string[]} args @param {Record<string, string>} [environment]
 */
async function step(title, command, args, environment = {}) {
  const begun = Date.now();
  console.log(`\n── ${title} ──`);
  const child = spawn(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...environment },
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  console.log(`── ${title}: ${code === 0 ? 'ok' : 'FAILED'} (${((Date.now() - begun) / 1000).toFixed(1)} s) ──`);
  if (code !== 0) failures.push(title);
}

/** @param {string} path */
function readResults(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
}

function countVitest() {
  const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0 } = readResults(vitestResults);
  return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests };
}

function countPlaywright() {
  const { expected = 0, unexpected = 0, flaky = 0, skipped = 0 } = readResults(playwrightResults).stats ?? {};
  // A test that only passed at the second try has failed.
  return { passed: expected, failed: unexpected + flaky, skipped };
}
