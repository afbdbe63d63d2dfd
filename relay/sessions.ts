import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import * as v from 'valibot';
import { readJson, writeJson } from './state-file.ts';

/** Signed-in pages that the relay remembers; the oldest is forgotten first. */
const SESSIONS_MAX = 32;
/** In ms. */
const DAY = 24 * 60 * 60_000;
/** How long a sign-in lasts without use, in ms. */
const SESSION_AGE = 30 * DAY;

const storedSchema = v.array(v.object({ hash: v.string(), used: v.number() }));
type Stored = v.InferOutput<typeof storedSchema>;

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** Names a principal: too short to be the hash that is compared, long enough to be nobody else's. */
const nameOf = (hash: string): string => hash.slice(0, 16);

/** Compares in constant time; both are hex digests of equal length. */
const sameHash = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

/**
 * Who may use the relay. A link carries a token of 256 bits that works once; it is exchanged for a session secret,
 * which lives in a cookie. Only hashes are kept, so that a restarted relay still knows its pages.
 */
export class Sessions {
  readonly #file: string;
  readonly #onError: (error: unknown) => void;
  #stored: Stored;
  /** The latest link's token; an older link stops working when a new one is made. */
  #tokenHash: string | undefined;

  /** @param onError the file could not be written: who is signed in stays so until the relay ends */
  constructor(file: string, onError: (error: unknown) => void) {
    this.#file = file;
    this.#onError = onError;
    this.#stored = readJson(file, storedSchema) ?? [];
  }

  /** A token for a new link, replacing the one before. */
  newToken(): string {
    const token = randomBytes(32).toString('base64url');
    this.#tokenHash = hashOf(token);
    return token;
  }

  /** A session for a token, once; undefined when it is not the current one. `secret` goes to the browser only. */
  exchange(token: string): { readonly secret: string; readonly principal: string } | undefined {
    if (!this.#tokenHash || !sameHash(hashOf(token), this.#tokenHash)) return undefined;
    const secret = randomBytes(32).toString('base64url');
    const hash = hashOf(secret);
    this.#save([...this.#stored, { hash, used: Date.now() }].slice(-SESSIONS_MAX));
    this.#tokenHash = undefined;
    return { secret, principal: nameOf(hash) };
  }

  /** The principal behind a session secret: a name that is safe to compare and log, or undefined. */
  principalOf(secret: string | undefined): string | undefined {
    if (secret === undefined) return undefined;
    const hash = hashOf(secret);
    const found = this.#stored.find((session) => sameHash(session.hash, hash));
    if (!found || Date.now() - found.used >= SESSION_AGE) return undefined;
    // Renewed at most daily: a file written at every request would be worn for nothing.
    if (Date.now() - found.used > DAY)
      this.#save([...this.#stored.filter((session) => session !== found), { ...found, used: Date.now() }]);
    return nameOf(found.hash);
  }

  #save(stored: Stored): void {
    this.#stored = stored;
    try {
      writeJson(this.#file, stored);
    } catch (error) {
      // A full disk ends no session, and keeps nobody out.
      this.#onError(error);
    }
  }
}
