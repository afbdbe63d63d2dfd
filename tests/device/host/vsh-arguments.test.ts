import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MESSAGE_MAX, parseVsh as parse, requestSize, splitEnvironment } from './vsh-arguments.ts';

const BASE = ['--vm_name=termina', '--owner_id=5c99'];

const parseVsh = (argv: readonly string[]) => parse(argv, '2026');

const exitOf = (argv: readonly string[]) => {
  const parsed = parseVsh(argv);
  if (!('exit' in parsed)) throw new Error(`accepted: ${argv.join(' ')}`);
  return parsed.exit;
};

describe('flags (chromeos-facts.md section 1.1)', () => {
  it.each([
    ['two dashes', ['--vm_name=termina', '--owner_id=5c99', '--', 'ls']],
    ['one dash', ['-vm_name=termina', '-owner_id=5c99', '--', 'ls']],
    ['a command before the flags', ['ls', '--vm_name=termina', '--owner_id=5c99']],
  ])('%s', (_title, argv) => {
    expect(parseVsh(argv)).toMatchObject({ vm: 'termina', owner: '5c99', argv: ['ls'] });
  });

  it('takes a value after = only: what follows a space is the command', () => {
    expect(parseVsh([...BASE, '--user', 'root', '--'])).toMatchObject({ user: '', argv: ['root'] });
  });

  it('reads a dash before -- as a flag, wherever it stands', () => {
    expect(exitOf([...BASE, 'ls', '-la'])).toEqual({
      stdout: '',
      stderr: "vsh: ERROR: unknown command line flag 'la'\n",
      code: 64,
    });
    expect(parseVsh([...BASE, '--', 'ls', '-la'])).toMatchObject({ argv: ['ls', '-la'] });
  });

  it('refuses a wrong value with 65', () => {
    expect(exitOf(['--cid=x'])).toEqual({
      stdout: '',
      stderr: "vsh: ERROR: illegal value 'x' specified for uint64 flag 'cid'\n",
      code: 65,
    });
    expect(exitOf(['--cid=18446744073709551616'])).toMatchObject({ code: 65 });
  });

  it('prints help on stdout and succeeds', () => {
    expect(exitOf(['--help'])).toMatchObject({
      stderr: '',
      code: 0,
      stdout: expect.stringContaining('--vm_name') as string,
    });
  });
});

describe('setup errors (chromeos-facts.md section 1.5)', () => {
  it.each([
    ['nothing named', [], 'Exactly one of --cid or --vm_name is required'],
    ['both named', ['--cid=33', ...BASE], 'Exactly one of --cid or --vm_name is required'],
    ['an empty hash', ['--vm_name=termina', '--owner_id='], 'If using --vm_name, you must also specify --owner_id'],
  ])('%s', (_title, argv, text) => {
    const { stderr, code } = exitOf(argv);
    expect(code).toBe(1);
    expect(stderr.endsWith(`] ${text}\n`)).toBe(true);
  });
});

describe('environment (chromeos-facts.md section 1.2)', () => {
  it.each([
    [['A=1', 'B=2', 'ls', 'C=3'], { A: '1', B: '2' }, ['ls', 'C=3']],
    [['FOO=', 'ls'], {}, ['FOO=', 'ls']],
    [['FOO=a=b', 'ls'], {}, ['FOO=a=b', 'ls']],
    [[' A = 1 ', 'x'], { A: '1' }, ['x']],
    [
      ['LXD_DIR=/mnt/stateful/lxd', 'LXD_CONF=/mnt/stateful/lxd_conf'],
      { LXD_DIR: '/mnt/stateful/lxd', LXD_CONF: '/mnt/stateful/lxd_conf' },
      [],
    ],
  ])('%j', (words, env, argv) => {
    expect(splitEnvironment(words)).toEqual({ env, argv });
  });

  it('loses no word, and never takes one behind the command', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (words) => {
        const { env, argv } = splitEnvironment(words);
        const taken = words.length - argv.length;
        expect(argv).toEqual(words.slice(taken));
        expect(Object.keys(env).length).toBeLessThanOrEqual(taken);
      }),
    );
  });
});

describe('the size of a request (chromeos-facts.md section 1.2)', () => {
  const request = (argv: string[]) => {
    const parsed = parseVsh([...BASE, '--', ...argv]);
    if ('exit' in parsed) throw new Error(parsed.exit.stderr);
    return parsed;
  };

  it('grows with the command and passes the limit at about 4 KiB', () => {
    expect(requestSize(request(['true']), 'xterm')).toBeLessThan(40);
    expect(requestSize(request(['echo', 'x'.repeat(4000)]), 'xterm')).toBeLessThan(MESSAGE_MAX);
    expect(requestSize(request(['echo', 'x'.repeat(4096)]), 'xterm')).toBeGreaterThan(MESSAGE_MAX);
  });
});
