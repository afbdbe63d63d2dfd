import { expect, it } from 'vitest';
import { guestVm } from './guest-vm.ts';

it.each([
  ['termina (crostini) running', { name: 'termina', kind: 'crostini', state: 'running' }],
  ['termina (baguette) stopped', { name: 'termina', kind: 'baguette', state: 'stopped' }],
  ['termina state unknown', { name: 'termina', kind: undefined, state: 'unknown' }],
  ['other (crostini) stopped, termina (unknown) stopped', { name: 'termina', kind: undefined, state: 'stopped' }],
  ['termina (crostini) stopped, b (baguette) running', { name: 'b', kind: 'baguette', state: 'running' }],
  ['arcvm running, termina (crostini) starting', { name: 'termina', kind: 'crostini', state: 'starting' }],
  ['arcvm running, borealis (borealis) running', undefined],
])('of %j is %j', (value, expected) => {
  expect(guestVm({ vms: { value, origin: 'probed', at: 0 } })).toEqual(expected);
});

it('is none where nobody asked', () => {
  expect(guestVm({})).toBeUndefined();
});
