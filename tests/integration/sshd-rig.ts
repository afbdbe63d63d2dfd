import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type RelayRig, type RigOptions, startRelayRig } from './relay-rig.ts';
import { type Sshd, type SshdOptions, startSshd } from './sshd.ts';

/** A relay, a real OpenSSH server that it knows and trusts, and the target's id. Whoever started it closes it. */
export interface SshdRig {
  readonly rig: RelayRig;
  readonly sshd: Sshd;
  readonly target: string;
  close(): Promise<void>;
}

export async function startSshdRig(options: RigOptions & { readonly sshd?: SshdOptions } = {}): Promise<SshdRig> {
  const sshd = await startSshd(options.sshd);
  const rig = await startRelayRig(options);
  const close = async (): Promise<void> => {
    await rig.close();
    await sshd.stop();
  };
  try {
    await mkdir(join(rig.home, '.ssh'), { mode: 0o700 });
    await writeFile(join(rig.home, '.ssh', 'config'), `Host *\n  IdentityFile ${sshd.keyFile}\n`);
    const target = await rig.addTarget(sshd.address);
    await rig.run(target, 'true');
    await rig.trust(target, sshd.hostKeyFingerprint);
    return { rig, sshd, target, close };
  } catch (error) {
    await close();
    throw error;
  }
}
