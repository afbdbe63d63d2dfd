import type { Problem } from '#lib/protocol/problem.ts';
import type { Audit } from './audit.ts';
import type { Sessions } from './sessions.ts';

export interface SignOutsOptions {
  readonly sessions: Sessions;
  readonly audit: Audit;
  /**
   * Several people use the relay. The relay knows a person by nothing but their sign-in, so there a sign-in ends itself
   * and no other. On a relay of one person, who started it and alone can print links, all sign-ins are that person's.
   */
  readonly shared: boolean;
  /** Ends the channels and sockets of a principal that is not signed in any more. */
  readonly end: (principal: string, problem: Problem) => void;
}

/** How a sign-out went. `written` false: the disk did not take it, so a relay that is started again knows the sign-in. */
export interface SignedOut {
  readonly count: number;
  readonly written: boolean;
}

/** Ends sign-ins, each with its channels, port forwards and sockets and with a line in the audit. */
export class SignOuts {
  readonly #options: SignOutsOptions;

  constructor(options: SignOutsOptions) {
    this.#options = options;
  }

  get shared(): boolean {
    return this.#options.shared;
  }

  /** Signs a page's own browser out. */
  self(principal: string): SignedOut {
    const written = this.#options.sessions.remove([principal]);
    this.#end(principal, 'self', 'You signed out in this browser.');
    return { count: 1, written };
  }

  /** Ends all sign-ins of the same person but this one, and links that would make new ones; undefined on a shared relay, which cannot know them. */
  others(principal: string): SignedOut | undefined {
    if (this.#options.shared) return undefined;
    this.#options.sessions.voidLinks();
    const others = this.#options.sessions.others(principal);
    const written = others.length === 0 || this.#options.sessions.remove(others);
    const message = 'Another browser signed this one out.';
    for (const other of others) this.#end(other, 'other', message, principal);
    return { count: others.length, written };
  }

  /** These had to make room for a new sign-in: `Sessions` does not know them any more. */
  forgotten(principals: readonly string[]): void {
    const message = 'The relay forgot this sign-in, because so many newer ones are in use.';
    for (const principal of principals) this.#end(principal, 'room', message);
  }

  #end(principal: string, how: 'self' | 'other' | 'room', message: string, by?: string): void {
    this.#options.audit.record({ event: 'sign-out', principal, how, ...(by !== undefined && { by }) });
    this.#options.end(principal, { code: 'signed-out', message });
  }
}
