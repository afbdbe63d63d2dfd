import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import * as v from 'valibot';
import { readJson, writeJson } from './state-file.ts';

/** Signed-in pages that the relay remembers. One more, and the one that was not used for longest is forgotten. */
export const SESSIONS_MAX = 32;
/** Printed links that were not used yet: one for everybody at a table. One more, and the oldest stops working. */
export const UNUSED_LINKS_MAX = 8;
/** In ms. */
const HOUR = 60 * 60_000;
/** How long a sign-in lasts without use, in ms. */
const SESSION_AGE = 30 * 24 * HOUR;
/** How often use alone is written to disk, in ms: a file written at every request would be worn for nothing. */
const SAVE_EVERY = HOUR;

const sessionSchema = v.object({ hash: v.string(), keyHash: v.string(), used: v.number() });
/** Those of older relays have no key: they sign in anew. */
const storedSchema = v.array(v.union([sessionSchema, v.object({ hash: v.string(), used: v.number() })]));
type Stored = v.InferOutput<typeof sessionSchema>[];

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** Names a principal: too short to be the hash that is compared, long enough to be nobody else's. */
const nameOf = (hash: string): string => hash.slice(0, 16);

/** Compares in constant time; both are hex digests of equal length. */
const sameHash = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

/** A new session: `secret` is for the cookie and `key` for the page; `forgotten` are the principals that had to make room. */
export interface NewSession {
  readonly secret: string;
  readonly key: string;
  readonly principal: string;
  readonly forgotten: readonly string[];
}

/**
 * Who may use the relay. A link carries a token of 256 bits that works once; it is exchanged for a session secret,
 * which lives in a cookie, and a key, which its page keeps: cookies do not know ports (RFC 6265 section 8.5), so a browser
 * hands them to every server of this host. Only hashes are kept, so that a restarted relay still knows its pages.
 */
export class Sessions {
  readonly #file: string;
  readonly #onError: (error: unknown) => void;
  readonly #isConnected: (principal: string) => boolean;
  /** The one that was not used for longest first. */
  #stored: Stored;
  /** Of links that were not used yet, the oldest first. */
  #tokenHashes: readonly string[] = [];
  /** When the file was written last, in ms since the epoch. */
  #savedAt = Date.now();
  #dirty = false;

  /**
   * @param onError the file could not be written: who is signed in stays so until the relay ends
   * @param onBroken the file could not be read and was set aside: everybody has to sign in anew
   * @param isConnected a page of this principal has a socket open, and so uses its sign-in without asking anything
   */
  constructor(
    file: string,
    onError: (error: unknown) => void,
    isConnected: (principal: string) => boolean = () => false,
    onBroken?: (aside: string) => void,
  ) {
    this.#file = file;
    this.#onError = onError;
    this.#isConnected = isConnected;
    this.#stored = (readJson(file, storedSchema, onBroken) ?? [])
      .filter((session) => 'keyHash' in session)
      .toSorted((a, b) => a.used - b.used);
  }

  /** A token for a new link. `voided`: an older link had to stop working for it. */
  newToken(): { readonly token: string; readonly voided: boolean } {
    const token = randomBytes(32).toString('base64url');
    const voided = this.#tokenHashes.length >= UNUSED_LINKS_MAX;
    this.#tokenHashes = [...this.#tokenHashes, hashOf(token)].slice(-UNUSED_LINKS_MAX);
    return { token, voided };
  }

  /** Links that were not used yet stop working. */
  voidLinks(): void {
    this.#tokenHashes = [];
  }

  /** A session for a token, once; undefined for a token that is not of an unused link. */
  exchange(token: string): NewSession | undefined {
    const tokenHash = hashOf(token);
    // All are compared: the time must not tell which one came close.
    const [found] = this.#tokenHashes.filter((hash) => sameHash(hash, tokenHash));
    if (found === undefined) return undefined;
    this.#tokenHashes = this.#tokenHashes.filter((hash) => hash !== found);
    this.#useConnected();
    const secret = randomBytes(32).toString('base64url');
    const key = randomBytes(32).toString('base64url');
    const hash = hashOf(secret);
    const all = [...this.#stored, { hash, keyHash: hashOf(key), used: Date.now() }];
    const forgotten = all.slice(0, -SESSIONS_MAX).map((session) => nameOf(session.hash));
    this.#stored = all.slice(-SESSIONS_MAX);
    this.#save();
    return { secret, key, principal: nameOf(hash), forgotten };
  }

  /** The principal behind a session secret: a name that is safe to compare and log, or undefined. Counts as use. */
  principalOf(secret: string | undefined): string | undefined {
    if (secret === undefined) return undefined;
    const hash = hashOf(secret);
    const found = this.#stored.find((session) => sameHash(session.hash, hash));
    if (!found) return undefined;
    const principal = nameOf(found.hash);
    if (Date.now() - found.used >= SESSION_AGE && !this.#isConnected(principal)) return undefined;
    this.use(principal);
    return principal;
  }

  /** True for the key of this principal's page. */
  isKey(principal: string, key: string): boolean {
    const keyHash = hashOf(key);
    return this.#stored.some((session) => nameOf(session.hash) === principal && sameHash(session.keyHash, keyHash));
  }

  /** True while this principal is signed in. */
  has(principal: string): boolean {
    return this.#stored.some(({ hash }) => nameOf(hash) === principal);
  }

  /** Notes that a principal uses its sign-in now. */
  use(principal: string): void {
    const found = this.#stored.find(({ hash }) => nameOf(hash) === principal);
    if (!found) return;
    this.#stored = [...this.#stored.filter((session) => session !== found), { ...found, used: Date.now() }];
    this.#dirty = true;
    // Either way: a clock that was set back must not keep it from being written.
    if (Math.abs(Date.now() - this.#savedAt) >= SAVE_EVERY) this.#save();
  }

  /** The principals that are signed in beside this one. */
  others(principal: string): string[] {
    return this.#stored.map(({ hash }) => nameOf(hash)).filter((name) => name !== principal);
  }

  /** Ends the sign-ins of these principals. False: the file still has them, so a relay that is started again knows them. */
  remove(principals: readonly string[]): boolean {
    this.#stored = this.#stored.filter(({ hash }) => !principals.includes(nameOf(hash)));
    return this.#save();
  }

  /** Writes what was used since the file was written. */
  close(): void {
    this.#useConnected();
    if (this.#dirty) this.#save();
  }

  #useConnected(): void {
    for (const { hash } of this.#stored) if (this.#isConnected(nameOf(hash))) this.use(nameOf(hash));
  }

  #save(): boolean {
    this.#savedAt = Date.now();
    try {
      writeJson(this.#file, this.#stored);
      this.#dirty = false;
      return true;
    } catch (error) {
      // A full disk ends no session, and keeps nobody out. What it did not take is tried again.
      this.#dirty = true;
      this.#onError(error);
      return false;
    }
  }
}
