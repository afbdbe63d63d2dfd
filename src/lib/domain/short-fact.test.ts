import { expect, it } from 'vitest';
import { shortFact } from './short-fact.ts';

it.each([
  ['imageVersion', 'R146-16765.0.0', 'R146'],
  ['imageVersion', '16765.0.0', '16765.0.0'],
  ['imageTrack', 'testimage-channel', 'test'],
  ['imageTrack', 'stable-channel', 'stable'],
  ['imageTrack', 'developer-build', 'developer-build'],
  ['vms', 'termina (crostini) running, b (baguette) stopped', 'termina running, b stopped'],
  ['board', 'eve', 'eve'],
] as const)('%s %s is %s', (id, value, expected) => {
  expect(shortFact(id, value)).toBe(expected);
});
