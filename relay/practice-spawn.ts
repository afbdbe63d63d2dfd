import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';

/** V8's heap, in MB. The process has 90 MB resident after its first sessions; contents of files are not in this heap. */
const HEAP_MAX_MB = 256;

/**
 * RLIMIT_DATA above the bound on resident memory, in bytes. The limit also counts writable memory that nobody touched:
 * 60 MB of an idle Node. It refuses memory at once, where the watchdog of the process sees it up to 50 ms later.
 */
const UNTOUCHED_BYTES = 256 * 1024 * 1024;

/** Two devices have 96 connections each (ssh/door.ts), and Node has 25 descriptors of its own. */
const DESCRIPTORS_MAX = 512;

/** A core dump would hold what was typed, so there is none. The program takes the shell's place, with its limits. */
const LIMITED = 'ulimit -c 0; ulimit -d "$1"; ulimit -n "$2"; shift 2; exec "$@"';

/**
 * Starts the process of the practice devices. It gets no environment but the time zone, and no descriptor but stdin,
 * stdout and stderr. Linux shares the CPU between sessions before it looks at priorities (autogroup), so the process stays
 * in the relay's session. Throws where the system has no memory for a process.
 */
export function spawnPractice(program: string, memoryMax: number): ChildProcessWithoutNullStreams {
  const command = [
    process.execPath,
    `--max-old-space-size=${HEAP_MAX_MB}`,
    '--disallow-code-generation-from-strings',
    program,
  ];
  const kilobytes = Math.ceil((memoryMax + UNTOUCHED_BYTES) / 1024);
  // macOS knows no such limits: there the watchdog alone bounds the memory.
  const [file = '', ...args] =
    process.platform === 'linux'
      ? ['/bin/sh', '-c', LIMITED, 'sh', String(kilobytes), String(DESCRIPTORS_MAX), ...command]
      : command;
  const { TZ } = process.env;
  const child = spawn(file, args, {
    cwd: '/',
    env: TZ === undefined ? {} : { TZ },
    stdio: 'pipe',
  });
  try {
    // The process has one thread yet, and the threads that it starts inherit the priority.
    if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // The process has ended already, or this system has no priorities. The other bounds hold.
  }
  return child;
}
