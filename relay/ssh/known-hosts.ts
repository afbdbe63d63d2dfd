import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { HostKey } from '#lib/protocol/problem.ts';
import { matchesPatternList } from './patterns.ts';

/** OpenSSH's known_hosts format (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). Pure: texts in, verdicts and texts out. */

/** A key as it travels: the blob starts with its type. */
export interface PublicKey {
  /** e.g. `ssh-ed25519`; for RSA always `ssh-rsa`, whatever signs with it. */
  readonly type: string;
  /** base64 of the blob. */
  readonly base64: string;
}

export type Verdict =
  | { readonly kind: 'known' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'changed'; readonly pinned: PublicKey }
  | { readonly kind: 'revoked' };

interface Entry {
  /** `@revoked`, `@cert-authority` or nothing. */
  readonly marker: string | null;
  /** First field: comma separated patterns, or one hashed name. */
  readonly names: string;
  readonly key: PublicKey;
}

/** Key types in the order they are asked for when nothing is pinned: as OpenSSH. */
export const KEY_TYPES = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
] as const;

/** The key in a blob as a server sends it; null when it is none. */
export function readPublicKey(blob: Buffer): PublicKey | null {
  if (blob.length < 4) return null;
  const length = blob.readUInt32BE(0);
  if (length === 0 || length > 64 || blob.length < 4 + length) return null;
  const type = blob.toString('latin1', 4, 4 + length);
  return /^[\x21-\x7e]+$/.test(type) ? { type, base64: blob.toString('base64') } : null;
}

/** A key as people compare it: `SHA256:` and 43 characters, as `ssh-keygen -l` prints. */
export function fingerprintOf(key: PublicKey): HostKey {
  const digest = createHash('sha256').update(Buffer.from(key.base64, 'base64')).digest('base64');
  return { algorithm: key.type, fingerprint: `SHA256:${digest.replace(/=+$/, '')}` };
}

/**
 * Judges an offered key. `own`: the text of the relay's file; when it knows `name`, the files of ssh (`others`, one
 * behind the other) are not asked, so that a key replaced here wins over a stale one there. A key revoked in any is refused.
 */
export function judgeHostKey(offered: PublicKey, name: string, own: string, others: string): Verdict {
  const entries = [own, others].map((text) => entriesFor(text, name));
  if (entries.flat().some((entry) => entry.marker === '@revoked' && entry.key.base64 === offered.base64))
    return { kind: 'revoked' };
  const pinned = pinnedKeys(name, own, others);
  if (pinned.length === 0) return { kind: 'unknown' };
  if (pinned.some((key) => key.base64 === offered.base64)) return { kind: 'known' };
  // Keys of other types only: a server that lost the pinned key is as suspicious as one that changed it.
  const sameType = pinned.find((key) => key.type === offered.type) ?? pinned[0];
  if (!sameType) throw new Error('There is a first pinned key.');
  return { kind: 'changed', pinned: sameType };
}

/** The keys trusted for a name, by the precedence of `judgeHostKey`. */
export function pinnedKeys(name: string, own: string, others: string): readonly PublicKey[] {
  for (const text of [own, others]) {
    const keys = entriesFor(text, name).filter((entry) => entry.marker === null);
    if (keys.length > 0) return keys.map((entry) => entry.key);
  }
  return [];
}

/** Key types to ask the server for, pinned ones first, so that a second key of the same server is no "change". */
export function preferredKeyTypes(pinned: readonly PublicKey[]): string[] {
  const first = KEY_TYPES.filter((type) => pinned.some((key) => key.type === type));
  return [...first, ...KEY_TYPES.filter((type) => !first.includes(type))];
}

/**
 * The text with `key` trusted for `name`, in place of the key of the same type that was, and of `former`, the key
 * that a changed one was compared with: it may be of another type, and must not stay trusted. Every other line stays byte
 * for byte; a line that names several hosts only loses this one. Patterns are left alone: they mean others too.
 */
export function replaceHostKey(text: string, name: string, key: PublicKey, former?: PublicKey): string {
  const kept: string[] = [];
  for (const line of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    const entry = parseEntry(line);
    const replaced = entry && (entry.key.type === key.type || entry.key.base64 === former?.base64);
    if (!entry || !replaced || entry.marker !== null || !namesExactly(entry.names, name)) {
      kept.push(line);
      continue;
    }
    const others = entry.names.startsWith('|')
      ? []
      : entry.names.split(',').filter((other) => other.toLowerCase() !== name);
    if (others.length > 0) kept.push(line.replace(entry.names, () => others.join(',')));
  }
  const before = kept.join('');
  const separator = before === '' || before.endsWith('\n') ? '' : '\n';
  return `${before}${separator}${isPlainName(name) ? name : hashName(name)} ${key.type} ${key.base64}\n`;
}

/**
 * Whether a name may stand in a file as it is. HostKeyAlias may be anything: `*` and `?` would trust every host, a comma
 * two, and `!`, `|`, `#`, `@` and blanks change what the line says. ssh itself writes those down, and trusts them then;
 * hashed, a name only ever stands for itself. So does one beyond ASCII, whose bytes depend on who reads the file.
 */
function isPlainName(name: string): boolean {
  return /^[\x21-\x7e]+$/.test(name) && !/[*?!,|#@]/.test(name);
}

/** `|1|salt|hash` (hostfile.c, host_hash). */
function hashName(name: string): string {
  const salt = randomBytes(20);
  return `|1|${salt.toString('base64')}|${hmacOf(salt, name).toString('base64')}`;
}

function hmacOf(salt: Buffer, name: string): Buffer {
  return createHmac('sha1', salt).update(name).digest();
}

function entriesFor(text: string, name: string): Entry[] {
  return text
    .split('\n')
    .map(parseEntry)
    .filter(
      (entry) => entry !== null && entry.marker !== '@cert-authority' && matchesName(entry.names, name),
    ) as Entry[];
}

/** Lines that are no entries (comments, blank, malformed) are null: they trust nobody. */
function parseEntry(line: string): Entry | null {
  const fields = line.trim().split(/[ \t]+/);
  if (fields[0]?.startsWith('#')) return null;
  const marker = fields[0]?.startsWith('@') ? (fields.shift() ?? null) : null;
  const [names, type, base64] = fields;
  if (!names || !type || !base64) return null;
  const key = readPublicKey(Buffer.from(base64, 'base64'));
  // The blob says its type itself; a line where both differ is damaged.
  if (!key || key.type !== type) return null;
  return { marker, names, key };
}

function matchesName(names: string, name: string): boolean {
  return names.startsWith('|') ? matchesHash(names, name) : matchesPatternList(names.toLowerCase().split(','), name);
}

function namesExactly(names: string, name: string): boolean {
  if (names.startsWith('|')) return matchesHash(names, name);
  return isPlainName(name) && names.toLowerCase().split(',').includes(name);
}

/** `|1|salt|hash`: HMAC-SHA1 of the name, keyed with the salt (hostfile.c). */
function matchesHash(names: string, name: string): boolean {
  const match = /^\|1\|([A-Za-z0-9+/=]+)\|([A-Za-z0-9+/=]+)$/.exec(names);
  if (!match?.[1] || !match[2]) return false;
  return hmacOf(Buffer.from(match[1], 'base64'), name).equals(Buffer.from(match[2], 'base64'));
}
