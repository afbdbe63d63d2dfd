import { readFileSync, writeFileSync } from 'node:fs';

/** What processes cost, as the kernel counts it (proc(5)). Linux only. */

/** The kernel's clock ticks per second; it is 100 on every architecture that Node runs on. */
const TICKS = 100;

/** CPU seconds, user and system, of a running process with all of its threads. Steps of 10 ms. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the program's name in parentheses, and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, system] = [fields[11], fields[12]].map(Number);
  return ((user ?? 0) + (system ?? 0)) / TICKS;
}

/** CPU seconds of a process and of those below it, as wetty's `ssh`. */
export function treeCpuSeconds(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  return children.reduce((sum, child) => sum + treeCpuSeconds(Number(child)), cpuSeconds(pid));
}

/** Resident memory in bytes now. */
export function residentBytes(pid: number): number {
  return statusBytes(pid, 'VmRSS');
}

/** Largest resident memory in bytes since the start, or since `forgetPeak`. */
export function peakBytes(pid: number): number {
  return statusBytes(pid, 'VmHWM');
}

/** The peak is counted from now on. */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

function statusBytes(pid: number, name: string): number {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  if (!found) throw new Error(`/proc/${pid}/status has no ${name}`);
  return Number(found[1]) * 1024;
}
