import { generateKeyPairSync, sign } from 'node:crypto';
import { expect, it } from 'vitest';
import { parseKey } from './client.ts';
import { ssh2File } from './ssh2.ts';
import { acceptShortSignatures } from './ssh2-host-key.ts';

const { parseDERKey } = acceptShortSignatures(ssh2File('lib/protocol/keyParser.js') as object) as {
  readonly parseDERKey: (data: Buffer, type: string) => ReturnType<typeof parseKey>;
};

it('takes an RSA signature whose first zeros the server left out', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = parseKey(privateKey.export({ type: 'pkcs1', format: 'pem' }).toString());
  if (key instanceof Error) throw key;
  const type = Buffer.from('\0\0\0\x07ssh-rsa');
  const hostKey = parseDERKey(key.getPublicSSH().subarray(type.length), 'ssh-rsa');
  if (hostKey instanceof Error) throw hostKey;
  const { data, signature } = withLeadingZero((text) => sign('sha256', text, privateKey));
  expect(hostKey.verify(data, signature, 'sha256')).toBe(true);
  expect(hostKey.verify(data, signature.subarray(1), 'sha256')).toBe(true);
  expect(key.verify(data, signature.subarray(1), 'sha256')).not.toBe(true);
  expect(hostKey.verify(data, signature.subarray(0, -1), 'sha256')).not.toBe(true);
  expect(hostKey.verify(Buffer.from('other'), signature.subarray(1), 'sha256')).not.toBe(true);
});

/** One signature in 256 begins so. */
function withLeadingZero(signed: (data: Buffer) => Buffer): { readonly data: Buffer; readonly signature: Buffer } {
  for (let count = 0; ; count++) {
    const data = Buffer.from(String(count));
    const signature = signed(data);
    if (signature[0] === 0) return { data, signature };
  }
}
