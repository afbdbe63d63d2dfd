import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';

/** The first id of root in a user namespace that root makes: an ordinary one, with no rights outside. */
export const MAPPED_ROOT = 100_000;

/** The uptime of this machine in whole seconds. */
function uptimeSeconds(): number {
  return Math.floor(Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]));
}

/** How root of a user namespace comes about: as an ordinary user, itself and its subordinate ids; as root, 65536 plain ids. */
function userNamespace(): string[] {
  if (userInfo().uid !== 0) return ['--user', '--map-root-user', '--map-auto'];
  const range = `${MAPPED_ROOT},0,65536`;
  return ['--user', `--map-users=${range}`, `--map-groups=${range}`, '--setuid=0', '--setgid=0'];
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

/** The command that runs `program` on a device, as its root. `init` is its init, as this machine numbers it. */
export function enterDevice(tier: 1 | 2, init: number, program: readonly string[]): string[] {
  return [
    ...['nsenter', '-t', String(init), ...(tier === 1 ? ['-U'] : ['-n'])],
    ...['-m', '-p', '-u', '-i', '-T', '-r', '-w'],
    ...['/usr/bin/env', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root'],
    ...program,
  ];
}

/** The only child of `unshare --fork`; undefined before it is there. */
export function childOf(pid: number): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]) || undefined;
  } catch {
    return undefined;
  }
}
