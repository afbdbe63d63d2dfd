import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';

/** What root makes a user namespace of: ordinary ids, with no rights outside. */
const PLAIN_IDS = '100000,0,65536';

/** The uptime of this machine in whole seconds. */
function uptimeSeconds(): number {
  return Math.floor(Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]));
}

/**
 * The ids of a device without root. Its root is the first of this user's subordinate ids (or of 65536 plain ones, if
 * root makes it), and never this user: whoever logs in to the device owns no file and no process outside it.
 */
function userNamespace(): string[] {
  const ids = userInfo().uid === 0 ? [`--map-users=${PLAIN_IDS}`, `--map-groups=${PLAIN_IDS}`] : ['--map-auto'];
  return ['--user', ...ids, '--setuid=0', '--setgid=0'];
}

/**
 * The command that runs `program` in fresh namespaces and dies with the process that starts it. The uptime starts at
 * zero: a time namespace, so a reboot looks like one.
 * @param options.tier 1: with a user namespace and this machine's network. 2: with a network of its own.
 */
export function enterFresh(options: { readonly tier: 1 | 2 }, program: readonly string[]): string[] {
  return [
    ...['setpriv', '--pdeathsig', 'KILL'],
    'unshare',
    ...(options.tier === 1 ? userNamespace() : ['--net']),
    ...['--mount', '--pid', '--uts', '--ipc', '--time', `--boottime=-${uptimeSeconds()}`],
    ...['--fork', '--kill-child', '--propagation', 'private'],
    // Once more: becoming root of a user namespace has cleared it.
    ...['setpriv', '--pdeathsig', 'KILL'],
    ...program,
  ];
}

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * The command that runs `program` on a device, as its root and with an environment of its own. `init` is its init, as
 * this machine numbers it.
 */
export function enterDevice(tier: 1 | 2, init: number, program: readonly string[]): string[] {
  return [
    ...['nsenter', '-t', String(init), ...(tier === 1 ? ['-U'] : ['-n'])],
    ...['-m', '-p', '-u', '-i', '-T', '-r', '-w'],
    ...['/usr/bin/env', '-i', PATH, 'HOME=/root', `TERM=${process.env['TERM'] ?? 'linux'}`],
    ...program,
  ];
}

/** The same for a device without namespaces, whose root is the directory `root`. */
export function enterPlain(root: string, [program = '', ...args]: readonly string[]): string[] {
  return ['/usr/bin/env', '-i', PATH, `HOME=${root}`, `${root}/usr/local/bin/${program}`, ...args];
}

/** The children of a process; none of one that is gone. */
export function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** A process and all below it. */
export const family = (pid: number): number[] => [pid, ...childrenOf(pid).flatMap(family)];

/** The only child of `unshare --fork`; undefined before it is there. */
export const childOf = (pid: number): number | undefined => childrenOf(pid)[0];
