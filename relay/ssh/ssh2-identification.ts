import type { SshClient } from './client.ts';

/** Longest line before the key exchange, in bytes, without its end (OpenSSH ssh.h, SSH_MAX_BANNER_LEN). */
const LINE_MAX = 8192;

/** Lines up to the one that begins with `SSH-` (OpenSSH ssh.h, SSH_MAX_PRE_BANNER_LINES). */
const LINES_MAX = 1024;

const LINE_FEED = 10;

/** Reads bytes from one place to another; gives where it stopped. */
type Parse = (chunk: Buffer, from: number, to: number) => number;

interface ClientInternals {
  readonly _protocol: { _parse: Parse };
}

/**
 * Gives ssh2 the server's identification line whole. ssh2 forgets what came in the second of three pieces, so that such
 * a server seems to be none. Lines before it, which few servers send, are read and dropped, as OpenSSH does (kex.c,
 * kex_exchange_identification).
 */
export function readIdentification(client: SshClient): void {
  const { _protocol: protocol } = client as unknown as ClientInternals;
  const { _parse: parseLine } = protocol;
  let pieces: Buffer[] = [];
  let length = 0;
  let lines = 0;
  protocol._parse = (chunk, from, to) => {
    const found = chunk.indexOf(LINE_FEED, from);
    const end = found < to ? found : -1;
    const piece = chunk.subarray(from, end < 0 ? to : end + 1);
    pieces.push(Buffer.from(piece));
    length += piece.length;
    // With CR and LF.
    if (length > LINE_MAX + 2) throw new Error(`a line of more than ${LINE_MAX} bytes before the key exchange`);
    if (end < 0) return to;
    const line = Buffer.concat(pieces);
    pieces = [];
    length = 0;
    if (isIdentification(line)) {
      protocol._parse = parseLine;
      protocol._parse(line, 0, line.length);
    } else if (++lines >= LINES_MAX) throw new Error(`no SSH identification in the first ${LINES_MAX} lines`);
    return end + 1;
  };
}

function isIdentification(line: Buffer): boolean {
  const text = line.toString('latin1').trimEnd();
  return text.startsWith('SSH-') && text.length > 'SSH-'.length;
}
