import { createPrivateKey, randomBytes, type KeyObject } from 'node:crypto';
import { sshNumber, sshString } from './wire.ts';

/** PKCS#8 (RFC 5958), as `ssh-keygen -m PKCS8` and OpenSSL write it; ssh2 1.17 reads only the formats beside it. */

const PEM = /^\s*-----BEGIN (ENCRYPTED )?PRIVATE KEY-----\r?$/m;

export function isPkcs8(text: string): boolean {
  return PEM.test(text);
}

/** The same key in a format that ssh2 reads. An Error says "encrypted" when a passphrase is missing. */
export function convertPkcs8(text: string, passphrase?: string): string | Error {
  if (PEM.exec(text)?.[1] !== undefined && passphrase === undefined) return new Error('encrypted');
  try {
    const key = createPrivateKey({ key: text, format: 'pem', ...(passphrase !== undefined && { passphrase }) });
    switch (key.asymmetricKeyType) {
      case 'rsa':
        return key.export({ type: 'pkcs1', format: 'pem' }).toString();
      case 'ec':
        return key.export({ type: 'sec1', format: 'pem' }).toString();
      case 'ed25519':
        return openSshFormat(key);
      default:
        return new Error(`a key of type ${key.asymmetricKeyType ?? 'unknown'} is none for SSH`);
    }
  } catch {
    // OpenSSL's reasons name its own functions; a wrong passphrase is the usual one.
    return new Error('it cannot be decrypted or read');
  }
}

/** There is no older PEM format for ed25519, so in OpenSSH's own (PROTOCOL.key), without a passphrase. */
function openSshFormat(key: KeyObject): string {
  const { d = '', x = '' } = key.export({ format: 'jwk' });
  const [seed, point] = [d, x].map((text) => Buffer.from(text, 'base64url'));
  if (!seed || !point) throw new Error('An ed25519 key has both halves.');
  const type = sshString('ssh-ed25519');
  const publicKey = Buffer.concat([type, sshString(point)]);
  const check = randomBytes(4);
  const secret = Buffer.concat([check, check, publicKey, sshString(Buffer.concat([seed, point])), sshString('')]);
  const padding = Buffer.from(Array.from({ length: -secret.length & 7 }, (_, index) => index + 1));
  const none = sshString('none');
  const body = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...[none, none, sshString(''), sshNumber(1), sshString(publicKey)],
    sshString(Buffer.concat([secret, padding])),
  ]);
  const lines = body.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n');
}
