import type { SshKey } from './client.ts';
import { SshReader } from './wire.ts';

interface KeyParser {
  readonly parseDERKey: (data: Buffer, type: string) => SshKey | Error;
}

/**
 * ssh2's key parser for a key exchange. Some servers leave out the zeros that an RSA signature begins with, once in 256
 * key exchanges; OpenSSL refuses those, so they are put back (OpenSSH ssh-rsa.c, ssh_rsa_verify: "len < modlen").
 */
export function acceptShortSignatures(parser: object): object {
  const { parseDERKey } = parser as KeyParser;
  return {
    ...parser,
    parseDERKey: (data: Buffer, type: string): SshKey | Error => {
      const key = parseDERKey(data, type);
      return key instanceof Error || key.type !== 'ssh-rsa' ? key : withPadding(key);
    },
  };
}

function withPadding(key: SshKey): SshKey {
  const blob = new SshReader(key.getPublicSSH());
  for (const _ of ['type', 'exponent']) blob.string();
  const modulus = blob.string() ?? Buffer.alloc(0);
  const size = modulus[0] === 0 ? modulus.length - 1 : modulus.length;
  const verify: SshKey['verify'] = (data, signature, algorithm) =>
    key.verify(data, padded(Buffer.from(signature), size), algorithm);
  return Object.create(key, { verify: { value: verify } }) as SshKey;
}

function padded(signature: Buffer, size: number): Buffer {
  return signature.length < size ? Buffer.concat([Buffer.alloc(size - signature.length), signature]) : signature;
}
