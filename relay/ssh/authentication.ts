import type { Problem } from '#lib/protocol/problem.ts';
import type { AuthStep, Challenge, Signer } from './client.ts';
import type { Identities, Identity } from './identities.ts';
import { noCommonAlgorithm, plainText, problemOf, unanswered } from './problems.ts';
import type { Ask } from './questions.ts';

/** A server closes after six failures (sshd_config(5), MaxAuthTries); the sixth could not be told from a refusal. */
const KEYS_PER_CONNECTION = 5;

/** What a person is given, of those six; so asking begins on a connection with no more than the other three used. */
const ASK_TRIES = 3;
const TRIES_BEFORE_ASKING = 3;

/**
 * Rounds of questions in one login, over all its connections; those with no question count. A person answers a password,
 * a token and a new password twice, three times over; a server that never stops asking would ask for ever.
 */
const ROUNDS_MAX = 32;

/** Longest part of a failure message that lists keys and reasons, in characters. */
const LIST_MAX = 500;

/**
 * One login to one server, over as many connections as it takes: keys, then the password at hand, then questions.
 * When a connection has used up the failures that servers allow, `again` is true and the login goes on with the
 * next one, as far as it came. Every `connect` of the same login uses the same object.
 */
export class Authentication {
  readonly #where: string;
  readonly #ask: Ask;
  readonly #keys: Identity[];
  readonly #unusable: readonly string[];
  #password: string | null;
  #lastPassword: string | null = null;
  readonly #oldAlgorithms: boolean;
  /** The server wanted an RSA signature with SHA-1, and got none. */
  #refusedSha1 = false;

  readonly #offeredKeys: string[] = [];
  readonly #methods = new Set<string>();
  #serverMethods: readonly string[] = [];
  /** Failures of this connection, as the server counts them. */
  #tries = 0;
  #asked = 0;
  #askedInChallenge = false;
  #challenges = true;
  #inChallenge = false;
  #partial = false;
  #cancelled = false;
  #again = false;
  #over = false;
  #rounds = 0;

  /** @param password tried before anything is asked */
  constructor(
    where: string,
    identities: Identities,
    { password, oldAlgorithms }: { readonly password: string | null; readonly oldAlgorithms: boolean },
    ask: Ask,
  ) {
    this.#where = where;
    this.#keys = [...identities.offered];
    this.#unusable = identities.unusable;
    this.#password = password;
    this.#oldAlgorithms = oldAlgorithms;
    this.#ask = async (question) => {
      const answers = await ask(question);
      if (answers === null) this.#cancelled = true;
      return answers;
    };
  }

  /** The password that the server took, if it was one: a second connection need not ask for it. */
  get acceptedPassword(): string | null {
    return this.#lastPassword;
  }

  /** A connection of this login begins. */
  connectionStarted(): void {
    this.#tries = 0;
    this.#again = false;
    this.#partial = false;
  }

  /** The connection ended without a login: is it worth another one? */
  get again(): boolean {
    // A server with a lower MaxAuthTries hangs up by itself; go on as long as each connection gets somewhere.
    return (
      !this.#cancelled &&
      !this.#asksTooOften &&
      (this.#again || (this.#tries > 0 && this.#asked === 0 && !this.#partial && this.#keys.length > 0))
    );
  }

  /** The end of the connection is the server's answer to the login, not an accident. */
  get isOver(): boolean {
    return this.#cancelled || this.#over || this.#tries > 0;
  }

  /** A round of questions begins; false: the login has had too many, and is over. */
  takeRound(): boolean {
    this.#rounds++;
    return !this.#asksTooOften;
  }

  get #asksTooOften(): boolean {
    return this.#rounds > ROUNDS_MAX;
  }

  /** Next request to the server, by what it still takes. Null: nothing is left, or `again`. */
  async next(left: readonly string[] | null, partialSuccess: boolean): Promise<AuthStep> {
    if (left === null) return { method: 'none' };
    this.#serverMethods = left;
    this.#partial ||= partialSuccess;
    this.#lastPassword = null;
    if (this.#cancelled) return null;
    const step =
      (left.includes('publickey') ? await this.#nextKey() : undefined) ??
      (this.#again ? null : (this.#knownPassword(left) ?? (await this.#question(left))));
    this.#over = step === null && !this.#again;
    return step;
  }

  async #nextKey(): Promise<AuthStep | undefined> {
    for (let identity = this.#keys[0]; identity; identity = this.#keys[0]) {
      if (this.#mustReconnect(KEYS_PER_CONNECTION)) return undefined;
      this.#keys.shift();
      const signer = await identity.signer(this.#ask);
      if (this.#cancelled) return null;
      if (!signer) continue;
      this.#tries++;
      this.#methods.add('publickey');
      this.#offeredKeys.push(identity.name);
      return { method: 'key', signer: this.#oldAlgorithms ? signer : this.#withoutSha1(signer) };
    }
    return undefined;
  }

  /**
   * A server that does not say what it takes (RFC 8308) is asked for `ssh-rsa` by ssh2: a signature with SHA-1. DSA has
   * no other.
   */
  #withoutSha1(signer: Signer): Signer {
    return {
      ...signer,
      sign: (data, hash) => {
        if (hash !== 'sha1' && signer.publicKey.type !== 'ssh-dss') return signer.sign(data, hash);
        this.#refusedSha1 = true;
        return Promise.reject(new Error('the server wants a signature with SHA-1'));
      },
    };
  }

  /** A first factor that was accepted would be lost with the connection. */
  #mustReconnect(limit: number): boolean {
    this.#again = this.#tries >= limit && !this.#partial;
    return this.#again;
  }

  #knownPassword(left: readonly string[]): AuthStep | undefined {
    const password = this.#password;
    if (password === null) return undefined;
    if (left.includes('password')) {
      this.#password = null;
      return this.#tryPassword(password);
    }
    if (!left.includes('keyboard-interactive')) return undefined;
    this.#password = null;
    this.#tries++;
    this.#methods.add('keyboard-interactive');
    return { method: 'questions', answer: (challenge) => this.#answerWith(challenge, password) };
  }

  #tryPassword(password: string): AuthStep {
    this.#tries++;
    this.#methods.add('password');
    this.#lastPassword = password;
    return { method: 'password', password };
  }

  async #question(left: readonly string[]): Promise<AuthStep> {
    if (this.#inChallenge && !this.#askedInChallenge) this.#challenges = false;
    this.#inChallenge = false;
    if (this.#asked >= ASK_TRIES) return null;
    const challenges = this.#challenges && left.includes('keyboard-interactive');
    if (!challenges && !left.includes('password')) return null;
    if (this.#asked === 0 && this.#mustReconnect(TRIES_BEFORE_ASKING + 1)) return null;
    if (challenges) {
      this.#tries++;
      this.#methods.add('keyboard-interactive');
      this.#inChallenge = true;
      this.#askedInChallenge = false;
      return { method: 'questions', answer: (challenge) => this.#answer(challenge) };
    }
    const answers = await this.#ask({
      title: this.#where,
      instructions: this.#asked === 0 ? '' : 'The password was not accepted.',
      questions: [{ text: 'Password', echo: false }],
    });
    if (answers === null) return null;
    this.#asked++;
    return this.#tryPassword(answers[0] ?? '');
  }

  /** A known password answers the one hidden question of PAM; any other question goes to the person. */
  async #answerWith(challenge: Challenge, password: string): Promise<readonly string[]> {
    const [question, ...more] = challenge.questions;
    if (!question || question.echo || more.length > 0) return this.#answer(challenge);
    this.#lastPassword = password;
    return Promise.resolve([password]);
  }

  async #answer(challenge: Challenge): Promise<readonly string[]> {
    if (this.#cancelled) return [];
    if (!this.#askedInChallenge && this.#inChallenge) this.#asked++;
    this.#askedInChallenge = true;
    const answers = await this.#ask({
      title: this.#where,
      instructions: [challenge.name, challenge.instructions].filter((text) => text !== '').join('\n'),
      questions: challenge.questions,
    });
    const [question, ...more] = challenge.questions;
    const password = question && !question.echo && more.length === 0 ? answers?.[0] : undefined;
    this.#lastPassword = password ?? null;
    // No answers is a wrong answer: the server refuses, and `next` sees that it was cancelled.
    return answers ?? [];
  }

  /** Why the login failed: methods and keys by name, never what was typed. */
  failure(): Problem {
    if (this.#cancelled) return unanswered(this.#where);
    if (this.#asksTooOften) {
      const text = `${this.#where} asked more than ${ROUNDS_MAX} times in one login, so the relay ended it.`;
      return problemOf('authentication-failed', text);
    }
    if (this.#refusedSha1) return noCommonAlgorithm(this.#where, 'it wants a signature with SHA-1', false);
    const count = this.#offeredKeys.length;
    const keys = count === 0 ? 'no key' : `${count} ${count === 1 ? 'key' : 'keys'} (${this.#offeredKeys.join(', ')})`;
    const tried = [...this.#methods].join(', ') || 'nothing';
    const parts = [
      `${this.#where} refused the login. Tried: ${tried}, with ${plainText(keys, LIST_MAX)}.`,
      `It takes: ${this.#serverMethods.join(', ') || 'unknown'}.`,
      this.#unusable.length > 0 ? `Not used: ${plainText(this.#unusable.join('; '), LIST_MAX)}.` : '',
    ];
    return problemOf('authentication-failed', parts.filter((part) => part !== '').join(' '));
  }
}
