import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, it } from 'vitest';
import { must, run } from '../device/run.ts';
import { fill, findStep, holds } from './catalogue-step.ts';

/*
 * The add-symbol-file recipe of the catalogue (chromeos-facts.md section 8.1), with a real gdb on real programs that
 * run through ld.so as the tools of the container do: does the address that a function has in the process lead gdb to
 * the function and to its line?
 */
const LIBRARY_C = {
  /** Few sections before .text. */
  bare: `static int in_library(int number) {
  return number * 3 + 1;
}
void *library_address(void) { return (void *)in_library; }
`,
  /** A call of another library brings some more. */
  full: `static int in_library(int number) {
  return number * 3 + 1;
}
int puts(const char *);
void *library_address(void) { return puts("") < 0 ? 0 : (void *)in_library; }
`,
};
const PROGRAM_C = `#include <stdio.h>
#include <unistd.h>
void *library_address(void);
static int in_program(int number) {
  return number * 2;
}
int main(void) {
  printf("%p %p\\n", (void *)in_program, library_address());
  fflush(stdout);
  return pause();
}
`;

/** How a program and its library are linked. */
interface Layout {
  readonly linker: 'bfd' | 'lld';
  readonly pie: boolean;
  readonly library: keyof typeof LIBRARY_C;
}

const LAYOUTS: readonly Layout[] = (['bfd', 'lld'] as const).flatMap((linker) => [
  { linker, pie: true, library: 'bare' },
  { linker, pie: true, library: 'full' },
  { linker, pie: false, library: 'full' },
]);

const { command, checks } = findStep('debug-symbols/command');
const files = findStep('debug-symbols/files');
const load = findStep('debug-symbols/load');

// Nothing in the recipe may trip over a path.
const directory = join(mkdtempSync(join(tmpdir(), 'symbols-')), `it's $(a) "{path}"`.replaceAll('"', ''));
mkdirSync(directory);
const running: ChildProcess[] = [];
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(join(directory, '..'), { recursive: true });
});

/** A file of a running process: its own text section, and where one function of it is. */
interface Loaded {
  readonly pid: string;
  readonly path: string;
  readonly name: string;
  readonly source: string;
  readonly line: number;
  readonly address: bigint;
  readonly sectionIndex: number;
}

async function build({ linker, pie, library }: Layout): Promise<{ program: string; library: string }> {
  const folder = join(directory, `${linker} ${pie ? 'pie' : 'fixed'} ${library}`);
  mkdirSync(folder);
  writeFileSync(join(folder, 'library.c'), LIBRARY_C[library]);
  writeFileSync(join(folder, 'program.c'), PROGRAM_C);
  const gcc = ['gcc', '-g', '-O0', `-fuse-ld=${linker}`];
  const paths = { program: join(folder, 'program'), library: join(folder, 'libin.so') };
  await must([
    ...[...gcc, '-shared', '-fPIC', ...(library === 'bare' ? ['-nostdlib'] : [])],
    ...['-o', paths.library, join(folder, 'library.c')],
  ]);
  const kind = pie ? ['-pie', '-fPIE'] : ['-no-pie', '-fno-pie'];
  await must([...gcc, ...kind, '-o', paths.program, join(folder, 'program.c'), paths.library]);
  return paths;
}

/** Starts the program through the loader, as the wrappers under /opt/google/cros-containers do. */
async function start(layout: Layout): Promise<readonly Loaded[]> {
  const { program, library } = await build(layout);
  const [, loader = ''] = /interpreter: (\S+)\]/.exec(await must(['readelf', '-lW', program])) ?? [];
  const child = spawn(loader, ['--library-path', join(program, '..'), program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.push(child);
  const [inProgram = '', inLibrary = ''] = await new Promise<string[]>((resolve) =>
    createInterface({ input: child.stdout }).on('line', (line) => line && resolve(line.split(' '))),
  );
  const pid = String(child.pid);
  const textOf = async (path: string): Promise<number> =>
    Number(/\[ *(\d+)\] \.text /.exec(await must(['readelf', '-SW', path]))?.[1]);
  return [
    {
      ...{ pid, path: program, name: 'in_program', source: 'program.c', line: 4 },
      ...{ address: BigInt(inProgram), sectionIndex: await textOf(program) },
    },
    {
      ...{ pid, path: library, name: 'in_library', source: 'library.c', line: 1 },
      ...{ address: BigInt(inLibrary), sectionIndex: await textOf(library) },
    },
  ];
}

/** What gdb, told one thing, says of an address. */
async function ask(line: string, address: bigint): Promise<string> {
  const at = `0x${address.toString(16)}`;
  return must([
    ...['gdb', '-nx', '-batch', '-ex', 'set confirm off', '-ex', line],
    ...['-ex', `info symbol ${at}`, '-ex', `info line *${at}`],
  ]);
}

/** The command that the recipe makes for a file, by the shell that runs it. */
const recipe = (shell: string, { pid, path }: Pick<Loaded, 'pid' | 'path'>) =>
  run([shell, '-c', fill(command, { pid, binary: path })]);

/** The guide's own three lines, the stray parenthesis moved to where it belongs. */
const guide = async ({ pid, path }: Loaded): Promise<string> => {
  const script = [
    `base=$(cat /proc/$PID/maps | grep "$BINARY_PATH" | head -n1 | cut -d- -f1)`,
    String.raw`offset=$(readelf -WS "$BINARY_PATH" | grep \.text | tr -s ' ' | cut -d' ' -f6)`,
    'echo "add-symbol-file \\"$BINARY_PATH\\" 0x$base+0x$offset"',
  ];
  return (await must(['env', `PID=${pid}`, `BINARY_PATH=${path}`, 'bash', '-c', script.join('\n')])).trim();
};

const loaded = (await Promise.all(LAYOUTS.map(start))).map((both, index) => [LAYOUTS[index], both] as const);
const ALL = loaded.flatMap(([layout, both]) =>
  both.map((one) => {
    const { linker, pie, library } = layout ?? {};
    const kind = one.name === 'in_library' ? `${library} library` : pie ? 'PIE' : 'program that is not PIE';
    return [`${kind}, ${linker}, .text is section ${one.sectionIndex}`, { ...one, linker, pie }] as const;
  }),
);

describe('the recipe of the catalogue', () => {
  it.each(ALL)('%s', async (_, one) => {
    for (const shell of ['bash', 'dash']) {
      const { code, stdout, stderr } = await recipe(shell, one);
      expect(stderr).toBe('');
      expect(code).toBe(0);
      expect(stdout).toMatch(/^add-symbol-file ".*" -o 0x[0-9a-f]+\n$/);
      const answer = await ask(stdout.trim(), one.address);
      expect(answer).toContain(`${one.name} in section .text`);
      expect(answer).toMatch(new RegExp(`Line ${one.line} of ".*${one.source}" starts at address`));
    }
  });

  it('was tried on section numbers below and above ten, with both linkers', () => {
    for (const linker of ['bfd', 'lld']) {
      const indices = ALL.filter(([, one]) => one.linker === linker).map(([, one]) => one.sectionIndex);
      expect(Math.min(...indices)).toBeLessThan(10);
      expect(Math.max(...indices)).toBeGreaterThanOrEqual(10);
    }
  });

  it('is needed: without it gdb knows neither name nor line', async () => {
    const [, one] = ALL[0] ?? [];
    expect(await ask('echo', one?.address ?? 0n)).toMatch(/No symbol (?:matches|table is loaded)/);
  });

  it('says what is wrong with a path that the process does not have', async () => {
    const [, one] = ALL[0] ?? [];
    const { code, stdout, stderr } = await recipe('bash', { pid: one?.pid ?? '', path: '/bin/true' });
    expect(stderr).toContain('no mapping of it in this process');
    expect(stdout).toBe('');
    expect(code).not.toBe(0);
  });

  it('and with a wrapper, as the step before and its check do', async () => {
    const [, one] = ALL[0] ?? [];
    const wrapper = join(directory, 'wrapper');
    writeFileSync(wrapper, `#!/bin/sh\n# ${'x'.repeat(100)}\n`, { mode: 0o755 });
    const { stderr } = await recipe('bash', { pid: one?.pid ?? '', path: wrapper });
    expect(stderr).toContain('Not an ELF file - it has the wrong magic bytes at the start');
    const [isElf] = checks ?? [];
    if (!isElf) throw new Error('no check');
    const look = async (binary: string) => (await run(['bash', '-c', fill(isElf.command, { binary })])).stdout;
    expect(holds(isElf, await look(wrapper))).toBe(false);
    expect(holds(isElf, await look(one?.path ?? ''))).toBe(true);
    const { stdout: listed } = await run(['bash', '-c', fill(files.command, { pid: one?.pid ?? '' })]);
    expect(listed).toContain('/libc.so.6\n');
    const [buildId] = load.checks ?? [];
    if (!buildId) throw new Error('no check');
    expect(holds(buildId, await must(['bash', '-c', fill(buildId.command, { binary: one?.path ?? '' })]))).toBe(true);
  });
});

describe('the formula of the guide', () => {
  it('is no command for a shell as it stands', async () => {
    const line = String.raw`offset=$(readelf -WS $BINARY_PATH | grep \.text) | tr -s ' ' | cut -d' ' -f6)`;
    expect((await run(['bash', '-n', '-c', line])).stderr).toContain("syntax error near unexpected token `)'");
  });

  // Field six is the file offset where the section number has two digits, and the address where it has one; lld gives
  // .text an address that is not its offset, GNU ld the same number twice.
  it.each(ALL)('%s', async (_, one) => {
    const answer = await ask(await guide(one), one.address);
    const isRight = one.linker === 'bfd' || one.sectionIndex < 10;
    expect(answer.includes(`${one.name} in section .text`)).toBe(isRight);
  });

  it('was wrong for a PIE linked with lld, and right by luck for a library of few sections', () => {
    const found = ALL.filter(([, one]) => one.linker === 'lld').map(([, one]) => [one.name, one.sectionIndex < 10]);
    expect(found).toContainEqual(['in_program', false]);
    expect(found).toContainEqual(['in_library', true]);
  });
});
