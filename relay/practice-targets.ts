import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { generateHostKey, publicKeyOf } from './practice/host-key.ts';
import { PracticeProcess, type PracticeProcessOptions } from './practice-process.ts';
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

/** The file of the process, beside this one where both are built. */
const BUILT_PROGRAM = join(dirname(fileURLToPath(import.meta.url)), 'practice.js');

export interface PracticeTargets {
  /** None where the process of the practice devices could not be started. */
  readonly targets: readonly BuiltInTarget[];
  /** Ends that process; resolves when it is gone. */
  close(): Promise<void>;
}

/**
 * Starts the practice devices in a process of their own and describes them as targets. Their host keys are made once and
 * kept; the relay made them, so it knows them, and pins them as a person does who read them off the screen. From then on
 * they are checked like any other device's.
 */
export async function startPracticeTargets(
  stateDirectory: string,
  options: Pick<PracticeProcessOptions, 'onDeath' | 'limits' | 'pauseMs'> & { readonly program?: string },
): Promise<PracticeTargets> {
  const keys = await hostKeys(stateDirectory);
  const devices = MODELS.map(({ id, arch }) => ({ arch, hostKey: keys[id] ?? '' }));
  const process = await PracticeProcess.start({ program: BUILT_PROGRAM, ...options, devices });
  if (!process) return { targets: [], close: () => Promise.resolve() };
  const targets = MODELS.map(({ id, label }, index) => ({
    id,
    label,
    address: `root@127.0.0.1:${process.ports[index]}`,
    hostKeyAlias: id,
    password: process.password,
    lossReason: (since: number) => process.lossReason(since),
  }));
  return { targets, close: () => process.close() };
}

/** The private host key of each model, by id; new ones are kept and pinned. */
async function hostKeys(stateDirectory: string): Promise<Readonly<Record<string, string>>> {
  const file = join(stateDirectory, 'practice-host-keys.json');
  const keys = readJson(file, keysSchema) ?? {};
  const fresh = MODELS.filter(({ id }) => keys[id] === undefined);
  for (const { id } of fresh) keys[id] = generateHostKey();
  for (const { id } of fresh) {
    const publicKey = readPublicKey(publicKeyOf(keys[id] ?? ''));
    if (!publicKey) throw new Error('a host key that the relay made cannot be read');
    await pinHostKey(knownHostsFileOf(stateDirectory), id, publicKey);
  }
  // A key that is kept counts as pinned, so the pins come first.
  if (fresh.length > 0) writeJson(file, keys);
  return keys;
}
