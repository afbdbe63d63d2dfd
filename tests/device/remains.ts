import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Cable } from './cable.ts';
import { cgroupProcesses, removeCgroups } from './cgroups.ts';
import { deviceFiles, deviceId, processIdentity, removeFiles } from './state.ts';

/** How long killed processes may take to be gone. */
const DIE_MAX_MS = 10_000;

/** Processes of a device without namespaces: whatever its sshd or its programs started has its root in the environment. */
function plainProcesses(name: string): number[] {
  const mark = `\0DEVICE_ROOT=${deviceFiles(name).plainRoot}\0`;
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      try {
        return `\0${readFileSync(`/proc/${pid}/environ`, 'utf8')}`.includes(mark);
      } catch {
        return false;
      }
    });
}

const processesOf = (name: string): number[] => [...cgroupProcesses(name), ...plainProcesses(name)];

/**
 * Removes what a device left behind whose keeper is gone or has ended it: processes, cgroups, cable, files. Throws if a
 * process cannot be killed; nothing else is touched then, so that it can be found again.
 * @returns what there was to remove, for a person
 */
export async function removeRemains(name: string): Promise<string[]> {
  const removed: string[] = [];
  const begun = Date.now();
  for (let left = processesOf(name); left.length > 0; left = processesOf(name)) {
    if (Date.now() - begun > DIE_MAX_MS)
      throw new Error(
        `Processes of "${name}" cannot be killed: ${left.join(', ')}. They wait for this machine's kernel.`,
      );
    for (const pid of left) if (processIdentity(pid) !== undefined) process.kill(pid, 'SIGKILL');
    if (removed.length === 0) removed.push(`${left.length} processes`);
    await delay(10);
  }
  await removeCgroups(name);
  removed.push(...(await Cable.remove(deviceId(name))));
  if (existsSync(deviceFiles(name).directory)) removed.push('files');
  removeFiles(name);
  return removed;
}
