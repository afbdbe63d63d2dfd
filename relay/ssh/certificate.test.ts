import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameSignature, parseCertificate, readCertificate, type Certificate } from './certificate.ts';
import { sshNumber, sshString } from './wire.ts';

const SUFFIX = '-cert-v01@openssh.com';

function certificate(type: string, fields: readonly string[]): Buffer {
  return Buffer.concat([`${type}${SUFFIX}`, 'nonce', ...fields, 'what follows'].map(sshString));
}

function read(blob: Buffer): Certificate {
  const found = readCertificate(blob);
  if (!found) throw new Error('It is a certificate.');
  return found;
}

describe('a certificate', () => {
  it.each([
    ['ssh-ed25519', ['point'], 'ssh-ed25519', undefined],
    ['ecdsa-sha2-nistp384', ['nistp384', 'point'], 'ecdsa-sha2-nistp384', undefined],
    ['ssh-rsa', ['e', 'n'], 'rsa-sha2-512', 'sha512'],
  ] as const)('of %s has its key, and signs by another name than it logs in', (type, fields, signature, hash) => {
    const blob = certificate(type, fields);
    expect(read(blob)).toEqual({
      blob,
      publicKey: Buffer.concat([type, ...fields].map(sshString)),
      algorithm: `${signature}${SUFFIX}`,
      signature,
      hash,
    });
    expect(parseCertificate(`${type}${SUFFIX} ${blob.toString('base64')} me@desk\n`)).toEqual(read(blob));
  });

  it.each([
    ['', ''],
    ['a key', `ssh-ed25519 ${sshString('ssh-ed25519').toString('base64')}`],
    [
      'one of a kind that ssh2 does not know',
      `sk-ssh-ed25519${SUFFIX} ${certificate('sk-ssh-ed25519', ['x']).toString('base64')}`,
    ],
    ['one that is cut off', `ssh-rsa${SUFFIX} ${sshString(`ssh-rsa${SUFFIX}`).toString('base64')}`],
    ['prototype', `constructor${SUFFIX} ${certificate('constructor', ['x']).toString('base64')}`],
  ])('is not in %s', (_, text) => expect(parseCertificate(text)).toBeUndefined());

  it('is never found by throwing, in whatever bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), (bytes, text) => {
        const name = sshString(`ssh-rsa${SUFFIX}`);
        for (const blob of [Buffer.from(bytes), Buffer.concat([name, bytes])]) readCertificate(blob);
        parseCertificate(text);
        nameSignature(Buffer.from(bytes), read(certificate('ssh-rsa', ['e', 'n'])));
      }),
    );
  });
});

describe('a login with a certificate', () => {
  const rsa = read(certificate('ssh-rsa', ['e', 'n']));
  const head = (signed: number) =>
    Buffer.concat([
      Buffer.from([50]),
      ...['root', 'ssh-connection', 'publickey'].map(sshString),
      Buffer.from([signed]),
      sshString(rsa.algorithm),
      sshString(rsa.blob),
    ]);
  const signed = (name: string) =>
    Buffer.concat([head(1), sshString(Buffer.concat([name, 'signature'].map(sshString)))]);

  it('names the signature by its own algorithm, and drops the padding behind', () => {
    expect(nameSignature(Buffer.concat([signed(rsa.algorithm), Buffer.alloc(9)]), rsa)).toEqual(signed('rsa-sha2-512'));
  });

  it('leaves the question whether a key will do, and every other message, as it is', () => {
    expect(nameSignature(head(0), rsa)).toBeUndefined();
    expect(nameSignature(Buffer.concat([Buffer.from([94]), sshNumber(0), sshString('data')]), rsa)).toBeUndefined();
  });
});
