import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { deviceId } from './state.ts';

/** Mount points of all cgroup hierarchies: several of version 1, one of version 2, or both kinds. */
function hierarchies(): string[] {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, , type]) => type === 'cgroup' || type === 'cgroup2')
    .map(([, path = '']) => path);
}

const groupOf = (name: string) => `crostini-device-${name}-${deviceId(name)}`;

/**
 * Makes cgroups of the device's own, in every hierarchy: LXD makes its cgroups below them, and what is left of it can
 * be found and removed.
 * @returns the command that runs `argv` in them
 */
export function inCgroups(name: string, argv: readonly string[]): string[] {
  const made = [...new Set(hierarchies())].map((hierarchy) => {
    const group = join(hierarchy, groupOf(name));
    mkdirSync(group, { recursive: true });
    // Version 1 wants these filled in before a process may join.
    if (!existsSync(join(group, 'cgroup.controllers')))
      for (const file of ['cpuset.cpus', 'cpuset.mems'])
        if (existsSync(join(group, file))) writeFileSync(join(group, file), readFileSync(join(hierarchy, file)));
    return group;
  });
  const script = 'while [ "$1" != -- ]; do echo $$ > "$1/cgroup.procs"; shift; done; shift; exec "$@"';
  return ['sh', '-c', script, 'sh', ...made, '--', ...argv];
}

/** Processes of the device, wherever in its cgroups. */
export function cgroupProcesses(name: string): number[] {
  const found = new Set<number>();
  for (const group of groups(name))
    for (const pid of readFileSync(join(group, 'cgroup.procs'), 'utf8').split('\n')) if (pid) found.add(Number(pid));
  return [...found];
}

/** How long dead processes may take to leave their cgroups. */
const LEAVE_MAX_MS = 2_000;

/** Removes the device's cgroups. Throws if a process stays in one. */
export async function removeCgroups(name: string): Promise<void> {
  for (const begun = Date.now(); ; await delay(10)) {
    try {
      for (const group of groups(name)) rmdirSync(group);
      return;
    } catch (error) {
      if (Date.now() - begun > LEAVE_MAX_MS) throw error;
    }
  }
}

/** The device's cgroups, the innermost first. */
function groups(name: string): string[] {
  const below = (path: string): string[] => [
    ...readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap((entry) => below(join(path, entry.name))),
    path,
  ];
  return [...new Set(hierarchies())]
    .map((hierarchy) => join(hierarchy, groupOf(name)))
    .filter((path) => existsSync(path))
    .flatMap(below);
}
