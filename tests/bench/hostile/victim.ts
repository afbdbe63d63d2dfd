import { ECHO } from '../relay/keys.ts';
import { relayWay } from '../relay/server.ts';
import { type Session, until } from '../relay/session.ts';
import { signIn } from '../relay/sign-in.ts';
import type { RelayProcess } from './relay-process.ts';

/** Between two keys, in ms: a fast typist's are 80 apart, a key that repeats itself comes every 30. */
const KEY_EVERY_MS = 20;

/**
 * Somebody else who is signed in and types in a terminal. The next key is typed whether or not the last has come back:
 * a relay that stands still for a second is then seen by fifty keys and not by one.
 */
export class Victim {
  /** When the keys were typed that have not come back, in order. */
  readonly #waiting: number[] = [];
  #times: number[] = [];
  #lost: string | null = null;
  readonly #timer: NodeJS.Timeout;

  private constructor(session: Session) {
    session.onData = (chunk) => {
      const now = performance.now();
      for (const typed of this.#waiting.splice(0, chunk.length)) this.#times.push(now - typed);
    };
    session.ended.then(
      () => (this.#lost = 'the command ended'),
      (error: unknown) => (this.#lost = error instanceof Error ? error.message : String(error)),
    );
    const key = Buffer.from('k');
    this.#timer = setInterval(() => {
      if (this.#lost !== null) return;
      this.#waiting.push(performance.now());
      session.write(key);
    }, KEY_EVERY_MS);
  }

  /** Signs in with the relay's first link, opens a terminal on its device and types. */
  static async start(relay: RelayProcess): Promise<Victim> {
    const way = relayWay({ pid: relay.pid, target: relay.target, endpoint: await signIn(relay.link) });
    const session = await way.open(ECHO, true);
    await until(session, 'READY7');
    return new Victim(session);
  }

  /** Why the terminal is gone; null while it is there. */
  get lost(): string | null {
    return this.#lost;
  }

  /** Whether keys wait for their echo for longer than `ms`. */
  waitsFor(ms: number): boolean {
    const [oldest] = this.#waiting;
    return oldest !== undefined && performance.now() - oldest > ms;
  }

  /** The times in ms since this was last asked; a key that has not come back counts with how long it waits already. */
  takeTimes(): number[] {
    const times = this.#times;
    this.#times = [];
    const now = performance.now();
    return [...times, ...this.#waiting.map((typed) => now - typed)];
  }

  /** Types no more; the session ends with its relay. */
  stop(): void {
    clearInterval(this.#timer);
  }
}
