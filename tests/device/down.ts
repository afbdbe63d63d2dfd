import { setTimeout as delay } from 'node:timers/promises';
import { removeRemains } from './remains.ts';
import { isAlive, readRecord } from './state.ts';

/** How long a keeper may take to end its device before it is killed; what it leaves is removed all the same. */
const END_MAX_MS = 5_000;

/** Ends devices and removes everything of them, whatever state they are in. Says how. */
export async function down(names: readonly string[]): Promise<number> {
  for (const name of names) {
    const how = await endKeeper(name);
    const removed = await removeRemains(name);
    if (how !== null) console.log(`${name} is down${how}`);
    else
      console.log(
        removed.length ? `${name}: removed what was left behind: ${removed.join(', ')}` : `there is no ${name}`,
      );
  }
  return 0;
}

/** Ends the keeper of a device. Says how, as the end of a sentence; null if there was none. */
async function endKeeper(name: string): Promise<string | null> {
  const identity = readRecord(name)?.keeper;
  if (identity === undefined || !isAlive(identity)) return null;
  const pid = Number.parseInt(identity, 10);
  process.kill(pid, 'SIGTERM');
  if (await isGone(identity, END_MAX_MS)) return '';
  process.kill(pid, 'SIGKILL');
  const isKilled = await isGone(identity, END_MAX_MS);
  return `; its keeper did not end within ${END_MAX_MS / 1000} s and ${isKilled ? 'was killed' : 'cannot be killed'}`;
}

async function isGone(identity: string, withinMs: number): Promise<boolean> {
  for (const begun = Date.now(); isAlive(identity); await delay(10)) if (Date.now() - begun > withinMs) return false;
  return true;
}
