import { describe, expect, it } from 'vitest';
import { guestPrograms, hostPrograms, programsOf } from './programs.ts';

const section = (...lines: string[]) => ({ exit: 0, lines });

describe('programs', () => {
  it.each([
    [['device crosvm', 'device 9s', 'termina vshd'], 'crosvm, 9s'],
    [['termina init', 'ERROR vsh: no'], 'none'],
    [[], 'none'],
  ])('of the host: %j gives %j', (lines, value) => {
    expect(hostPrograms(section(...lines))).toEqual({ value });
  });

  it.each([
    [
      ['device crosvm', 'termina init', 'termina lxd', 'penguin garcon', 'penguin init'],
      'termina: init, lxd; penguin: garcon',
    ],
    [['termina init', 'penguin init'], 'termina: init'],
  ])('of the guest: %j gives %j', (lines, value) => {
    expect(guestPrograms(section(...lines))).toEqual({ value });
  });

  it.each([
    [['device crosvm', ''], 'No VM called termina is running.'],
    [['device crosvm', 'ERROR vsh: [vsh.cc:122] Failed'], 'vsh says: ERROR vsh: [vsh.cc:122] Failed'],
  ])('of a guest that cannot be asked: %j is %j', (lines, absent) => {
    expect(guestPrograms(section(...lines))).toEqual({ absent });
  });

  it.each([
    ['device', 'crosvm, 9s', ['crosvm', '9s']],
    ['device', 'none', []],
    ['termina', 'termina: init, lxd; penguin: garcon', ['init', 'lxd']],
    ['penguin', 'termina: init, lxd; penguin: garcon', ['garcon']],
    ['penguin', 'termina: init', []],
  ] as const)('of %s in %j are %j', (place, text, names) => {
    expect(programsOf(text, place)).toEqual(names);
  });
});
