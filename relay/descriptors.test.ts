import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fitToDescriptors } from './descriptors.ts';
import { limitsOf } from './limits.ts';

const limits = limitsOf(64);

it.each([
  ['as many as anybody could want', 1_048_576, undefined],
  [
    'enough for connections, but not for forwards',
    1024,
    /takes 163 through port forwards instead of 384\. Allow it 2350:/,
  ],
  ['few', 256, /takes 140 connections instead of 384, and 35 through port forwards instead of 384/],
])('of %s', (_title, max, note) => {
  const fitted = fitToDescriptors(limits, { max, open: 30 });
  if ('problem' in fitted) throw new Error(fitted.problem);
  if (note === undefined) expect(fitted).toEqual({ limits });
  else expect(fitted.note).toMatch(note);
});

it('of too few says how many it needs', () => {
  expect(fitToDescriptors(limits, { max: 60, open: 30 })).toEqual({
    problem: expect.stringMatching(/open 60 files at a time, which is too few for a relay\. Allow it 2350:/) as string,
  });
});

it('never allows more than there are, with a sixth left for devices', () => {
  fc.assert(
    fc.property(fc.integer({ min: 20, max: 20_000 }), fc.constantFrom(8, 64, 1024), (max, channels) => {
      const open = 19;
      const fitted = fitToDescriptors(limitsOf(channels), { max, open });
      if ('problem' in fitted) return;
      const { connections, forwardConnections, forwardConnectionsPerPrincipal } = fitted.limits;
      expect(connections + forwardConnections + (max - open) / 6).toBeLessThanOrEqual(max - open);
      expect(forwardConnectionsPerPrincipal).toBeLessThanOrEqual(forwardConnections);
    }),
  );
});
