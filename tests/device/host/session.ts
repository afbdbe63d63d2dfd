import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PATHS, ROOT } from './paths.ts';
import type { Session } from './world.ts';

type User = NonNullable<Session['user']>;

/** What happens around a sign-in: the jobs and VMs of the device. */
export interface SessionEvents {
  /** Whether there is a session manager to sign in with. */
  readonly isPossible: () => boolean;
  /** After the user's directories are there. */
  readonly started: () => Promise<void>;
  /** Has the session end, which calls `end`. */
  readonly signOut: () => Promise<void>;
}

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
    await this.#begin();
    const vault = join(PATHS.vault, user.hash, 'crosvm');
    mkdirSync(join(vault, 'log'), { recursive: true });
    mkdirSync(join(PATHS.userHomes, user.hash, 'MyFiles/Downloads'), { recursive: true });
    const store = join(PATHS.daemonStore, user.hash);
    // Without namespaces nothing can be mounted; a link comes and goes as well.
    if (ROOT !== '') {
      mkdirSync(dirname(store), { recursive: true });
      symlinkSync(vault, store);
    } else {
      mkdirSync(store, { recursive: true });
      execFileSync('mount', ['--bind', vault, store]);
    }
    this.user = user;
    await this.#events.started();
  }

  async signInAsGuest(): Promise<void> {
    await this.#begin();
    this.isGuest = true;
    await this.#events.started();
  }

  async #begin(): Promise<void> {
    await this.signOut();
    if (!this.#events.isPossible()) throw new Error('nobody can sign in while the job "ui" is stopped: start ui');
  }

  async signOut(): Promise<void> {
    if (this.user || this.isGuest) await this.#events.signOut();
  }

  /** The session manager is gone, and with it the session: nobody is signed in, and the user's files are locked. */
  end(): void {
    const store = this.user && join(PATHS.daemonStore, this.user.hash);
    this.user = null;
    this.isGuest = false;
    if (!store || !existsSync(store)) return;
    if (ROOT !== '') return rmSync(store);
    // Lazily: a shell may stand in it.
    execFileSync('umount', ['--lazy', store]);
    execFileSync('rmdir', [store]);
  }
}
