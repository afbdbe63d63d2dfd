import { describe, expect, it } from 'vitest';
import { renderCommand, resolveParameters, sheetParameters } from './resolve.ts';
import type { Parameter, Sheet } from './sheet.ts';

const parameters: Parameter[] = [
  {
    id: 'device',
    label: 'Device',
    type: 'address',
    help: '',
    example: 'root@192.0.2.7',
    variable: 'DEVICE',
    from: 'address',
  },
  {
    id: 'guestBoard',
    label: 'Guest board',
    type: 'guestBoard',
    help: '',
    example: 'tatl',
    variable: 'GUEST_BOARD',
    from: 'guestBoard',
  },
  { id: 'packages', label: 'Packages', type: 'packages', help: '', example: 'garcon', variable: 'PACKAGES' },
  { id: 'vm', label: 'VM', type: 'vm', help: '', example: 'termina', variable: 'VM', default: 'termina' },
  { id: 'path', label: 'Path', type: 'path', help: '', example: '/tmp/x', variable: 'PATH_NAME' },
];
const facts = { guestBoard: { value: 'tatl', origin: 'derived', at: 1 } } as const;

describe('resolveParameters', () => {
  it('takes the typed value before the fact, the fact before the default', () => {
    const values = resolveParameters(parameters, { facts, address: 'dut:2222', typed: { guestBoard: 'tael' } });
    expect(values['guestBoard']).toMatchObject({ value: 'tael', origin: 'typed' });
    expect(values['device']).toMatchObject({ value: 'ssh://root@dut:2222', origin: 'probed' });
    expect(values['vm']).toMatchObject({ value: 'termina', origin: 'default' });
    expect(values['packages']).toMatchObject({ value: undefined, origin: 'missing' });
  });

  it('falls back to the fact when the typed value is cleared', () => {
    const values = resolveParameters(parameters, { facts, typed: { guestBoard: '  ' } });
    expect(values['guestBoard']).toMatchObject({ value: 'tatl', origin: 'derived' });
  });

  it('tells what is remembered from what was typed on this visit, and how old each value is', () => {
    const values = resolveParameters(parameters, {
      facts,
      typed: { packages: 'garcon', path: '/tmp/x', vm: 'other' },
      typedAt: { packages: 50, path: 100 },
      visitSince: 100,
    });
    expect(values['packages']).toMatchObject({ value: 'garcon', origin: 'remembered', at: 50 });
    expect(values['path']).toMatchObject({ value: '/tmp/x', origin: 'typed', at: 100 });
    expect(values['vm']).toMatchObject({ value: 'other', origin: 'remembered' });
    expect(values['vm']).not.toHaveProperty('at');
    expect(values['guestBoard']).toMatchObject({ origin: 'derived', at: 1 });
  });

  it('does not say of what a link selected that somebody typed it', () => {
    const linked = new Set(['packages', 'vm']);
    const values = resolveParameters(parameters, {
      facts,
      typed: { packages: 'garcon', path: '/tmp/x', vm: 'other' },
      typedAt: { packages: 100, path: 100, vm: 50 },
      visitSince: 100,
      linked,
    });
    expect(values['packages']).toMatchObject({ value: 'garcon', origin: 'link', at: 100 });
    expect(values['path']).toMatchObject({ origin: 'typed' });
    expect(values['vm']).toMatchObject({ origin: 'remembered' });
  });

  it('keeps a wrong typed value in sight and says what is wrong', () => {
    const hostile = `"; rm -rf / #$(x)\\n'`;
    const values = resolveParameters(parameters, { facts, typed: { packages: hostile, path: 'a\nb' } });
    expect(values['packages']).toMatchObject({ text: hostile, value: undefined, origin: 'typed' });
    expect(values['packages']?.problem).toContain('not a package name');
    expect(values['path']?.problem).toContain('line break');
  });
});

describe('renderCommand', () => {
  it('gives no line while something is missing, and names it', () => {
    const values = resolveParameters(parameters, { facts, typed: {} });
    expect(renderCommand('cros deploy {device} {packages...} {packages...}', values)).toMatchObject({
      line: undefined,
      missing: ['device', 'packages'],
    });
  });

  it('quotes a hostile path', () => {
    const values = resolveParameters(parameters, { facts, typed: { path: `"; rm -rf / #$(x)\\n'` } });
    expect(renderCommand('cat {path}', values).line).toBe(`cat '"; rm -rf / #$(x)\\n'\\'''`);
  });

  it('throws on an unknown parameter', () => {
    expect(() => renderCommand('{nope}', {})).toThrow('nope');
  });
});

it('sheetParameters lists what steps, checks and undo use', () => {
  const sheet: Sheet = {
    id: 's',
    title: '',
    summary: '',
    guideSections: [],
    kind: 'sequence',
    steps: [
      {
        id: 'a',
        title: '',
        place: 'outside',
        command: '{packages...} {device}',
        why: '',
        checks: [{ place: 'device', command: '{vm}', expect: '', matches: '' }],
        undo: { place: 'outside', command: '{path}' },
      },
    ],
  };
  expect(sheetParameters(sheet)).toEqual(['packages', 'device', 'vm', 'path']);
});
