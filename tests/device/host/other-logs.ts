import { appendFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PATHS } from './paths.ts';

/** How often the vmlog has a line, in ms, as of metrics/vmlog_writer.cc. */
const VMLOG_EVERY_MS = 2_000;

/** Counters of the kernel that the vmlog has a column for. */
const COUNTERS = ['pgmajfault', 'pgmajfault_f', 'pgmajfault_a', 'pswpin', 'pswpout'];

const digits = (date: Date, from: number, to: number): string =>
  date.toISOString().replace(/[-:T]/g, '').slice(from, to);

/** `20260821-154917`, as in names of logs. */
const named = (date: Date): string => `${digits(date, 0, 8)}-${digits(date, 8, 14)}`;

/** `0821/154917`, as in lines of logs. */
const stamped = (date: Date): string => `${digits(date, 4, 8)}/${digits(date, 8, 14)}`;

/** Starts a log of its own for now, and has the link of a fixed name lead to it. Gives its path. */
function startLog(link: string, name: string, text: string): string {
  const path = join(dirname(link), name);
  mkdirSync(dirname(link), { recursive: true });
  writeFileSync(path, text);
  rmSync(link, { force: true });
  symlinkSync(name, link);
  return path;
}

/**
 * The logs of Chrome and of its session manager's output (chromeos-facts.md section 3.4): new ones with each start of
 * `ui`, with what such logs say when nothing is wrong.
 */
export function startUiLogs(pid: number, now = new Date()): void {
  const head = `[${pid}:${pid}:${stamped(now)}.${digits(now, 14, 18).replace('.', '').padEnd(6, '0')}`;
  startLog(
    join(PATHS.logs, 'chrome/chrome'),
    `chrome_${named(now)}`,
    `${head}:WARNING:chrome_browser_main_ash.cc(412)] Starting up; session_manager is pid ${pid}\n`,
  );
  startLog(
    join(PATHS.logs, 'ui/ui.LATEST'),
    `ui.${named(now)}`,
    `${head}:INFO:browser_job.cc(160)] Running child /opt/google/chrome/chrome\n`,
  );
}

/**
 * Writes /var/log/vmlog: statistics of virtual *memory*, nothing of VMs, and a trap for whoever goes by its name
 * (section 3.4). Whoever starts it stops it.
 */
export function startVmlog(now = new Date()): { readonly stop: () => void } {
  const path = startLog(
    join(PATHS.logs, 'vmlog/vmlog.LATEST'),
    `vmlog.${named(now)}`,
    `time ${COUNTERS.join(' ')} cpuusage cpufreq0\n`,
  );
  const write = (): void => {
    const values = new Map(
      readFileSync('/proc/vmstat', 'utf8')
        .split('\n')
        .map((line) => line.split(' ') as [string, string]),
    );
    const columns = COUNTERS.map((name) => values.get(name) ?? '0');
    appendFileSync(path, `[${stamped(new Date())}] ${columns.join(' ')} 0.12 2400000\n`);
  };
  write();
  const timer = setInterval(write, VMLOG_EVERY_MS);
  return { stop: () => clearInterval(timer) };
}
