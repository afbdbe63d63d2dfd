import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PARAMETERS } from '../../src/lib/catalog/parameters.ts';
import { PLACE_INFO } from '../../src/lib/catalog/places.ts';
import { SHEETS } from '../../src/lib/catalog/sheets.ts';
import { entryTemplate } from '../../src/lib/domain/export/bash-step.ts';
import {
  COMMANDS,
  MARKS,
  PROGRAMS,
  anyValues,
  inlined,
  sandboxed,
  unmark,
  valuesOf,
  withVariables,
} from './recorder/commands.ts';
import { readRecords, trace } from './recorder/recorder.ts';
import { type Sshd, startSshd } from './sshd.ts';

/*
 * Commands that cross ssh, with a real client, a real server and real shells on both sides; the programs are recorders.
 * What they see must be what those of recorder.bash see of plain words: so its stand-ins do as the real ones do.
 */

type Texts = Readonly<Record<string, string>>;

const folder = mkdtempSync(join(tmpdir(), 'far-'));
const [bin, files, records] = [join(folder, 'bin'), join(folder, 'files'), join(folder, 'records')];
let server: Sshd;

/** Commands that go over ssh by themselves, and those of steps with the way into their Place around them. */
const TEMPLATES = [
  ...COMMANDS.map(({ template }) => template),
  ...SHEETS.flatMap(({ steps }) =>
    steps.map((step) => entryTemplate(step, PLACE_INFO)?.replace('{step}', () => step.command) ?? ''),
  ),
]
  .filter((template) => /\bssh .*\{device\}/.test(template))
  // Without those that reach another server or go through the chroot, and those in which recorder.bash lets a builtin
  // succeed that here fails.
  .filter((template) => !/ssh -[pN]|\bcd |\bcros_sdk /.test(template))
  .map((template) => sandboxed(template, `${files}/`));

/** What only recorder.bash sees: here they are shells, their builtins, ssh itself, and programs by their paths. */
const UNSEEN = /^(?:ssh|sh|printf|echo|exit|.*\/.*)$/;

/** Records as text, in an order of their own, without what cannot be seen here. */
const seen = (commands: readonly (readonly string[])[], replace = (word: string): string => word): string[] =>
  commands
    .filter(([name = '']) => !UNSEEN.test(name))
    .map((words) => JSON.stringify(words.map(replace)))
    .toSorted();

/** Values for this server: files are in `files`, each with its name in it. */
function placed(texts: Texts): Texts {
  const paths = PARAMETERS.filter(({ type }) => type === 'path').map(
    ({ id }) => [id, `${files}/${texts[id]}`] as const,
  );
  const placedTexts = {
    ...texts,
    ...Object.fromEntries(paths),
    device: `ssh://${server.user}@${server.host}:${server.port}`,
  };
  for (const [, path] of paths) writeFileSync(path, path);
  return placedTexts;
}

/** The recorders of programs with these names, the shells, and an ssh that knows the server. */
function installPrograms(names: readonly string[]): void {
  mkdirSync(bin);
  mkdirSync(files);
  const program = join(folder, 'program.bash');
  copyFileSync(join(import.meta.dirname, 'recorder/program.bash'), program);
  chmodSync(program, 0o755);
  for (const name of names) symlinkSync(program, join(bin, name));
  symlinkSync('/bin/sh', join(bin, 'sh'));
  symlinkSync('/bin/bash', join(bin, 'bash'));
  writeFileSync(join(folder, 'known_hosts'), server.knownHostsLine);
  const options = [
    ...['IdentityAgent none', 'BatchMode yes', `IdentityFile ${server.keyFile}`],
    ...[`UserKnownHostsFile ${join(folder, 'known_hosts')}`, 'LogLevel ERROR'],
    ...['ControlMaster auto', `ControlPath ${join(folder, 'control')}`, 'ControlPersist 60'],
  ];
  writeFileSync(join(folder, 'config'), `Host *\n${options.map((line) => `  ${line}\n`).join('')}`);
  writeFileSync(join(bin, 'ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F ${join(folder, 'config')} "$@"\n`, { mode: 0o755 });
}

/** What the recorders on both sides see when a command line is typed here. */
async function run(script: string): Promise<string[][]> {
  writeFileSync(records, '');
  const child = spawn('bash', ['--norc', '-c', script], {
    cwd: files,
    env: { PATH: bin, RECORDS: records, HOME: '/home/person', LC_ALL: 'C.UTF-8' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [errors] = await Promise.all([text(child.stderr), once(child, 'close')]);
  expect(errors, script).not.toMatch(/syntax error|unexpected|not found/);
  return readRecords(readFileSync(records, 'utf8'));
}

beforeAll(async () => {
  server = await startSshd({ config: [`SetEnv HOME=/home/person PATH=${bin} RECORDS=${records} LC_ALL=C.UTF-8`] });
});

afterAll(async () => {
  spawnSync(join(bin, 'ssh'), ['-O', 'exit', 'any'], { stdio: 'ignore' });
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

it('every value reaches the far end of a real ssh as it is, inlined and with variables', async () => {
  expect(TEMPLATES.length).toBeGreaterThan(50);
  mkdirSync(files);
  const marks = placed(MARKS);
  const scripts = TEMPLATES.map((template) => ({ script: inlined(template, valuesOf(marks)), files: [] }));
  const wanted = await trace(scripts, { status: 0, programs: PROGRAMS });
  rmSync(files, { recursive: true });
  installPrograms(
    [...new Set(wanted.flatMap(({ commands }) => commands.map(([name = '']) => name)))].filter(isProgram),
  );
  await fc.assert(
    fc.asyncProperty(anyValues, async (random) => {
      const texts = placed(random);
      for (const [index, template] of TEMPLATES.entries())
        for (const render of [inlined, withVariables]) {
          const script = render(template, valuesOf(texts));
          const expected = seen(wanted[index]?.commands ?? [], (word) => unmark(word, random));
          expect(seen(await run(script)), script).toEqual(expected);
        }
    }),
    { numRuns: 1, endOnFailure: true },
  );
}, 180_000);

/** Whether a name can be that of a recorder here. */
function isProgram(name: string): boolean {
  return !UNSEEN.test(name) && !['bash', 'cd'].includes(name);
}
