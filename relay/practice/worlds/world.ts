import type { Machine } from '../machine/machine.ts';
import type { ProcessEntry } from '../machine/process-table.ts';
import type { Program } from '../shell/program.ts';
import type { Shell } from '../shell/shell.ts';
import type { WorldFs } from './world-fs.ts';

export type WorldName = 'device' | 'termina' | 'penguin';

/** An account of a world. */
export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  /** Further groups, as `id` prints them. */
  readonly groups: string;
}

/** A place where commands run: its files, accounts and programs. */
export interface World {
  readonly name: WorldName;
  readonly machine: Machine;
  readonly fs: WorldFs;
  readonly hostname: string;
  readonly kernel: string;
  /** `uname -v`. */
  readonly kernelVersion: string;
  readonly users: readonly User[];
  readonly programs: ReadonlyMap<string, Program>;
  /** The environment of a login. */
  environment(user: User): Record<string, string>;
  /** The prompt of an interactive shell, with its colours. */
  prompt(user: User, directory: string): string;
  /** What `ps` shows. */
  processes(shell: Shell): readonly ProcessEntry[];
  /** Finds another world of the same device: what vsh and lxc reach. */
  neighbour(name: WorldName): World;
}

/** The account of this name. */
export function findUser(world: World, name: string): User | undefined {
  return world.users.find((user) => user.name === name);
}
