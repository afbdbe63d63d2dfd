import { describe, expect, it } from 'vitest';
import { effectiveFacts, factConflicts } from './effective-facts.ts';
import { type Facts, factValue } from './facts.ts';

const probed = (values: Record<string, string>): Facts =>
  Object.fromEntries(Object.entries(values).map(([id, value]) => [id, { value, origin: 'probed', at: 1 }]));

describe('effectiveFacts', () => {
  it('lets what was typed win, and leaves the rest', () => {
    const facts = effectiveFacts(
      probed({ board: 'eve', kernel: '6.6' }),
      { board: ' kukui ', kernel: ' ' },
      { board: 9 },
    );
    expect(facts.board).toEqual({ value: 'kukui', origin: 'typed', at: 9 });
    expect(facts.kernel).toEqual({ value: '6.6', origin: 'probed', at: 1 });
    expect(facts.guestBoard).toBeUndefined();
  });

  it.each([
    ['x86_64', 'tatl'],
    ['aarch64', 'tael'],
    ['armv8l', 'tael'],
    ['armv7l', 'tael'],
    ['i686', undefined],
    ['riscv64', undefined],
  ])('derives the guest board of %s', (arch, board) => {
    const facts = effectiveFacts(probed({ arch: 'x86_64', guestBoard: 'tatl' }), { arch }, { arch: 9 });
    expect(factValue(facts, 'guestBoard')).toBe(board);
    expect(facts.guestBoard).toMatchObject({ origin: 'derived', at: 9 });
  });

  it('keeps a typed guest board', () => {
    expect(
      effectiveFacts(probed({ arch: 'x86_64' }), { guestBoard: 'tael' }, { guestBoard: 9 }).guestBoard,
    ).toMatchObject({
      value: 'tael',
      origin: 'typed',
    });
  });

  it('gives a reason when the architecture is not known', () => {
    const facts = effectiveFacts({ arch: { absent: 'cut off', origin: 'probed', at: 1 } }, {}, {});
    expect(facts.guestBoard).toMatchObject({ absent: expect.stringContaining('architecture') as string });
  });
});

it.each([
  ['tatl', 'tatl R146-16765.0.0', 0],
  ['tatl', 'tael R146-16765.0.0', 1],
  ['tatl', '16765.0.0', 0],
])('guest board %s with an installed Termina %s: %i conflicts', (guestBoard, terminaRelease, count) => {
  expect(factConflicts(probed({ guestBoard, terminaRelease }))).toHaveLength(count);
});
