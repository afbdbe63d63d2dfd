import type { HostileCase } from './case.ts';

/** What the machine itself costs, beside which the others are read. */

const BURN_MS = 20;

export const CONTROLS: readonly HostileCase[] = [
  {
    id: 'no_attack',
    title: 'no attack',
    seconds: 4,
    quickSeconds: 1,
    control: true,
    attack: async (attacker) => {
      await attacker.ready();
      while (attacker.goesOn()) await new Promise((resolve) => setTimeout(resolve, BURN_MS));
      return { text: '', ended: false };
    },
  },
  {
    id: 'busy_machine',
    title: 'no attack, but a process that takes a processor',
    seconds: 4,
    control: true,
    attack: async (attacker) => {
      await attacker.ready();
      while (attacker.goesOn()) {
        for (const until = performance.now() + BURN_MS; performance.now() < until;);
        await new Promise((resolve) => setImmediate(resolve));
      }
      return { text: '', ended: false };
    },
  },
];
