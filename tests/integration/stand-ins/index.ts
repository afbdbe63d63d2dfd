import { afterAll, beforeAll, describe } from 'vitest';
import { type TestDevice, startDevice } from '../../device/start.ts';
import { describeHost } from './host.ts';
import { describeLogs } from './logs.ts';
import { describeSessionManager, describeSessions } from './session.ts';
import { describeUpstart } from './upstart.ts';
import { describeVariants } from './variants.ts';
import { describeVmc } from './vmc.ts';
import { describeVsh } from './vsh.ts';

/** The stand-ins against the facts, on a device of a tier: one list for both. */
export function describeStandIns(tier: 1 | 2): void {
  describe(`tier ${tier}, with a user signed in and termina running`, () => {
    let started: TestDevice;
    beforeAll(async () => {
      started = await startDevice(tier);
      await started.act('vmc', 'start', '--no-shell', 'termina');
    });
    afterAll(() => started?.stop());
    const underTest = { device: () => started, tier };

    describeVsh(underTest);
    describeVmc(underTest);
    describeLogs(underTest);
    describeHost(underTest);
    describeSessionManager(underTest);
    describeUpstart(underTest);
    // Last: nobody is signed in afterwards.
    describeSessions(underTest);
  });
  describeVariants(tier);
}
