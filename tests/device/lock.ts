import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/**
 * Does `work` while nobody else holds the lock: one of the kernel's, so it is free as soon as its holder ends, however
 * that is, and no stale one can be taken for a fresh one.
 * @param file made if it is not there; it stays
 * @param waitMs how long to wait for it. Throws afterwards
 */
export async function withLock<Result>(file: string, waitMs: number, work: () => Promise<Result>): Promise<Result> {
  const held = 'echo held; exec cat > /dev/null';
  // Its stdin ends with this process, and the lock with its stdin.
  const holder = spawn('flock', ['--timeout', String(waitMs / 1000), file, 'sh', '-c', held], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(holder, 'exit');
  try {
    const [line] = (await Promise.race([once(createInterface({ input: holder.stdout }), 'line'), ended])) as unknown[];
    if (line !== 'held') throw new Error(`${file} is held by another process for longer than ${waitMs / 1000} s.`);
    return await work();
  } finally {
    holder.stdin.end();
    await ended;
  }
}
