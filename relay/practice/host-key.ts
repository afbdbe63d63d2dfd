import ssh2 from 'ssh2';

/** A new ed25519 host key in OpenSSH form, as ssh2's Server and any ssh-keygen read it. */
export function generateHostKey(): string {
  return ssh2.utils.generateKeyPairSync('ed25519', { comment: 'practice device' }).private;
}

/** The public half of a private key, as SSH sends it. */
export function publicKeyOf(hostKey: string): Buffer {
  const key = ssh2.utils.parseKey(hostKey);
  if (key instanceof Error) throw key;
  return key.getPublicSSH();
}
