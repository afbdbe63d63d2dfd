import type { Duplex } from 'node:stream';
import type {
  AnyAuthMethod,
  AuthenticationType,
  Client,
  ClientChannel,
  IdentityCallback,
  ParsedKey,
  SignCallback,
  SigningRequestOptions,
} from 'ssh2';
import type { Pty } from '#lib/protocol/messages.ts';
import type { Certificate } from './certificate.ts';
import { boundChannels, withWindow } from './channel-flow.ts';
import { Outbox } from './outbox.ts';
import { boundRequests, takeTurns } from './peer-manners.ts';
import { plainText } from './problems.ts';
import { ssh2, ssh2File } from './ssh2.ts';
import { containChannels } from './ssh2-channels.ts';
import { readIdentification } from './ssh2-identification.ts';
import './ssh2-messages.ts';
import { boundLogin, endOnDisconnect } from './ssh2-order.ts';
import { type LoginAnswer, signatureAsSent, watchAnswers, withSignatureNamed } from './ssh2-repairs.ts';
import { WINDOW, type Windows } from './windows.ts';

/**
 * The only file that knows ssh2, with the files beside it: `ssh2.ts` loads it, the others of its name put right what it
 * gets wrong. Facts: ssh2 1.17.0, lib/client.js.
 */

export type SshClient = Client;
export type SshChannel = ClientChannel;
export type SshKey = ParsedKey;

/**
 * Whether ssh2 has its compiled ciphers. Their build is optional, and npm says nothing when it fails or is not allowed;
 * without them a stream takes 1.4 to 2.3 times the CPU time (web-terminals.md section 4).
 */
export function hasCompiledCiphers(): boolean {
  const crypto = ssh2File('lib/protocol/crypto.js');
  return typeof crypto === 'object' && crypto !== null && 'bindingAvailable' in crypto && !!crypto.bindingAvailable;
}

/** Hash of an RSA signature (RFC 8332); undefined for other keys. */
export type SignHash = 'sha1' | 'sha256' | 'sha512' | undefined;

/** A key that can be offered: known by its public half, signs when the server wants it. */
export interface Signer {
  readonly publicKey: SshKey;
  /** What is offered in place of the public key. */
  readonly certificate?: Certificate;
  /** Rejects when it cannot sign; the next method is tried then. */
  sign(data: Buffer, hash: SignHash): Promise<Buffer>;
}

/** A server's question (keyboard-interactive, RFC 4256). */
export interface Challenge {
  readonly name: string;
  readonly instructions: string;
  readonly questions: readonly { readonly text: string; readonly echo: boolean }[];
}

/** What to try next. `null` ends the attempt. */
export type AuthStep =
  | { readonly method: 'none' }
  | { readonly method: 'key'; readonly signer: Signer }
  | { readonly method: 'password'; readonly password: string }
  | { readonly method: 'questions'; answer(challenge: Challenge): Promise<readonly string[]> }
  | null;

/** Best first: GCM is cheapest with AES hardware on both ends (web-terminals.md sections 3.1 and 4). No CBC. */
const CIPHERS = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
  'aes128-ctr',
  'aes256-ctr',
] as const;

/** No SHA-1. */
const KEY_EXCHANGES = [
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group-exchange-sha256',
  'diffie-hellman-group14-sha256',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group18-sha512',
] as const;

const MACS = [
  'hmac-sha2-256-etm@openssh.com',
  'hmac-sha2-512-etm@openssh.com',
  'hmac-sha2-256',
  'hmac-sha2-512',
] as const;

/**
 * What a very old image has besides, for a target that a person marked as one: SHA-1 and CBC, after everything else.
 * Group 1 (1024 bits), 3DES and DSA are older than any ChromeOS with Crostini.
 */
const OLD = {
  kex: ['diffie-hellman-group-exchange-sha1', 'diffie-hellman-group14-sha1'],
  cipher: ['aes128-cbc', 'aes192-cbc', 'aes256-cbc'],
  hmac: ['hmac-sha1-etm@openssh.com', 'hmac-sha1'],
  serverHostKey: ['ssh-rsa'],
} as const;

/** How long a peer that has ended its side may take to read what waits for it, in ms. */
const END_GRACE_MS = 5_000;

/** Questions without an answer after which a peer is dead; DEADLINES.keepalive is the time between them. */
const KEEPALIVE_COUNT = 4;

/** Longest text of an error that is kept, in characters: a part of it may be the server's, up to a packet. */
const ERROR_MAX = 1000;

/** Errors after which ssh2 goes on: a key that does not sign, and no way left to log in, which it ends by itself. */
const GOES_ON: readonly unknown[] = ['agent', 'client-authentication'];

/** Signature names of each key type; an RSA key signs with SHA-2 only. */
const HOST_KEY_ALGORITHMS = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
} as const;

type KeyType = keyof typeof HOST_KEY_ALGORITHMS;

function isKeyType(type: string): type is KeyType {
  return Object.hasOwn(HOST_KEY_ALGORITHMS, type);
}

/**
 * Starts the protocol on an open stream. Events: `handshake` (the host key is accepted), `ready`, `error`, `close`.
 * ssh2's own deadline is off: it would count the time a person takes to type a password.
 *
 * @param nextStep asked for each authentication request, with the methods the server still takes (null at first)
 * @param onRound told of each round of questions before it is answered; false: it is not
 * @param onError every error; with a level of `agent` or after a failed signature ssh2 goes on with the next step
 */
export function startClient(options: {
  readonly stream: Duplex;
  readonly user: string;
  readonly keyTypes: readonly string[];
  /** Whether SHA-1 and CBC will do. */
  readonly oldAlgorithms: boolean;
  /** Between two questions whether the peer is still there, in ms. */
  readonly keepalive: number;
  /** What its channels may have on their way. */
  readonly windows: Windows;
  readonly verifyHostKey: (blob: Buffer) => boolean;
  readonly nextStep: (methodsLeft: readonly string[] | null, partialSuccess: boolean) => Promise<AuthStep>;
  readonly onRound: () => boolean;
  readonly onError: (error: Error & { level?: string }) => void;
}): SshClient {
  const client = new ssh2.Client();
  const old = options.oldAlgorithms ? OLD : null;
  let answer: LoginAnswer | undefined;
  // One client without a listener would end every session of the process (web-terminals.md section 2).
  client.on('error', (error: Error & { level?: string }) => {
    error.message = plainText(error.message, ERROR_MAX);
    options.onError(error);
    // ssh2 waits for the server to close, and fails again at whatever that sends instead.
    if (!GOES_ON.includes(error.level)) options.stream.destroy();
  });
  client.connect({
    sock: options.stream,
    username: options.user,
    readyTimeout: 0,
    keepaliveInterval: options.keepalive,
    keepaliveCountMax: KEEPALIVE_COUNT,
    algorithms: {
      kex: [...KEY_EXCHANGES, ...(old?.kex ?? [])],
      cipher: [...CIPHERS, ...(old?.cipher ?? [])],
      hmac: [...MACS, ...(old?.hmac ?? [])],
      compress: ['none'],
      serverHostKey: [
        ...options.keyTypes.filter(isKeyType).flatMap((type) => [...HOST_KEY_ALGORITHMS[type]]),
        ...(old?.serverHostKey ?? []),
      ],
    },
    hostVerifier: (blob: Buffer) => options.verifyHostKey(blob),
    authHandler: (_left, _partial, next) => {
      options.nextStep(answer?.methodsLeft ?? null, answer?.partialSuccess === true).then(
        (step) => next(authMethod(client, options.user, step)),
        (error: unknown) => {
          options.onError(error instanceof Error ? error : new Error(String(error)));
          next(NO_MORE);
        },
      );
    },
  });
  watchAnswers(client, (next) => (answer = next));
  boundLogin(client, options.onRound);
  endOnDisconnect(client, options.stream);
  containChannels(client);
  readIdentification(client);
  const end = (reason: string) => (): void => {
    if (options.stream.destroyed) return;
    client.emit('error', new Error(reason));
    options.stream.destroy();
  };
  new Outbox(client, options.stream, end('it asks for more than it reads: 4 MiB wait to be sent'));
  // A peer that has ended its side and reads nothing would keep what waits for ever: ssh2 asks only readable ones.
  options.stream.once('end', () => setTimeout(() => options.stream.destroy(), END_GRACE_MS).unref());
  boundChannels(client, options.windows);
  boundRequests(client, end('it made more requests than an SSH server has to'));
  takeTurns(client, options.stream);
  return client;
}

/** ssh2 takes `false` as "no more methods"; its types do not say so. */
const NO_MORE = false as unknown as AuthenticationType;

function authMethod(client: SshClient, username: string, step: AuthStep): AnyAuthMethod | AuthenticationType {
  switch (step?.method) {
    case undefined:
      return NO_MORE;
    case 'none':
      return { type: 'none', username };
    case 'key':
      return { type: 'agent', username, agent: new SignerAgent(client, step.signer) };
    case 'password':
      return { type: 'password', username, password: step.password };
    case 'questions':
      return {
        type: 'keyboard-interactive',
        username,
        prompt: (name, instructions, _language, prompts, finish) => {
          const questions = prompts.map(({ prompt, echo }) => ({ text: prompt, echo: echo === true }));
          step.answer({ name, instructions, questions }).then(
            (answers) => finish([...answers]),
            () => finish([]),
          );
        },
      };
  }
}

/** ssh2 knows "agent" as the one method that signs asynchronously, so every key is offered as an agent of one key. */
class SignerAgent extends ssh2.BaseAgent<ParsedKey> {
  readonly #client: SshClient;
  readonly #signer: Signer;

  constructor(client: SshClient, signer: Signer) {
    super();
    this.#client = client;
    this.#signer = signer;
  }

  override getIdentities(callback: IdentityCallback<ParsedKey>): void {
    const { publicKey, certificate } = this.#signer;
    callback(null, [certificate ? certifiedKey(publicKey, certificate) : publicKey]);
  }

  /** ssh2 leaves out the options in older calls; both forms are part of its interface. */
  override sign(
    _key: unknown,
    data: Buffer,
    optionsOrCallback: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ): void {
    const options = typeof optionsOrCallback === 'function' ? {} : optionsOrCallback;
    const done = typeof optionsOrCallback === 'function' ? optionsOrCallback : callback;
    const { certificate } = this.#signer;
    this.#signer.sign(data, certificate ? certificate.hash : options.hash).then(
      (signature) => {
        if (!certificate) return done?.(null, signature);
        withSignatureNamed(this.#client, certificate, () =>
          done?.(null, signatureAsSent(this.#signer.publicKey, signature)),
        );
      },
      (error: unknown) => done?.(error instanceof Error ? error : new Error(String(error))),
    );
  }
}

/** A key that ssh2 sends as its certificate: it asks a key for its type, which becomes the algorithm, and its blob. */
function certifiedKey(key: SshKey, certificate: Certificate): SshKey {
  return Object.create(key, {
    type: { value: certificate.algorithm },
    getPublicSSH: { value: () => certificate.blob },
  }) as SshKey;
}

/** Signs with a private key at hand. */
export function signWithKey(key: SshKey, data: Buffer, hash: SignHash): Buffer {
  const signature: unknown = key.sign(data, hash);
  // ssh2 returns its errors here; the types say it does not.
  if (!Buffer.isBuffer(signature)) throw new Error('the key cannot sign');
  return signature;
}

/** A key file's text, or a blob, as a key; an Error says why not. Never throws. */
export function parseKey(data: Buffer | string, passphrase?: string): SshKey | Error {
  try {
    const key: SshKey | SshKey[] | Error = ssh2.utils.parseKey(data, passphrase);
    // The OpenSSH format may hold several keys; ssh-keygen writes one.
    return Array.isArray(key) ? ((key[0] as SshKey | undefined) ?? new Error('no key in it')) : key;
  } catch {
    return new Error('not a key');
  }
}

/** Asks for a session that runs `command`, or the login shell. Calls back once, synchronously with the server's answer. */
export function openSession(
  client: SshClient,
  command: string | null,
  pty: Pty | null,
  callback: (error: Error | undefined, channel?: SshChannel) => void,
): void {
  const window = pty && { term: pty.term, cols: pty.columns, rows: pty.rows, width: 0, height: 0 };
  try {
    withWindow(client, pty ? WINDOW.terminal : WINDOW.stream, () => {
      if (command !== null) client.exec(command, window ? { pty: window } : {}, callback);
      else client.shell(window ?? false, callback);
    });
  } catch (error) {
    // ssh2 throws when its socket is gone.
    callback(error instanceof Error ? error : new Error(String(error)));
  }
}

/**
 * Opens a channel to `host:port` as seen from the server (`direct-tcpip`), and resolves to what `use` makes of it. That is
 * called in the turn of its confirmation, for its end may come in the same packet.
 */
export function openForward<Use>(
  client: SshClient,
  host: string,
  port: number,
  use: (channel: SshChannel) => Use,
): Promise<Use> {
  return new Promise((resolve, reject) => {
    withWindow(client, WINDOW.stream, () =>
      client.forwardOut('127.0.0.1', 0, host, port, (error, channel) =>
        error ? reject(error) : resolve(use(channel)),
      ),
    );
  });
}

/** The server does not forward at all, or not there, whatever listens (RFC 4254 section 5.1: 1, prohibited). */
export function isProhibited(error: Error): boolean {
  return 'reason' in error && error.reason === 1;
}
