import { Worker } from 'node:worker_threads';
import * as v from 'valibot';
import { closeInherited } from './descriptors.ts';
import { type PracticeDevice, startPracticeDevice } from './device.ts';
import { lineOf, readMessages } from './lines.ts';
import { type DeviceToStart, type FromProcess, toProcessSchema } from './messages.ts';
import type { Watch } from './watchdog.ts';

/** Heap of the watchdog's thread, in MB: it needs one timer. */
const WATCHDOG_HEAP_MB = 16;

/** Serves the relay, which writes to stdin and reads stdout, until stdin ends. `program`: the file that this process runs. */
export function serve(program: string): void {
  closeInherited();
  // A terminal and a service manager signal the relay and this process at once. The relay has farewells to say first.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  for (const gone of ['end', 'error']) process.stdin.on(gone, () => process.exit(0));
  // The relay is gone or going: stdin says so.
  process.stdout.on('error', () => undefined);
  const take = (message: unknown): void => {
    const parsed = v.safeParse(toProcessSchema, message);
    if (!parsed.success) process.exit(1);
    const order = parsed.output;
    if (order.type === 'ping') return tell({ type: 'pong' });
    startWatchdog(program, { parent: process.ppid, memoryMax: order.memoryMax });
    startDevices(order.devices, order.password).then(
      (devices) => tell({ type: 'listening', ports: devices.map(({ port }) => port) }),
      (error: unknown) => tell({ type: 'failed', reason: error instanceof Error ? error.message : String(error) }),
    );
  };
  readMessages(process.stdin, take, () => process.exit(1));
}

function tell(message: FromProcess): void {
  process.stdout.write(lineOf(message));
}

function startDevices(devices: readonly DeviceToStart[], password: string): Promise<PracticeDevice[]> {
  return Promise.all(devices.map((device) => startPracticeDevice({ ...device, password })));
}

/** A process that nobody watches must not run what strangers type, so it ends with its watchdog. */
function startWatchdog(program: string, watch: Watch): void {
  const watchdog = new Worker(program, {
    workerData: watch,
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: WATCHDOG_HEAP_MB },
  });
  watchdog.on('error', () => process.exit(1));
  watchdog.on('exit', () => process.exit(1));
}
