import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * Which process a relay is, as one word for a file's name: MACHINE.BOOT.NAMESPACES.PID.START. Two relays may share a state
 * directory, on one machine, in two containers of it, or over a network's file system, so a process id alone names nobody.
 */
export function ownLife(): string {
  return [machineName(), bootName(), namespaces(), process.pid, startOf(process.pid) ?? 0].join('.');
}

/** A word that `ownLife` made. */
export const LIFE = /^[0-9a-f]{16}\.[0-9a-f]{16}\.\d+-\d+\.\d+\.\d+$/;

/**
 * Whether the process of that word has surely ended: it is not there, or its number is another's by now, or this machine
 * has started anew. False where that cannot be told from here: on another machine, and in another container.
 */
export function hasEnded(life: string): boolean {
  const [machine, boot, namespace, pid, start] = life.split('.');
  if (boot !== bootName()) return machine === machineName();
  if (namespace !== namespaces()) return false;
  if (start !== '0') return startOf(Number(pid)) !== start;
  // No /proc: a number that another process has by now counts as alive, which ends nothing of anybody's.
  try {
    return !process.kill(Number(pid), 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}

const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** Machines that were copied have one id and mostly two names. */
const machineName = (): string => shortHash(`${read('/etc/machine-id')} ${hostname()}`);

const bootName = (): string => shortHash(read('/proc/sys/kernel/random/boot_id'));

/** The inodes of what numbers processes and what counts their time, pid and time namespace; 0 where there are none (namespaces(7)). */
function namespaces(): string {
  const inodes = ['pid', 'time'].map((kind) => {
    try {
      return /\d+/.exec(readlinkSync(`/proc/self/ns/${kind}`))?.[0] ?? '0';
    } catch {
      return '0';
    }
  });
  return inodes.join('-');
}

/**
 * When a process started, in ticks since this machine did: field 22 of its stat (proc(5)). Undefined if there is none, or
 * one that has ended and that its parent has not asked for yet.
 */
function startOf(pid: number): string | undefined {
  // The second field is the program's name in parentheses, which may hold anything.
  return /^.*\) [^ZX] (?:\S+ ){18}(\d+)/s.exec(read(`/proc/${pid}/stat`))?.[1];
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
