import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { scriptName, sheetScript } from './bash.ts';
import { exampleExport } from './example-sheet.ts';

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const KNOWN = { words: 'a b', file: "it's $(x) `y`", code: '0' };

/** Runs a sheet's script with bash; `input` answers its questions. */
function run(
  typed: Record<string, string>,
  args: string[],
  {
    input = '',
    env = {},
    sheet = {},
  }: { input?: string; env?: Record<string, string>; sheet?: Parameters<typeof exampleExport>[1] } = {},
): Run {
  const script = sheetScript(exampleExport(typed, sheet));
  return spawnSync('bash', ['-c', script, 'example.sh', ...args], {
    input,
    encoding: 'utf8',
    // A bash whose input is a socket, as here, reads the .bashrc of its HOME.
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...env },
  });
}

describe('sheetScript', () => {
  it('runs every step in order, values as they are in every Place', () => {
    const { status, stdout, stderr } = run(KNOWN, [], { input: 'y\ny\ny\n' });
    expect(stderr.match(/^\(.*(?:words|something|then|Talk)$/gm)).toEqual([
      '(here) $ Say the words',
      '(there) # Break something',
      '(here) $ Only now and then',
      '(there) # Talk',
    ]);
    expect(stdout).toBe("<a><b><it's $(x) `y`>\n<it's $(x) `y`><far>third\n");
    expect(status).toBe(0);
  });

  it('with --yes asks nothing, and leaves out what is only sometimes needed', () => {
    const { status, stdout, stderr } = run(KNOWN, ['--yes']);
    expect(stderr).toBe(
      '\n(here) $ Say the words\n\n(there) # Break something\n\n(here) $ Only now and then\n' +
        'Left out. Name it if this holds: It is late.\n\n(there) # Talk\n',
    );
    expect(stdout).toBe("<a><b><it's $(x) `y`>\n<it's $(x) `y`><far>");
    expect(status).toBe(0);
    expect(run(KNOWN, ['--yes', 'third']).stdout).toBe('third\n');
    expect(run(KNOWN, ['--help']).stdout).toContain('only sometimes needed is left out unless it is named');
  });

  it('runs only steps that are named, without the question whether they are needed', () => {
    expect(run(KNOWN, ['third', 'first']).stdout).toBe("third\n<a><b><it's $(x) `y`>\n");
  });

  it('asks before a step that interrupts, and leaves', () => {
    const { status, stdout, stderr } = run(KNOWN, ['second', 'third'], { input: 'n\n' });
    expect(stderr).toContain('It interrupts: Everything. Everybody can see it. Go on? [y/N]');
    expect(stderr).toContain('Left before step "second"; nothing of it ran.');
    expect([status, stdout]).toEqual([1, '']);
  });

  it('asks whether a step is needed, and goes on without it', () => {
    const { status, stdout, stderr } = run(KNOWN, [], { input: 'y\nn\ny\nthe rest' });
    expect(stderr).toContain('It is late. Do it? [y/N]');
    expect(stderr).toContain('It takes the terminal until you leave it. Go on? [y/N]');
    expect(stdout).toBe("<a><b><it's $(x) `y`>\n<it's $(x) `y`><far>the rest");
    expect(status).toBe(0);
  });

  it('names the step that failed, with its exit status and what may be wrong', () => {
    const { status, stderr } = run({ ...KNOWN, code: '7' }, ['--yes']);
    expect(status).toBe(7);
    expect(stderr).toContain('Step "second" failed with exit status 7.\n  It ends.\n    That is right.\n');
    expect(stderr).not.toContain('Only now and then');
  });

  it('asks for what is missing and needed, until it fits', () => {
    const { status, stdout, stderr } = run({ file: '/a' }, ['first'], { input: '; rm\nx  y\n' });
    expect(stderr).toContain('Words, for example a b: "; rm" does not fit.\nWords, for example a b: ');
    expect(stderr).not.toContain('Exit code');
    expect([status, stdout]).toEqual([0, '<x><y></a>\n']);
  });

  it('asks for a value once the step comes that needs it, since a step before may find it', () => {
    const { status, stdout, stderr } = run({ ...KNOWN, code: '' }, [], { input: '' });
    expect(stdout).toBe("<a><b><it's $(x) `y`>\n");
    expect(stderr).toMatch(/\(there\) # Break something\nExit code, for example 0: \nNo Exit code\./);
    expect(stderr).not.toContain('failed');
    expect(status).toBe(2);
  });

  it('asks for a value once, however many steps need it', () => {
    const { stdout, stderr } = run({ file: '/a' }, ['first', 'first'], { input: 'x y\n' });
    expect(stdout).toBe('<x><y></a>\n<x><y></a>\n');
    expect(stderr.match(/for example a b/g)).toHaveLength(1);
  });

  it('takes what is missing from the environment', () => {
    const { stdout } = run({ words: 'a' }, ['first'], { env: { FILE: "/it's" } });
    expect(stdout).toBe("<a></it's>\n");
  });

  it('says how to set a value that nobody answers', () => {
    const { status, stderr } = run({ words: 'a' }, ['first']);
    expect(status).toBe(2);
    expect(stderr).toContain('No File. Answer, or set it before: FILE=/tmp/x');
  });

  it('lists its steps, helps, and refuses a step that it does not have', () => {
    expect(run({}, ['--list']).stdout).toContain('second  (there) #  Break something\n');
    expect(run({}, ['--help']).stdout).toMatch(/Usage: bash example\.sh \[--yes\] \[STEP…\][^]*WORDS {2}Words\n/);
    expect(run({}, ['fifth'])).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('no step "fifth"') as string,
    });
  });

  it('takes one step of a sheet of choices, and lists them otherwise', () => {
    const sheet = { kind: 'choice' } as const;
    expect(run(KNOWN, [], { sheet })).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('third') as string,
    });
    expect(run(KNOWN, ['third'], { sheet }).stdout).toBe('third\n');
  });

  it('tells the device in a comment, whatever the device says', () => {
    const script = sheetScript(exampleExport(KNOWN));
    expect(script).toContain('# Filled for a device with board eve, version 1 rm -rf /.\n');
  });

  it('is named after its sheet', () => {
    expect(scriptName(exampleExport({}))).toBe('example.sh');
  });
});
