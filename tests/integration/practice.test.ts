import { afterAll, beforeAll, describe } from 'vitest';
import { type PracticeDevice, generateHostKey, startPracticeDevice } from '../../relay/practice/device.ts';
import { type DeviceUnderTest, describeMainJob } from './main-job.ts';
import { type RelayRig, startRelayRig } from './relay-rig.ts';

describe.each([
  { arch: 'x86_64', guestBoard: 'tatl' },
  { arch: 'aarch64', guestBoard: 'tael' },
] as const)('practice device $arch', ({ arch, guestBoard }) => {
  let practice: PracticeDevice;
  let rig: RelayRig;
  let device: DeviceUnderTest;

  beforeAll(async () => {
    practice = await startPracticeDevice({ arch, hostKey: generateHostKey() });
    const { port, password } = practice;
    const address = `root@127.0.0.1:${port}`;
    rig = await startRelayRig({
      builtIn: [{ id: 'practice', label: 'Practice', address, hostKeyAlias: 'practice', password }],
    });
    const first = await rig.run('practice', 'true');
    if (!('problem' in first) || first.problem.code !== 'host-key-unknown') throw new Error(JSON.stringify(first));
    await rig.trust('practice', first.problem.hostKey?.offered.fingerprint ?? '');
    device = {
      rig,
      target: 'practice',
      arch,
      guestBoard,
      passwordAddress: address,
      reflash: async () => {
        await practice.close();
        practice = await startPracticeDevice({ arch, hostKey: generateHostKey(), port });
      },
    };
  });

  afterAll(async () => {
    await rig?.close();
    await practice?.close();
  });

  describeMainJob(`the practice device (${arch})`, () => device);
});
