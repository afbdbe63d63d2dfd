import { expect, it } from 'vitest';
import { AFTER_ALL, MODES, runWithLargePackets } from './large-packets.ts';
import { useTransports } from './transport-rig.ts';

/** Packets as large as OpenSSH takes them, with the compiled ciphers; transport-slow-ciphers.test.ts has the others. */

const rig = useTransports();

it.each(MODES)('up to 256 KiB are taken with %s and %s', async (...mode) => {
  expect(await runWithLargePackets(rig.make(), mode)).toMatchObject({ stdout: AFTER_ALL, code: 0, problem: null });
});

it.each(MODES.slice(1, 4))('larger ones are not, with %s and %s', async (...mode) => {
  expect(await runWithLargePackets(rig.make(), mode, 256 * 1024 + 64)).toMatchObject({
    problem: { code: 'connection-lost', message: expect.stringContaining('Bad packet length') as string },
  });
});
