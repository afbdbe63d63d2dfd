import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { FileProblem } from './file-problem.ts';
import type { TlsFiles } from './listen.ts';
import { distrustOf, readGiven } from './trusted-file.ts';

/**
 * Reads `--tls-cert` and `--tls-key`. `names` are those that the certificate is for, `*.lab.example` among them: browsers come under
 * one of them. `problem` is one sentence; it never has anything of the key in it. A key that others can read is refused.
 */
export function readTlsFiles(
  certFile: string,
  keyFile: string,
): { readonly tls: TlsFiles; readonly names: readonly string[] } | { readonly problem: string } {
  let cert: string;
  let key: string;
  let certificate: X509Certificate;
  try {
    cert = readFileSync(certFile, 'utf8');
    certificate = new X509Certificate(cert);
  } catch (error) {
    return { problem: `--tls-cert ${certFile} is no PEM certificate that can be read (${codeOf(error)}).` };
  }
  try {
    key = readGiven(keyFile, ({ uid, mode }) => {
      // As ssh with keys: nobody else may read your own. One of root's may be shared with a group, as in Debian's ssl-cert,
      // and whoever renews certificates may own it.
      const isOwn = uid !== 0 && uid === process.getuid?.();
      return distrustOf(keyFile, { uid: 0, mode }, isOwn ? 0o077 : 0o027);
    });
    if (!certificate.checkPrivateKey(createPrivateKey(key)))
      return { problem: `--tls-key ${keyFile} is not the key of --tls-cert ${certFile}.` };
  } catch (error) {
    if (error instanceof FileProblem) return { problem: `--tls-key: ${error.message}` };
    return { problem: `--tls-key ${keyFile} is no PEM key without a passphrase that can be read (${codeOf(error)}).` };
  }
  const found = [...(certificate.subjectAltName ?? '').matchAll(/(?:DNS|IP Address):((?:\*\.)?[^,\s*]+)(?=,|$)/g)];
  const names = found.map(([, name = '']) => name);
  return { tls: { cert, key }, names };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'not PEM';
}
