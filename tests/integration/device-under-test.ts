import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeviceConfig } from '../device/config.ts';
import { type TestDevice, startDevice } from '../device/start.ts';
import type { DeviceUnderTest } from './main-job.ts';
import { type RelayRig, startRelayRig } from './relay-rig.ts';

/** A device of parts with its VM running, and a relay that knows and trusts it. Whoever started it closes it. */
export interface RiggedDevice extends DeviceUnderTest {
  readonly device: TestDevice;
  readonly close: () => Promise<void>;
}

/** Boots a device, starts termina where it can, and connects a relay to it. */
export async function startRiggedDevice(
  tier: 1 | 2,
  variant: Partial<Omit<DeviceConfig, 'tier' | 'name'>> = {},
): Promise<RiggedDevice> {
  const device = await startDevice(tier, variant);
  let rig: RelayRig | undefined;
  try {
    if (!device.config.plain) await device.act('vmc', 'start', '--no-shell', 'termina');
    rig = await startRelayRig();
    await mkdir(join(rig.home, '.ssh'), { mode: 0o700 });
    await writeFile(
      join(rig.home, '.ssh', 'config'),
      `Host dut\n  HostName ${device.host}\n  Port ${device.port}\n  User ${device.user}\n  IdentityFile ${device.keyFile}\n`,
    );
    const target = await rig.addTarget('dut');
    const first = await rig.run(target, 'true');
    if (!('problem' in first)) throw new Error('an unknown host key was accepted');
    await rig.trust(target, first.problem.hostKey?.offered.fingerprint ?? '');
    const ready = rig;
    return {
      device,
      rig,
      target,
      arch: device.config.arch,
      guestBoard: device.config.arch === 'aarch64' ? 'tael' : 'tatl',
      passwordAddress: device.address,
      reflash: async () => void (await device.act('reflash')),
      close: async () => {
        await ready.close();
        await device.stop();
      },
    };
  } catch (error) {
    await rig?.close();
    await device.stop();
    throw error;
  }
}
