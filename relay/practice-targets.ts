import { join } from 'node:path';
import * as v from 'valibot';
import { startPracticeDevice } from './practice/device.ts';
import { generateHostKey, publicKeyOf } from './practice/host-key.ts';
import { knownHostsFileOf } from './relay.ts';
import { pinHostKey } from './ssh/host-keys.ts';
import { readPublicKey } from './ssh/known-hosts.ts';
import { readJson, writeJson } from './state-file.ts';
import type { BuiltInTarget } from './targets.ts';

const MODELS = [
  { id: 'practice-x86', arch: 'x86_64', label: 'Practice x86_64' },
  { id: 'practice-arm', arch: 'aarch64', label: 'Practice arm64' },
] as const;

const keysSchema = v.record(v.string(), v.string());

/**
 * Starts the practice devices and describes them as targets. Their host keys are made once and kept; the relay
 * made them, so it knows them, and pins them as a person does who read them off the screen. From then on they are
 * checked like any other device's.
 */
export async function startPracticeTargets(
  stateDirectory: string,
): Promise<{ targets: BuiltInTarget[]; close: () => Promise<void> }> {
  const file = join(stateDirectory, 'practice-host-keys.json');
  const keys = readJson(file, keysSchema) ?? {};
  const fresh = MODELS.filter(({ id }) => keys[id] === undefined);
  for (const { id } of fresh) keys[id] = generateHostKey();
  if (fresh.length > 0) writeJson(file, keys);
  for (const { id } of fresh) {
    const publicKey = readPublicKey(publicKeyOf(keys[id] ?? ''));
    if (!publicKey) throw new Error('a host key that the relay made cannot be read');
    await pinHostKey(knownHostsFileOf(stateDirectory), id, publicKey);
  }
  const devices = await Promise.all(
    MODELS.map(async ({ id, arch, label }) => {
      const hostKey = keys[id] ?? '';
      const device = await startPracticeDevice({ arch, hostKey });
      const target = {
        id,
        label,
        address: `root@127.0.0.1:${device.port}`,
        hostKeyAlias: id,
        password: device.password,
      };
      return { device, target };
    }),
  );
  return {
    targets: devices.map(({ target }) => target),
    close: async () => {
      await Promise.all(devices.map(({ device }) => device.close()));
    },
  };
}
