import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import * as v from 'valibot';
import { readJson, writeJson } from './state-file.ts';

/** Signed-in pages that the relay remembers; the oldest is forgotten first. */
const SESSIONS_MAX = 32;
/** How long a sign-in lasts, in ms: a browser that opens the workbench every day never asks again. */
export const SESSION_AGE = 30 * 24 * 60 * 60_000;

const storedSchema = v.array(v.object({ hash: v.string(), created: v.number() }));
type Stored = v.InferOutput<typeof storedSchema>;

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** Compares in constant time; both are hex digests of equal length. */
const sameHash = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

/**
 * Who may use the relay. A link carries a token of 256 bits that works once; it is exchanged for a session secret,
 * which lives in a cookie. Only hashes are kept, so that a restarted relay still knows its pages.
 */
export class Sessions {
  readonly #file: string;
  #stored: Stored;
  /** The latest link's token; an older link stops working when a new one is made. */
  #tokenHash: string | undefined;

  constructor(file: string) {
    this.#file = file;
    this.#stored = readJson(file, storedSchema) ?? [];
  }

  /** A token for a new link, replacing the one before. */
  newToken(): string {
    const token = randomBytes(32).toString('base64url');
    this.#tokenHash = hashOf(token);
    return token;
  }

  /** The session secret for a token, once; undefined when it is not the current one. */
  exchange(token: string): string | undefined {
    if (!this.#tokenHash || !sameHash(hashOf(token), this.#tokenHash)) return undefined;
    this.#tokenHash = undefined;
    const secret = randomBytes(32).toString('base64url');
    this.#stored = [...this.#stored, { hash: hashOf(secret), created: Date.now() }].slice(-SESSIONS_MAX);
    writeJson(this.#file, this.#stored);
    return secret;
  }

  /** The principal behind a session secret: a name that is safe to compare and log, or undefined. */
  principalOf(secret: string | undefined): string | undefined {
    if (secret === undefined) return undefined;
    const hash = hashOf(secret);
    const found = this.#stored.find((session) => sameHash(session.hash, hash));
    return found && Date.now() - found.created < SESSION_AGE ? found.hash.slice(0, 16) : undefined;
  }
}
