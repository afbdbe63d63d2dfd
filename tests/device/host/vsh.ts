import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fstatSync, readFileSync, readlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { isatty } from 'node:tty';
import * as v from 'valibot';
import { askServices } from './ask.ts';
import { GUEST } from './vshd.ts';
import { NO_GARCON, vmInfoSchema } from './vm-info.ts';
import {
  MESSAGE_MAX,
  type VshRelease,
  type VshRequest,
  failure,
  parseVsh,
  requestSize,
  vshPrefix,
} from './vsh-arguments.ts';

/** What vsh ends with when the VM goes away under it (chromeos-facts.md section 1.4). */
const CONNECTION_LOST = 123;

/** Forwarded to the guest's process (section 1.3). */
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/** How long vsh waits for garcon to dial back (section 1.5), and how often it is looked for, in ms. */
const DIAL_BACK_MS = 5_000;
const LOOK_EVERY_MS = 50;

/**
 * Stand-in for vsh (chromeos-facts.md section 1). Instead of a vsock connection to vshd it enters the guest's
 * namespaces.
 * @param release whose form its errors have
 * @returns the exit code
 */
export async function vsh(words: readonly string[], release: VshRelease): Promise<number> {
  const request = parseVsh(words, release);
  if ('exit' in request) return print(request.exit);
  const ask = () =>
    askServices({ program: 'vm-info', argv: [request.vm, request.owner, request.container, request.cid], env: {} });
  let info = await ask();
  for (const begun = Date.now(); info?.code === NO_GARCON && Date.now() - begun < DIAL_BACK_MS; info = await ask())
    await delay(LOOK_EVERY_MS);
  if (!info) return print(failure(release, 110, 'Failed to send dbus message to concierge service').exit);
  if (info.code === NO_GARCON) return print(failure(release, 240, 'Poll timed out after waiting 5 seconds.').exit);
  if (info.code !== 0) return print(info);
  const { pid, container, defaultUser, guest, tier } = v.parse(vmInfoSchema, JSON.parse(info.stdout));

  const term = process.env['TERM'] ?? '';
  const size = requestSize(request, term);
  if (size > MESSAGE_MAX) {
    process.stderr.write(failure(release, 60, `Serialized message too large: ${size}`, 'utils.cc').exit.stderr);
    return print(failure(release, 166, 'Failed to send connection request', 'vsh_client.cc').exit);
  }
  const tty = isatty(0) && isatty(1);
  const argv = [
    // Nothing stays when vsh is killed.
    ...['setpriv', '--pdeathsig', 'KILL', 'nsenter', '-t', String(pid), '-m', '-u', '-i', '-p', '-r', '-w'],
    ...(container === null ? [] : enterContainer(container, tier)),
    ...['/bin/bash', '--norc', '-c', GUEST, 'vshd', guest, defaultUser, request.user, tty ? 'tty' : '', request.cwd],
    vshPrefix(release, 214, 'vsh_client.cc'),
    ...environment(request, term),
    '--',
    ...request.argv,
  ];
  return runGuest(argv, { tty, pid, depth: container === null ? 1 : 2 });
}

function enterContainer(init: number, tier: 1 | 2): string[] {
  // In tier 2 the container has a user and a network namespace of its own, as LXD makes them.
  const own = tier === 2 ? ['-U', '-n'] : [];
  return ['nsenter', '-t', String(init), ...own, '-m', '-u', '-i', '-p', '-r', '-w'];
}

/** TERM is always forwarded and may be overridden; the guest falls back to linux (section 1.2). */
function environment({ env }: VshRequest, term: string): string[] {
  const all = { TERM: term || 'linux', ...env };
  return Object.entries(all).map(([name, value]) => `${name}=${value}`);
}

async function runGuest(
  [program = '', ...args]: readonly string[],
  { tty, pid, depth }: { tty: boolean; pid: number; depth: number },
): Promise<number> {
  // vsh reads stdin only from a terminal or a FIFO; from anything else the guest never sees an end (section 1.3).
  const reads = tty || fstatSync(0).isFIFO();
  const child = spawn(program, args, { stdio: [reads ? 'inherit' : 'pipe', 'inherit', 'inherit'] });
  for (const signal of FORWARDED) process.on(signal, () => signalGuest(child.pid, depth, signal));
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  // The unread pipe would keep this process alive.
  child.stdin?.destroy();
  if (signal === 'SIGKILL' && isGone(pid)) return CONNECTION_LOST;
  // siginfo's status is sent as it is: the signal's number (section 1.4).
  return signal === null ? (code ?? 1) : constants.signals[signal];
}

/** Whether a VM's init is dead or dying: it has no program any more before the kernel kills what it leaves. */
function isGone(init: number): boolean {
  try {
    readlinkSync(`/proc/${init}/exe`);
    return false;
  } catch {
    return true;
  }
}

/** Signals the guest's process: below setpriv, which became nsenter, each nsenter has one child. */
function signalGuest(nsenter: number | undefined, depth: number, signal: NodeJS.Signals): void {
  let pid = nsenter;
  try {
    for (let level = 0; level < depth && pid; level++)
      pid = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);
    if (pid) process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}

function print({ stdout, stderr, code }: { stdout: string; stderr: string; code: number }): number {
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  return code;
}
