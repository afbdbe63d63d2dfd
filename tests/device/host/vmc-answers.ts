import type { ProgramAnswer, World } from './world.ts';

/** One call of a subcommand of vmc. */
export interface Call {
  readonly world: World;
  readonly args: readonly string[];
  /** CROS_USER_ID_HASH if it is set, else what the session manager says; empty if nobody is signed in. */
  readonly owner: string;
  readonly env: Readonly<Record<string, string>>;
}

export type Subcommand = (call: Call) => ProgramAnswer | Promise<ProgramAnswer>;

export const done = (stdout = ''): ProgramAnswer => ({ stdout, stderr: '', code: 0 });

/** `main` of vmc returns its error to Rust, which prints it so (chromeos-facts.md section 2.3). */
export const failed = (text: string): ProgramAnswer => ({ stdout: '', stderr: `Error: ${text}\n`, code: 1 });

export const operationFailed = (operation: string, text: string): ProgramAnswer =>
  failed(`operation \`${operation}\` failed: ${text}`);

/** What vmc and concierge refuse to somebody who is not signed in; undefined if the owner is. */
export function refuseOwner(world: World, owner: string): ProgramAnswer | undefined {
  if (owner === '' && world.session.isGuest) return failed('Crostini VMs are not available');
  if (owner === '') return failed('expected CROS_USER_ID_HASH environment variable');
  return owner === world.session.user?.hash
    ? undefined
    : failed('missing active session corresponding to $CROS_USER_ID_HASH');
}
