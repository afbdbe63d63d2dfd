import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Registry } from 'prom-client';

/** Where the numbers are. They are read when somebody asks; until then they cost an addition per frame. */
export interface Counted {
  /** Open and waiting, and how many there were since the start. */
  readonly channels: { readonly size: number; readonly opened: number; readonly resumed: number };
  /** Bytes that were sent and not acknowledged yet, of all channels. */
  unacknowledged(): { readonly output: number; readonly input: number };
  readonly sockets: { readonly size: number; readonly bytes: { readonly output: number; readonly input: number } };
  readonly callers: { readonly strangers: number };
  readonly transport: { readonly connections: number };
  readonly mistakes: { readonly count: number };
}

export interface Metrics {
  readonly contentType: string;
  /** Prometheus' text format. */
  text(): Promise<string>;
  close(): void;
}

/** How often the event loop's lag is sampled, in ms: 50 wake-ups a second, from the first scrape on. */
const LAG_RESOLUTION_MS = 20;

/** The relay's metrics, in a registry of their own: two relays in one process do not mix. */
export function createMetrics(counted: Counted): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  };
  const counter = (name: string, help: string, read: () => number): void => {
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  };
  /** One series for each direction: `output` goes from the device to the page, `input` the other way. */
  const DIRECTIONS = ['output', 'input'] as const;

  gauge('workbench_channels', 'Channels, attached and waiting for their page.', () => counted.channels.size);
  counter('workbench_channels_opened_total', 'Channels opened.', () => counted.channels.opened);
  counter('workbench_resumes_total', 'Channels that a page came back to.', () => counted.channels.resumed);
  gauge('workbench_sockets', 'WebSockets.', () => counted.sockets.size);
  gauge('workbench_strangers', 'Connections of which nobody has signed in.', () => counted.callers.strangers);
  gauge('workbench_ssh_connections', 'SSH connections to devices.', () => counted.transport.connections);
  counter(
    'workbench_mistakes_total',
    'Errors of the relay itself that it went on after.',
    () => counted.mistakes.count,
  );
  new Counter({
    name: 'workbench_bytes_total',
    help: 'Bytes of commands: output to pages, input from pages.',
    labelNames: ['direction'],
    registers,
    collect() {
      this.reset();
      for (const direction of DIRECTIONS) this.inc({ direction }, counted.sockets.bytes[direction]);
    },
  });
  new Gauge({
    name: 'workbench_unacknowledged_bytes',
    help: 'Bytes that their receiver has not dealt with yet.',
    labelNames: ['direction'],
    registers,
    collect() {
      const bytes = counted.unacknowledged();
      for (const direction of DIRECTIONS) this.set({ direction }, bytes[direction]);
    },
  });

  // Nobody pays for it who does not ask: sampling begins with the first scrape, which has no lag to tell.
  let lag: IntervalHistogram | undefined;
  new Gauge({
    name: 'workbench_event_loop_lag_seconds',
    help: 'How late timers were since the scrape before.',
    labelNames: ['quantile'],
    registers,
    collect() {
      if (!lag) {
        lag = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
        lag.enable();
        return;
      }
      for (const quantile of [0.5, 0.99, 1])
        this.set({ quantile }, Math.max(0, lag.percentile(quantile * 100) / 1e9 - LAG_RESOLUTION_MS / 1000));
      lag.reset();
    },
  });
  counter('process_cpu_seconds_total', 'CPU time of the relay.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  gauge('process_resident_memory_bytes', 'Memory of the relay.', () => process.memoryUsage.rss());

  return { contentType: registry.contentType, text: () => registry.metrics(), close: () => void lag?.disable() };
}
