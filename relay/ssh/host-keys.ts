import { join } from 'node:path';
import type { Problem } from '#lib/protocol/problem.ts';
import { FileProblem } from '../file-problem.ts';
import { writeWhole } from '../state-file.ts';
import { trustedTarget } from '../trusted-way.ts';
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

/** Defaults of UserKnownHostsFile, below ~/.ssh, and of GlobalKnownHostsFile (ssh_config(5)). */
const USER_FILES = ['known_hosts', 'known_hosts2'];
const SYSTEM_FILES = ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'];

/** Whom the relay trusts: its own known_hosts file, and those that ssh would ask, which it only reads. */
export class HostKeys {
  readonly #ownFile: string;
  /** The person's, then the machine's. */
  readonly #otherFiles: readonly string[];
  readonly #log: Log;
  /** By target, in the order they were made. */
  readonly #offers = new Map<
    string,
    { readonly name: string; readonly key: PublicKey; readonly former: PublicKey | undefined }
  >();
  /** Writes happen one after another: each reads what the one before wrote. */
  #writing: Promise<unknown> = Promise.resolve();

  constructor(ownFile: string, home: string, systemFiles: readonly string[] = SYSTEM_FILES, log: Log) {
    this.#ownFile = ownFile;
    this.#otherFiles = [...USER_FILES.map((name) => join(home, '.ssh', name)), ...systemFiles];
    this.#log = log;
  }

  /** Reads all files for one hop. `target` is who may be asked to trust the key. An unreadable own file fails closed. */
  async prepare(hop: Hop, target: string): Promise<{ readonly check: HostKeyCheck } | { readonly problem: Problem }> {
    let own: string;
    try {
      own = (await readOwn(this.#ownFile)).text;
    } catch (error) {
      if (!(error instanceof FileProblem)) throw error;
      return { problem: problemOf('internal', error.message) };
    }
    const others = (await Promise.all(this.#otherFiles.map((file) => this.#readOther(file)))).join('\n');
    return {
      check: {
        keyTypes: preferredKeyTypes(pinnedKeys(hop.hostKeyName, own, others)),
        judge: (blob, where) => this.#judge(blob, where, hop.hostKeyName, target, own, others),
      },
    };
  }

  async #readOther(file: string): Promise<string> {
    const read = await readBounded(file, FILE_BYTES_MAX, { encoding: 'latin1' });
    if (read && 'text' in read) return read.text;
    if (read) this.#log('warn', { file, reason: read.reason }, 'known_hosts not read');
    return '';
  }

  #judge(blob: Buffer, where: string, name: string, target: string, own: string, others: string): Problem | null {
    const key = readPublicKey(blob);
    if (!key) return problemOf('not-ssh', `${where} offered a host key that is none.`);
    const verdict = judgeHostKey(key, name, own, others);
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

  /** Pins the key that `target` offered last, if this is its fingerprint. False when it is not. Rejects with a FileProblem. */
  async trust(target: string, fingerprint: string): Promise<boolean> {
    const offer = this.#offers.get(target);
    if (!offer || fingerprintOf(offer.key).fingerprint !== fingerprint) return false;
    const write = this.#writing.then(() => pinHostKey(this.#ownFile, offer.name, offer.key, offer.former));
    this.#writing = write.catch(() => undefined);
    try {
      await write;
    } catch (error) {
      this.#log('error', { file: this.#ownFile, error: String(error) }, 'host key not saved');
      throw error;
    }
    if (this.#offers.get(target) === offer) this.#offers.delete(target);
    this.#log('info', { name: offer.name, fingerprint }, 'host key trusted');
    return true;
  }
}

/** The relay's own file, where it really is (a link of dotfiles stays a link), and its text. Rejects with a FileProblem. */
async function readOwn(knownHostsFile: string): Promise<{ readonly file: string; readonly text: string }> {
  const file = trustedTarget(knownHostsFile);
  const read = await readBounded(file, FILE_BYTES_MAX, { encoding: 'latin1', trusted: true });
  if (read && 'reason' in read)
    throw new FileProblem(`The relay's file of trusted host keys cannot be used: ${file}: ${read.reason}.`);
  return { file, text: read?.text ?? '' };
}

/**
 * Pins a key for a name in a known_hosts file, in place of the one of its type that was there. Rejects with a FileProblem;
 * the file is as it was then.
 */
export async function pinHostKey(
  knownHostsFile: string,
  name: string,
  key: PublicKey,
  former?: PublicKey,
): Promise<void> {
  const { file, text } = await readOwn(knownHostsFile);
  writeWhole(file, Buffer.from(replaceHostKey(text, name, key, former), 'latin1'));
}
