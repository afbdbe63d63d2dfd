import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { listenLocally } from './listen.ts';

/** Small parts of OpenSSH for tests: keys, an agent, a free port. All are run as separate programs and ended by pid. */

const run = promisify(execFile);

export type KeyType = 'ed25519' | 'rsa' | 'ecdsa';

/** Makes a key pair at `path` and `path.pub`; returns the public line. `format: 'pem'` is the old one, as testing_rsa has; `pkcs8` OpenSSL's. */
export async function makeKey(
  path: string,
  {
    type = 'ed25519',
    passphrase = '',
    format = 'openssh',
    comment = 'test key',
    bits,
  }: {
    type?: KeyType;
    passphrase?: string;
    format?: 'openssh' | 'pem' | 'pkcs8';
    comment?: string;
    /** Default: 2048 for RSA, 256 for ECDSA. */
    bits?: 256 | 384 | 521 | 2048;
  } = {},
): Promise<string> {
  const size = bits ?? (type === 'rsa' ? 2048 : 256);
  const shape = type === 'ed25519' ? [] : ['-b', String(size)];
  const form = format === 'openssh' ? [] : ['-m', format.toUpperCase()];
  await run('ssh-keygen', ['-q', '-t', type, ...shape, ...form, '-N', passphrase, '-C', comment, '-f', path]);
  return (await readFile(`${path}.pub`, 'utf8')).trim();
}

/** `SHA256:…` of a key file, as ssh-keygen says it. */
export async function fingerprint(path: string): Promise<string> {
  const { stdout } = await run('ssh-keygen', ['-l', '-f', path]);
  const found = /SHA256:\S+/.exec(stdout);
  if (!found) throw new Error(`ssh-keygen printed no fingerprint: ${stdout}`);
  return found[0];
}

/** A port on 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listenLocally(server);
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts an ssh-agent in the foreground with a socket at `socket`, holding these key files. `stop` ends it by pid. */
export async function startAgent(socket: string, keys: readonly string[]): Promise<{ stop(): Promise<void> }> {
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(agent, 'exit');
  // It prints its environment once the socket is there.
  await once(agent.stdout, 'data');
  const stop = async () => {
    agent.kill();
    await exited;
  };
  try {
    for (const key of keys) await run('ssh-add', ['-q', key], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}
