import { connect } from 'node:net';
import { readCertificate } from './certificate.ts';
import { parseKey, type SignHash, type Signer } from './client.ts';
import { SshReader, sshNumber, sshString } from './wire.ts';

/**
 * A running ssh-agent (draft-miller-ssh-agent). Not ssh2's: that leaves out certificates, and its requests have no
 * deadline, so that an agent which hangs would keep a socket for each login.
 */

/** Message numbers and flags of the draft. */
const REQUEST_IDENTITIES = 11;
const IDENTITIES_ANSWER = 12;
const SIGN_REQUEST = 13;
const SIGN_RESPONSE = 14;
const RSA_SHA2 = { sha256: 2, sha512: 4 } as const;

/** Longest answer, in bytes: OpenSSH's own limit (AGENT_MAX_LEN, ssh-agent.c). */
const ANSWER_MAX = 256 * 1024;

/** Keys looked at, of one agent; OpenSSH's sends no more than 2048 (MAX_AGENT_IDENTITIES). */
const KEYS_MAX = 2048;

/** An agent lists its keys within this, in ms, or it is left out: a hanging agent must not hang every login. */
const LIST_MS = 5_000;

/** Signing may wait for a person, who is asked to confirm it (ssh-add -c). In ms. */
const SIGN_MS = 60_000;

/** The keys and certificates of the agent behind a socket. Rejects when it does not answer. */
export async function agentSigners(socketPath: string, listMs = LIST_MS): Promise<Signer[]> {
  const answer = new SshReader(await ask(socketPath, Buffer.from([REQUEST_IDENTITIES]), listMs));
  if (answer.byte() !== IDENTITIES_ANSWER) throw new Error('the agent does not say which keys it has');
  const count = Math.min(answer.number() ?? 0, KEYS_MAX);
  const signers: Signer[] = [];
  for (let index = 0; index < count; index++) {
    const blob = answer.string();
    const comment = answer.string();
    if (!blob || !comment) break;
    const certificate = readCertificate(blob);
    const publicKey = parseKey(certificate?.publicKey ?? blob);
    // A key type that ssh2 does not know, such as one on a hardware token.
    if (publicKey instanceof Error) continue;
    publicKey.comment = comment.toString('utf8');
    signers.push({
      publicKey,
      ...(certificate && { certificate }),
      sign: (data, hash) => sign(socketPath, blob, data, publicKey.type === 'ssh-rsa' ? hash : undefined),
    });
  }
  return signers;
}

async function sign(socketPath: string, blob: Buffer, data: Buffer, hash: SignHash): Promise<Buffer> {
  const flags = hash === 'sha256' || hash === 'sha512' ? RSA_SHA2[hash] : 0;
  const request = Buffer.concat([Buffer.from([SIGN_REQUEST]), sshString(blob), sshString(data), sshNumber(flags)]);
  const answer = new SshReader(await ask(socketPath, request, SIGN_MS));
  const outer = answer.byte() === SIGN_RESPONSE ? answer.string() : undefined;
  const inner = outer && new SshReader(outer);
  inner?.string();
  const signature = inner?.string();
  if (!signature) throw new Error('the agent did not sign');
  return signature;
}

/** One question over a connection of its own: type and contents, both ways without their length. */
function ask(socketPath: string, request: Buffer, deadline: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    let received = Buffer.alloc(0);
    const fail = (reason: string) => () => {
      clearTimeout(timer);
      socket.destroy();
      reject(new Error(reason));
    };
    const timer = setTimeout(fail('the agent does not answer'), deadline);
    socket.on('error', (error) => fail(error.message)());
    socket.on('close', fail('the agent closed the connection'));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const length = received.length < 4 ? undefined : received.readUInt32BE();
      if (length !== undefined && length > ANSWER_MAX) return fail('the agent answers too much')();
      if (length === undefined || received.length < 4 + length) return;
      clearTimeout(timer);
      resolve(received.subarray(4, 4 + length));
      socket.destroy();
    });
    socket.write(sshString(request));
  });
}
