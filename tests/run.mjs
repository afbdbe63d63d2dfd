// `npm test`: installs what is missing, then runs everything. Every step says what it is and how long it took; the
// first lines of a failure are its own, the last line counts the tests.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT, buildApp, installPackages, requireNode, runQuietly } from '../relay/prepare.mjs';
import { buildDevice } from './device/build.mjs';

const RESULTS = join(ROOT, 'test-results');

/** What the tests need of the machine: the program, and the Debian packages that bring it. */
const PROGRAMS = [
  { program: 'chromium-headless-shell', package: 'chromium-headless-shell' },
  { program: 'sshd', package: 'openssh-server' },
  { program: 'ssh', package: 'openssh-client' },
  { program: 'gcc', package: 'gcc libc6-dev' },
  { program: 'ld.lld', package: 'lld' },
  { program: 'readelf', package: 'binutils' },
  { program: 'gdb', package: 'gdb' },
  { program: 'shellcheck', package: 'shellcheck' },
];

requireNode();
process.chdir(ROOT);
rmSync(RESULTS, { recursive: true, force: true });
mkdirSync(RESULTS, { recursive: true });
await installPackages();
await installPrograms();
await buildDevice();
const tiers = await prepareTiers();
await buildApp();

/** @type {string[]} */
const failures = [];
await step('Types', 'npm', ['run', '--silent', 'check']);
await step('Lint', 'npm', ['run', '--silent', 'lint']);
await step('Size of the first route', 'npm', ['run', '--silent', 'size']);
await step('Time to fill every sheet', 'npm', ['run', '--silent', 'bench', '--', 'sheets', '--quick']);
await step('Attacks on the relay', 'npm', ['run', '--silent', 'bench', '--', 'hostile', '--quick']);
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
reportTiers();
reportFailedTests();
if (failures.length > 0) console.error(`\nFailed: ${failures.join(', ')}.`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failures.length > 0 || failed > 0 ? 1 : 0);

/** Installs the Debian packages of PROGRAMS where this user may; otherwise says which command to run. */
async function installPrograms() {
  const missing = PROGRAMS.filter(({ program }) => findProgram(program) === undefined).map((entry) => entry.package);
  if (missing.length === 0) return;
  if (await installDebian(missing)) return;
  const command = `sudo apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  console.error(`The tests need ${missing.join(' and ')}: run "${command}", then npm test again.`);
  process.exit(1);
}

/**
 * Installs Debian packages, as root or with a sudo that asks nothing.
 * @param {string[]} packages
 * @returns {Promise<boolean>} false if this user may not
 */
async function installDebian(packages) {
  const root = process.getuid?.() === 0;
  const sudo = !root && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0;
  if (!existsSync('/usr/bin/apt-get') || (!root && !sudo)) return false;
  const command = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  const script = `apt-get update && DEBIAN_FRONTEND=noninteractive ${command}`;
  const [first = '', ...rest] = [...(sudo ? ['sudo', '-n'] : []), 'sh', '-c', script];
  await runQuietly(`Installing ${packages.join(', ')} with apt-get (once)`, first, rest);
  return true;
}

/**
 * Brings the best device to test against within reach: packages where root may install them, and the container image.
 * An ordinary user's machine is left alone: there the packages would start services.
 * @returns {Promise<Tier[]>} what can run now, and what keeps the others from it
 * @typedef {{ id: number, name: string, title: string, proves: string, files: string[],
 *   obstacles: { what: string, command: string, packages: string[] }[] }} Tier
 */
async function prepareTiers() {
  const device = [process.execPath, join(ROOT, 'build/device/cli.mjs')];
  /** @returns {Tier[]} */
  const look = () =>
    JSON.parse(spawnSync(device[0] ?? '', [device[1] ?? '', 'doctor', '--json'], { encoding: 'utf8' }).stdout);
  let found = look();
  const wanted = [...new Set(found.flatMap(({ obstacles }) => obstacles.flatMap(({ packages }) => packages)))];
  if (wanted.length > 0 && process.getuid?.() === 0 && (await installDebian(wanted))) found = look();
  if (found.some(({ id, obstacles }) => id === 2 && obstacles.length === 0))
    await runQuietly('Container image of the test device (a minute, once)', device[0] ?? '', [
      device[1] ?? '',
      'image',
    ]);
  return found;
}

/** Says which devices were tested against; one that is missing is never silent, and in CI it is a failure. */
function reportTiers() {
  console.log('\nTested against:');
  for (const { name, title, proves, files, obstacles } of tiers) {
    if (obstacles.length === 0) {
      console.log(`  tier ${name}: ${title}`);
      continue;
    }
    console.log(`  tier ${name}: NOT RUN (${title})`);
    console.log(`          left out: ${proves} (${files.join(', ')})`);
    for (const { what, command } of obstacles) console.log(`          ${what}; to enable it: ${command}`);
    if (process.env.CI === 'true') failures.push(`tier ${name} is missing`);
  }
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

/** Says at the end which tests failed and how: what they printed themselves is far above by then. */
function reportFailedTests() {
  for (const { name, message, assertionResults } of readResults(vitestResults).testResults ?? []) {
    const failed = assertionResults.filter((/** @type {{ status: string }} */ { status }) => status === 'failed');
    const file = relative(ROOT, name);
    if (message) console.log(`\nFailed in ${file}:\n${indented(message)}`);
    for (const { fullName, failureMessages } of failed)
      console.log(`\nFailed in ${file}: ${fullName}\n${indented(failureMessages.join('\n'))}`);
  }
}

/** The beginning of a text, to the right. @param {string} text */
function indented(text) {
  const lines = text.split('\n').slice(0, 20);
  return lines.map((line) => `    ${line.slice(0, 400)}`).join('\n');
}

function countPlaywright() {
  const { expected = 0, unexpected = 0, flaky = 0, skipped = 0 } = readResults(playwrightResults).stats ?? {};
  // A test that only passed at the second try has failed.
  return { passed: expected, failed: unexpected + flaky, skipped };
}
