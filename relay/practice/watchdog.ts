import { workerData } from 'node:worker_threads';
import * as v from 'valibot';

/** How often the watchdog looks, in ms. Filling memory at 1 GB/s adds 50 MB meanwhile. */
const LOOK_MS = 50;

/** The main thread hands this to the watchdog. */
export const watchSchema = v.strictObject({
  /** The process that started this one. */
  parent: v.pipe(v.number(), v.integer()),
  /** Resident memory at which the process ends, in bytes. */
  memoryMax: v.number(),
});
export type Watch = v.InferOutput<typeof watchSchema>;

/**
 * Ends the process when its parent is gone or its memory reaches the bound, also while the main thread is in a loop and
 * sees neither. SIGABRT is how V8 ends a process without memory, so the parent reads it as "out of memory".
 */
export function watchMainThread(): void {
  const { parent, memoryMax } = v.parse(watchSchema, workerData);
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
    if (process.memoryUsage.rss() > memoryMax) process.kill(process.pid, 'SIGABRT');
  }, LOOK_MS);
}
