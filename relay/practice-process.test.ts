import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PracticeProcess } from './practice-process.ts';

/** How the relay takes whatever its child does: programs that misbehave stand in for the devices. */

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'workbench-practice-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The code that says a message. */
const says = (message: unknown): string => `process.stdout.write(${JSON.stringify(`${JSON.stringify(message)}\n`)})`;

/** Comes up, then does what `then` says. */
const comesUp = (then: string): string =>
  `process.stdin.once('data', () => { ${says({ type: 'listening', ports: [7] })}; setImmediate(() => { ${then} }); });`;

/** Starts a program; `deaths` collects what is said of its ends. */
async function start(name: string, source: string | null) {
  const program = join(folder, `${name}.js`);
  if (source !== null) await writeFile(program, source);
  const deaths: string[] = [];
  const process = await PracticeProcess.start({
    program,
    devices: [{ arch: 'x86_64', hostKey: 'a key' }],
    onDeath: (sentence) => deaths.push(sentence),
    pauseMs: 1,
  });
  return { process, deaths };
}

test.each([
  ['is missing', null, /ended \(status 1\) and are not started again\. Restart/],
  ['cannot listen', says({ type: 'failed', reason: 'EADDRINUSE' }), /could not start \(EADDRINUSE\)/],
  ['says nonsense first', says({ type: 'pong', more: 1 }), /sent what the relay does not know/],
  ['says a port that is none', says({ type: 'listening', ports: [0] }), /sent what the relay does not know/],
  ['has a device too few', says({ type: 'listening', ports: [] }), /sent what the relay does not know/],
])('one that %s: the relay starts without it, and says so', async (name, source, sentence) => {
  // It stays, so that the relay has to end it.
  const { process, deaths } = await start(name, source === null ? null : `setInterval(() => {}, 1e6); ${source}`);
  expect(process).toBeUndefined();
  expect(deaths).toEqual([expect.stringMatching(sentence)]);
});

test('one that dies at once again and again is given up, and its shells are told', async () => {
  const { process, deaths } = await start('dies', comesUp('process.exit(3);'));
  await expect
    .poll(() => deaths.at(-1), { timeout: 15_000 })
    .toMatch(/ended \(status 3\) and are not started again\. Restart the workbench/);
  expect(deaths).toHaveLength(8);
  expect(deaths[0]).toBe('The practice devices ended (status 3) and were started again.');
  expect(await process?.lossReason(performance.now())).toBe(deaths.at(-1));
  await process?.close();
});

test('one that speaks nonsense later is ended and started again', async () => {
  const { process, deaths } = await start('later', comesUp(`setTimeout(() => ${says('nonsense')}, 600);`));
  await expect.poll(() => deaths.length, { timeout: 10_000 }).toBeGreaterThan(1);
  expect(deaths[0]).toBe('The practice devices sent what the relay does not know and were started again.');
  await process?.close();
});

test.each([
  ['answers without end', `setInterval(() => { for (let i = 0; i < 100; i++) ${says({ type: 'pong' })}; }, 1);`],
  ['sends a line without end', `setInterval(() => process.stdout.write('x'.repeat(1e5)), 1);`],
])('one that %s is ended and started again', async (name, then) => {
  const { process, deaths } = await start(name.replaceAll(' ', '-'), comesUp(`setTimeout(() => { ${then} }, 600);`));
  await expect.poll(() => deaths.length, { timeout: 10_000 }).toBeGreaterThan(1);
  expect(deaths[0]).toBe('The practice devices sent what the relay does not know and were started again.');
  await process?.close();
});

test('a heap that is full ends it alone: it ran out of memory', async () => {
  const fills = `const all = []; for (;;) all.push(new Array(1e5).fill(1.5));`;
  const { process, deaths } = await start('fills', comesUp(fills));
  await expect.poll(() => deaths[0], { timeout: 15_000 }).toMatch(/ran out of memory and were started again/);
  await process?.close();
});

test('closed, it is gone, and nothing is said of it', async () => {
  const { process, deaths } = await start('stays', comesUp('setInterval(() => {}, 1e6);'));
  expect(process?.ports).toEqual([7]);
  await process?.close();
  expect(deaths).toEqual([]);
});
