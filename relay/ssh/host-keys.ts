import { randomUUID } from 'node:crypto';
import { mkdir, open, realpath, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Problem } from '#lib/protocol/problem.ts';
import { readBounded } from './config-file.ts';
import {
  fingerprintOf,
  judgeHostKey,
  pinnedKeys,
  preferredKeyTypes,
  readPublicKey,
  replaceHostKey,
  type PublicKey,
} from './known-hosts.ts';
import type { Log } from './options.ts';
import { problemOf } from './problems.ts';
import type { Hop } from './resolve.ts';

/** A known_hosts above this many bytes is not read: 10 000 hosts take 2 MB. */
const FILE_BYTES_MAX = 8 * 1024 * 1024;

/** Offers remembered for `trust`, one a target; the oldest is forgotten first. */
const OFFERS_MAX = 64;

/** What one hop may show: made before connecting, so that the check itself waits for nothing. */
export interface HostKeyCheck {
  /** Key types to ask for, best first. */
  readonly keyTypes: readonly string[];
  /** Null: trusted. `where`: the hop as a person knows it. */
  judge(blob: Buffer, where: string): Problem | null;
}

/** Whom the relay trusts: its own known_hosts file, and the person's, which it only reads. */
export class HostKeys {
  readonly #ownFile: string;
  readonly #userFile: string;
  readonly #log: Log;
  /** By target, in the order they were made. */
  readonly #offers = new Map<
    string,
    { readonly name: string; readonly key: PublicKey; readonly former: PublicKey | undefined }
  >();
  /** Writes happen one after another: each reads what the one before wrote. */
  #writing: Promise<unknown> = Promise.resolve();

  constructor(ownFile: string, home: string, log: Log) {
    this.#ownFile = ownFile;
    this.#userFile = join(home, '.ssh', 'known_hosts');
    this.#log = log;
  }

  /** Reads both files for one hop. `target` is who may be asked to trust the key. An unreadable own file fails closed. */
  async prepare(hop: Hop, target: string): Promise<{ readonly check: HostKeyCheck } | { readonly problem: Problem }> {
    const own = await readBounded(this.#ownFile, FILE_BYTES_MAX, 'latin1');
    if (own && 'reason' in own)
      return {
        problem: problemOf(
          'internal',
          `The relay's file of trusted host keys cannot be used: ${this.#ownFile}: ${own.reason}.`,
        ),
      };
    const user = await readBounded(this.#userFile, FILE_BYTES_MAX, 'latin1');
    if (user && 'reason' in user)
      this.#log('warn', { file: this.#userFile, reason: user.reason }, 'known_hosts not read');
    const ownText = own?.text ?? '';
    const userText = user && 'text' in user ? user.text : '';
    return {
      check: {
        keyTypes: preferredKeyTypes(pinnedKeys(hop.hostKeyName, ownText, userText)),
        judge: (blob, where) => this.#judge(blob, where, hop.hostKeyName, target, ownText, userText),
      },
    };
  }

  #judge(blob: Buffer, where: string, name: string, target: string, own: string, user: string): Problem | null {
    const key = readPublicKey(blob);
    if (!key) return problemOf('not-ssh', `${where} offered a host key that is none.`);
    const verdict = judgeHostKey(key, name, own, user);
    if (verdict.kind === 'known') return null;
    const offered = fingerprintOf(key);
    if (verdict.kind === 'revoked') {
      // Not remembered: trusting it would not help, and must not look as if it did.
      this.#offers.delete(target);
      const text = `${where} offered a host key that is marked @revoked for ${name} in known_hosts (${offered.fingerprint}).`;
      return problemOf('host-key-revoked', text, { offered });
    }
    this.#remember(target, name, key, verdict.kind === 'changed' ? verdict.pinned : undefined);
    if (verdict.kind === 'unknown')
      return problemOf('host-key-unknown', `${where} is not known: no host key is on file for ${name}.`, { offered });
    const pinned = fingerprintOf(verdict.pinned);
    const what =
      pinned.algorithm === offered.algorithm
        ? `another ${offered.algorithm} key`
        : `a key of type ${offered.algorithm}, not ${pinned.algorithm}`;
    return problemOf('host-key-changed', `${where} offered ${what} than the one on file for ${name}.`, {
      offered,
      pinned,
    });
  }

  #remember(target: string, name: string, key: PublicKey, former: PublicKey | undefined): void {
    this.#offers.delete(target);
    this.#offers.set(target, { name, key, former });
    const oldest = this.#offers.keys().next();
    if (this.#offers.size > OFFERS_MAX && !oldest.done) this.#offers.delete(oldest.value);
  }

  /** Pins the key that `target` offered last, if this is its fingerprint. False when it is not, or the file cannot be written. */
  async trust(target: string, fingerprint: string): Promise<boolean> {
    const offer = this.#offers.get(target);
    if (!offer || fingerprintOf(offer.key).fingerprint !== fingerprint) return false;
    const write = this.#writing.then(() => pinHostKey(this.#ownFile, offer.name, offer.key, offer.former));
    this.#writing = write.catch(() => undefined);
    try {
      await write;
    } catch (error) {
      this.#log('error', { file: this.#ownFile, error: String(error) }, 'host key not saved');
      return false;
    }
    if (this.#offers.get(target) === offer) this.#offers.delete(target);
    this.#log('info', { name: offer.name, fingerprint }, 'host key trusted');
    return true;
  }
}

/**
 * Pins a key for a name in a known_hosts file, in place of the one of its type that was there. A new file beside the
 * old one, renamed over it: a reader sees all of it or nothing. Throws what the file system throws.
 */
export async function pinHostKey(
  knownHostsFile: string,
  name: string,
  key: PublicKey,
  former?: PublicKey,
): Promise<void> {
  // A link (dotfiles) stays a link.
  const file = await realpath(knownHostsFile).catch(() => knownHostsFile);
  const before = await readBounded(file, FILE_BYTES_MAX, 'latin1');
  if (before && 'reason' in before) throw new Error(before.reason);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const temporary = join(dirname(file), `.known_hosts.${randomUUID()}`);
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(replaceHostKey(before?.text ?? '', name, key, former), 'latin1');
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
