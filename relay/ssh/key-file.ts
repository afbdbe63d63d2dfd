import { readBounded } from './config-file.ts';
import { parseCertificate, type Certificate } from './certificate.ts';
import { parseKey, type SshKey } from './client.ts';
import { convertPkcs8, isPkcs8 } from './pkcs8.ts';

/** A private key file is a few kB; RSA 16384 takes 13 kB. In bytes. */
const KEY_BYTES_MAX = 64 * 1024;

export type KeyFile =
  | { readonly kind: 'missing' }
  | { readonly kind: 'unusable'; readonly reason: string }
  /** Only the public half: it names a key of the agent. */
  | { readonly kind: 'public'; readonly key: SshKey }
  | { readonly kind: 'private'; readonly key: SshKey }
  /** `publicKey` is null when only the passphrase reveals it (PEM files without a .pub beside them). */
  | {
      readonly kind: 'encrypted';
      readonly publicKey: SshKey | null;
      readonly unlock: (passphrase: string) => SshKey | null;
    };

/**
 * Reads a key file. Its permissions are not judged: a git checkout makes testing_rsa group-readable, which ssh(1)
 * refuses and chromite works around with a copy (chromeos-facts.md section 10).
 */
export async function readKeyFile(path: string): Promise<KeyFile> {
  const file = await readBounded(path, KEY_BYTES_MAX);
  if (file === null) return { kind: 'missing' };
  if ('reason' in file) return { kind: 'unusable', reason: file.reason };
  const key = parseAny(file.text);
  if (!(key instanceof Error)) return { kind: key.isPrivateKey() ? 'private' : 'public', key };
  if (!/encrypted/i.test(key.message)) return { kind: 'unusable', reason: 'it is not a key that can be read' };
  return {
    kind: 'encrypted',
    publicKey: publicHalf(file.text) ?? (await readPublicFile(`${path}.pub`)),
    unlock: (passphrase) => {
      const unlocked = parseAny(file.text, passphrase);
      return unlocked instanceof Error || !unlocked.isPrivateKey() ? null : unlocked;
    },
  };
}

/** The certificate in a `-cert.pub` file; a reason when there is a file and none in it; null without a file. */
export async function readCertificateFile(
  path: string,
): Promise<{ readonly certificate: Certificate } | { readonly reason: string } | null> {
  const file = await readBounded(path, KEY_BYTES_MAX);
  if (file === null || 'reason' in file) return file;
  const certificate = parseCertificate(file.text);
  return certificate ? { certificate } : { reason: 'it is no certificate that can be used' };
}

function parseAny(text: string, passphrase?: string): SshKey | Error {
  if (!isPkcs8(text)) return parseKey(text, passphrase);
  const converted = convertPkcs8(text, passphrase);
  return converted instanceof Error ? converted : parseKey(converted);
}

async function readPublicFile(path: string): Promise<SshKey | null> {
  const file = await readBounded(path, KEY_BYTES_MAX);
  if (file === null || 'reason' in file) return null;
  const key = parseKey(file.text);
  return key instanceof Error ? null : key;
}

/** The format of ssh-keygen keeps the public key readable (openssh-key, PROTOCOL.key): magic, three strings, a count, the key. */
function publicHalf(text: string): SshKey | null {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END/.exec(text)?.[1];
  if (body === undefined) return null;
  const blob = Buffer.from(body, 'base64');
  let offset = 'openssh-key-v1\0'.length;
  const readString = () => {
    if (offset + 4 > blob.length) return null;
    const start = offset + 4;
    offset = start + blob.readUInt32BE(offset);
    return offset > blob.length ? null : blob.subarray(start, offset);
  };
  for (const _ of ['cipher', 'kdf', 'kdf options']) if (readString() === null) return null;
  offset += 4;
  const key = readString();
  if (key === null) return null;
  const parsed = parseKey(key);
  return parsed instanceof Error ? null : parsed;
}
