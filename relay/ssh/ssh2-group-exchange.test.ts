import { createDiffieHellmanGroup } from 'node:crypto';
import { expect, it } from 'vitest';
import { ServersGroup } from './ssh2-group-exchange.ts';

/** RFC 3526, group 14. */
const GROUP = createDiffieHellmanGroup('modp14');
const PRIME = GROUP.getPrime();
const GENERATOR = GROUP.getGenerator();

it('agrees with another implementation, whatever zeros stand before the numbers', () => {
  for (const zeros of [0, 1]) {
    const before = Buffer.alloc(zeros);
    const group = new ServersGroup(Buffer.concat([before, PRIME]), Buffer.concat([before, GENERATOR]));
    const theirs = createDiffieHellmanGroup('modp14');
    const secret = group.computeSecret(Buffer.concat([before, theirs.generateKeys()]));
    expect(secret).toEqual(theirs.computeSecret(group.generateKeys()));
    expect(group.getPrime()).toEqual(PRIME);
    expect(group.getGenerator()).toEqual(GENERATOR);
  }
});

it('takes no group of a size that OpenSSH refuses, and gives no secret to a number that gives it away', () => {
  for (const bytes of [0, 128, 255, 1025, 4096, 30_000])
    expect(() => new ServersGroup(Buffer.alloc(bytes, 0xff), GENERATOR)).toThrow(`${bytes * 8} bits`);
  const group = new ServersGroup(PRIME, GENERATOR);
  for (const number of [Buffer.alloc(0), Buffer.from([0]), Buffer.from([1]), PRIME])
    expect(() => group.computeSecret(number)).toThrow();
});
