import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveParameters } from './resolve.ts';
import type { Parameter } from './sheet.ts';
import { readSheetLink, writeSheetLink } from './sheet-link.ts';

const HASH = '5c990f446325244d42d5919b06dcd2615e74cbfc';
const rest = { label: '', help: '', example: '', variable: '' };
const PARAMETERS: readonly Parameter[] = [
  { ...rest, id: 'device', type: 'address', from: 'address' },
  { ...rest, id: 'board', type: 'board', from: 'board' },
  { ...rest, id: 'guestBoard', type: 'guestBoard', from: 'guestBoard' },
  { ...rest, id: 'ownerHash', type: 'ownerHash', from: 'ownerHash' },
  { ...rest, id: 'packages', type: 'packages' },
  { ...rest, id: 'file', type: 'path' },
];
const IDS = PARAMETERS.map(({ id }) => id);

const read = (query: string) => {
  const search = new URLSearchParams(query);
  return readSheetLink((name) => search.get(name), PARAMETERS);
};

describe('readSheetLink', () => {
  it('takes packages, architecture, board and style', () => {
    expect(read('packages=tremplin+vm_guest_tools&arch=aarch64&board=kukui&style=exports')).toEqual({
      values: { packages: 'tremplin vm_guest_tools' },
      device: { arch: 'aarch64', board: 'kukui' },
      style: 'exports',
    });
  });

  it.each([
    ['an owner hash', `ownerHash=${HASH}`],
    ['an owner hash as a package', `packages=${HASH}`],
    ['an owner hash inside a package', `packages=a${HASH.toUpperCase()}b`],
    ['an owner hash as a board', `board=${HASH}`],
    ['an address', 'device=root@192.0.2.7'],
    ['an address as a package', 'packages=192.0.2.7'],
    ['an address among packages', 'packages=tremplin+192.0.2.7'],
    ['a path', 'file=/etc/ssh/id_rsa'],
    ['a key', 'packages=-----BEGIN OPENSSH PRIVATE KEY-----'],
    ['a guest board apart from its architecture', 'guestBoard=tael'],
    ['a machine without Termina', 'arch=riscv64'],
    ['a command', 'packages=$(reboot)&board=;reboot&style=run'],
    ['names of every object', 'constructor=1&__proto__=1&toString=1'],
  ])('leaves out %s', (_, query) => {
    expect(read(query)).toEqual({ values: {}, device: {} });
  });

  it('takes nothing of a device and nothing private, whatever the query', () => {
    const secret = fc.constantFrom(HASH, '192.0.2.7', 'root@192.0.2.7', `x${HASH}`, '/home/me/key', 'ssh://root@dut');
    const text = fc.oneof(
      secret,
      fc.string(),
      fc.tuple(fc.string(), secret).map((pair) => pair.join(' ')),
    );
    const name = fc.oneof(fc.constantFrom(...IDS, 'arch', 'style', 'token'), fc.string());
    fc.assert(
      fc.property(fc.array(fc.tuple(name, text)), (pairs) => {
        const { values, device, style, ...others } = read(new URLSearchParams(pairs).toString());
        expect(others).toEqual({});
        expect(Object.keys(values).filter((id) => id !== 'packages')).toEqual([]);
        expect(['x86_64', 'aarch64', 'armv8l', 'armv7l', undefined]).toContain(device.arch);
        expect([undefined, 'inlined', 'exports']).toContain(style);
        for (const taken of [...Object.values(values), device.board ?? ''])
          expect(taken).toMatch(/^(?!.*[0-9a-f]{40})(?!.*\d\.\d+\.\d+\.\d)[A-Za-z0-9_+.\-/ ]*$/i);
      }),
      { numRuns: 500 },
    );
  });
});

describe('writeSheetLink', () => {
  const values = resolveParameters(PARAMETERS, {
    facts: {
      ownerHash: { value: HASH, origin: 'probed', at: 1 },
      board: { value: 'eve', origin: 'probed', at: 1 },
      guestBoard: { value: 'tatl', origin: 'derived', at: 1 },
    },
    address: '192.0.2.7',
    typed: { packages: 'tremplin', file: '/home/me/notes' },
  });
  const device = { arch: 'x86_64', board: 'eve' };

  it('shares what others can use, and nothing of this device', () => {
    expect(writeSheetLink(values, IDS, { device, style: 'exports' })).toEqual([
      ['packages', 'tremplin'],
      ['arch', 'x86_64'],
      ['board', 'eve'],
      ['style', 'exports'],
    ]);
  });

  it('shares only what the sheet uses', () => {
    expect(writeSheetLink(values, ['device', 'file'], { device, style: 'inlined' })).toEqual([]);
    expect(writeSheetLink(values, ['guestBoard'], { device })).toEqual([['arch', 'x86_64']]);
  });

  it('writes what reading gives back', () => {
    const name = fc.stringMatching(/^[a-z_][a-z0-9_+.-]{0,20}$/);
    fc.assert(
      fc.property(fc.array(name, { minLength: 1 }), (names) => {
        const typed = resolveParameters(PARAMETERS, { facts: {}, typed: { packages: names.join(' ') } });
        const query = new URLSearchParams(writeSheetLink(typed, IDS, { device: {} })).toString();
        expect(read(query).values['packages'] ?? '').toBe(
          /\d\.\d+\.\d+\.\d/.test(names.join(' ')) ? '' : names.join(' '),
        );
      }),
    );
  });
});
