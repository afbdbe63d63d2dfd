import ssh2 from 'ssh2';

/** ssh2 fails about once in 200 keys; this many in a row is another fault. */
const TRIES = 16;

/**
 * A new ed25519 host key in OpenSSH form, as ssh2's Server and any ssh-keygen read it. Each key is read back before it
 * is given out: now and then ssh2 1.17 writes one that is "malformed" even to itself (counted here over 3000 keys).
 */
export function generateHostKey(): string {
  for (let tries = 0; tries < TRIES; tries++) {
    const key = ssh2.utils.generateKeyPairSync('ed25519', { comment: 'practice device' }).private;
    if (!(ssh2.utils.parseKey(key) instanceof Error)) return key;
  }
  throw new Error('ssh2 made no host key that it can read');
}

/** The public half of a private key, as SSH sends it. */
export function publicKeyOf(hostKey: string): Buffer {
  const key = ssh2.utils.parseKey(hostKey);
  if (key instanceof Error) throw key;
  return key.getPublicSSH();
}
