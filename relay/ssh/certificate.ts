import { SshReader, sshString } from './wire.ts';

/** An OpenSSH certificate of a user's key (PROTOCOL.certkeys). Whether it is valid is the server's to say. */
export interface Certificate {
  /** What goes to the server in place of the public key. */
  readonly blob: Buffer;
  /** The public key in it, as SSH sends it. */
  readonly publicKey: Buffer;
  /** The name that the login goes by. */
  readonly algorithm: string;
  /** The name of the signature, which for a certificate is another one. */
  readonly signature: string;
  readonly hash: 'sha512' | undefined;
}

const SUFFIX = '-cert-v01@openssh.com';

/** How many fields of a certificate are its public key, by the type of that key. */
const KEY_FIELDS: Readonly<Record<string, number>> = {
  'ssh-ed25519': 1,
  'ecdsa-sha2-nistp256': 2,
  'ecdsa-sha2-nistp384': 2,
  'ecdsa-sha2-nistp521': 2,
  'ssh-rsa': 2,
};

/** A blob as a certificate; undefined when it is none, or of a kind that cannot be used. */
export function readCertificate(blob: Buffer): Certificate | undefined {
  const reader = new SshReader(blob);
  const name = reader.string()?.toString('latin1');
  if (!name?.endsWith(SUFFIX)) return undefined;
  const type = name.slice(0, -SUFFIX.length);
  const count = Object.hasOwn(KEY_FIELDS, type) ? KEY_FIELDS[type] : undefined;
  if (count === undefined || reader.string() === undefined) return undefined;
  const start = reader.offset;
  for (let field = 0; field < count; field++) if (reader.string() === undefined) return undefined;
  const publicKey = Buffer.concat([sshString(type), blob.subarray(start, reader.offset)]);
  // RSA signs with SHA-2, whatever the certificate is called (RFC 8332).
  const signature = type === 'ssh-rsa' ? 'rsa-sha2-512' : type;
  return { blob, publicKey, algorithm: signature + SUFFIX, signature, hash: type === 'ssh-rsa' ? 'sha512' : undefined };
}

/** The certificate in the text of a `-cert.pub` file; undefined when it has none. */
export function parseCertificate(text: string): Certificate | undefined {
  const [type, base64] = text.trim().split(/[ \t]+/);
  const certificate = type?.endsWith(SUFFIX) && base64 ? readCertificate(Buffer.from(base64, 'base64')) : undefined;
  return certificate;
}

/**
 * A signed login request as ssh2 1.17 writes it, with the name of the signature put right: ssh2 takes the name that the
 * login goes by for both, which holds for all but certificates. Undefined for any other message.
 *
 * @param payload of the packet (RFC 4252 section 7), and perhaps what lies behind
 */
export function nameSignature(payload: Buffer, certificate: Certificate): Buffer | undefined {
  const reader = new SshReader(payload);
  const isLogin = reader.byte() === USERAUTH_REQUEST;
  for (const _ of ['user', 'service', 'method']) reader.string();
  const isSigned = reader.byte() === 1;
  for (const _ of ['algorithm', 'key']) reader.string();
  const head = payload.subarray(0, reader.offset);
  const outer = reader.string();
  if (!isLogin || !isSigned || !outer) return undefined;
  const inner = new SshReader(outer);
  inner.string();
  const signature = inner.string();
  return signature && Buffer.concat([head, sshString(signatureBlob(certificate.signature, signature))]);
}

const USERAUTH_REQUEST = 50;

function signatureBlob(name: string, signature: Buffer): Buffer {
  return Buffer.concat([sshString(name), sshString(signature)]);
}
