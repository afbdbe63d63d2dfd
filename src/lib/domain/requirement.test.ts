import { expect, it } from 'vitest';
import { requirementState } from './requirement.ts';

const signedIn = { text: 'Somebody is signed in.', fact: { id: 'ownerHash', matches: '^[0-9a-f]{40}$' } } as const;

it('tells what holds, what does not, and what nobody knows', () => {
  const hash = '5c990f446325244d42d5919b06dcd2615e74cbfc';
  expect(requirementState(signedIn, { ownerHash: { value: hash, origin: 'probed', at: 1 } })).toBe('holds');
  expect(requirementState(signedIn, { ownerHash: { value: 'x', origin: 'typed', at: 1 } })).toBe('unmet');
  expect(requirementState(signedIn, { ownerHash: { absent: 'Nobody.', origin: 'probed', at: 1 } })).toBe('unmet');
  expect(requirementState(signedIn, {})).toBe('unknown');
  expect(requirementState({ text: 'A checkout.' }, { ownerHash: { value: hash, origin: 'probed', at: 1 } })).toBe(
    'unknown',
  );
});

const vmRunning = { text: 'The VM is running.', fact: { id: 'vms', matches: '^running$' } } as const;

it.each([
  ['termina (crostini) running, arcvm stopped', 'holds'],
  ['termina (baguette) running', 'holds'],
  ['termina (crostini) stopped, arcvm running', 'unmet'],
  ['termina state unknown', 'unmet'],
  ['arcvm running', 'unmet'],
] as const)('of the VMs looks at that of Linux: %s', (value, state) => {
  expect(requirementState(vmRunning, { vms: { value, origin: 'probed', at: 1 } })).toBe(state);
});
