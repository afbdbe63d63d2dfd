import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PATHS } from './paths.ts';
import type { Session } from './world.ts';

type User = NonNullable<Session['user']>;

/** What happens around a sign-in: the jobs and VMs of the device. */
export interface SessionEvents {
  /** After the user's directories are there. */
  readonly started: () => Promise<void>;
  /** Before they go: everything of the session has ended when it resolves. */
  readonly stopping: () => Promise<void>;
}

/** Where the user's directories wait while nobody is signed in: on a real device, in the locked cryptohome. */
const VAULT = '/home/.shadow';

/**
 * Who is signed in. The daemon-store of a user is a mount that is there only during the session
 * (chromeos-facts.md section 3.1); what is in it is kept until the next one.
 */
export class DeviceSession implements Session {
  user: User | null = null;
  isGuest = false;
  readonly #events: SessionEvents;

  constructor(events: SessionEvents) {
    this.#events = events;
  }

  async signIn(user: User): Promise<void> {
    await this.signOut();
    const vault = join(VAULT, user.hash, 'crosvm');
    const store = join(PATHS.daemonStore, user.hash);
    mkdirSync(join(vault, 'log'), { recursive: true });
    mkdirSync(store, { recursive: true });
    execFileSync('mount', ['--bind', vault, store]);
    this.user = user;
    await this.#events.started();
  }

  async signInAsGuest(): Promise<void> {
    await this.signOut();
    this.isGuest = true;
    await this.#events.started();
  }

  async signOut(): Promise<void> {
    if (!this.user && !this.isGuest) return;
    await this.#events.stopping();
    const store = this.user && join(PATHS.daemonStore, this.user.hash);
    this.user = null;
    this.isGuest = false;
    if (!store || !existsSync(store)) return;
    // Lazily: a shell may stand in it.
    execFileSync('umount', ['--lazy', store]);
    execFileSync('rmdir', [store]);
  }
}
