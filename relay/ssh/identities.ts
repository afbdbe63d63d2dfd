import { join } from 'node:path';
import { agentSigners } from './agent.ts';
import type { Certificate } from './certificate.ts';
import { signWithKey, type Signer, type SshKey } from './client.ts';
import { readCertificateFile, readKeyFile } from './key-file.ts';
import type { Log, SshTransportOptions } from './options.ts';
import type { Ask } from './questions.ts';
import type { Hop } from './resolve.ts';

/** One key to offer. */
export interface Identity {
  /** For a person: a path, or the agent's comment. */
  readonly name: string;
  /** null: not usable after all, such as a passphrase that was not given. `ask` is for passphrases. */
  signer(ask: Ask): Promise<Signer | null>;
}

export interface Identities {
  readonly offered: readonly Identity[];
  /** What was configured and cannot be used, with the reason; part of the message when the login fails. */
  readonly unusable: readonly string[];
}

/** Keys offered to one server at most; an agent with more is cut. Six connections' worth (see authentication.ts). */
const IDENTITIES_MAX = 24;

const PASSPHRASE_TRIES = 3;

/**
 * The keys for one server, each once, in this order: IdentityFile as configured (signed by the agent when it has the
 * key, so no passphrase is asked), the agent's other keys, the default identities, ChromiumOS's testing_rsa. A key's
 * certificate goes right before it: one of CertificateFile, or the file beside it.
 *
 * What is configured goes first because a server gives up after a few keys (MaxAuthTries 6): behind a full agent the
 * right one would never be reached. As in ssh(1), IdentityFile replaces the defaults, and IdentitiesOnly leaves out
 * the agent's other keys (and testing_rsa).
 */
export async function gatherIdentities(hop: Hop, options: SshTransportOptions): Promise<Identities> {
  const gathering = new Gathering(await readAgent(hop, options.environment, options.log));
  for (const path of hop.certificateFiles) await gathering.addCertificate(path, 'configured');
  for (const path of hop.identityFiles ?? []) await gathering.addFile(path, 'configured');

  const only = hop.identitiesOnly;
  if (!only) gathering.addAgent();
  if (hop.identityFiles === null)
    for (const path of defaultIdentities(options.home)) await gathering.addFile(path, 'default');
  if (!(only && hop.identityFiles !== null))
    for (const path of testingKeys(options)) await gathering.addFile(path, 'default');

  for (const reason of gathering.unusable) options.log('warn', { reason }, 'key not usable');
  return { offered: [...gathering.ready, ...gathering.locked].slice(0, IDENTITIES_MAX), unusable: gathering.unusable };
}

type Origin = 'configured' | 'default';

class Gathering {
  readonly ready: Identity[] = [];
  /** Need their passphrase before they can even be offered, so they come last. */
  readonly locked: Identity[] = [];
  readonly unusable: string[] = [];
  readonly #agentKeys: readonly Signer[];
  readonly #certificates: Certificate[] = [];
  readonly #seen = new Set<string>();

  constructor(agentKeys: readonly Signer[]) {
    this.#agentKeys = agentKeys;
  }

  async addCertificate(path: string, origin: Origin): Promise<void> {
    const file = await readCertificateFile(path);
    if (file && 'certificate' in file) this.#certificates.push(file.certificate);
    else if (file) this.unusable.push(`${path}: ${file.reason}`);
    else if (origin === 'configured') this.unusable.push(`${path}: no such file`);
  }

  /** All of the agent's keys. */
  addAgent(): void {
    for (const signer of this.#agentKeys) this.#add(`${signer.publicKey.comment || 'a key'} (agent)`, signer);
  }

  async addFile(path: string, origin: Origin): Promise<void> {
    const configured = origin === 'configured';
    const file = await readKeyFile(path);
    if (file.kind === 'missing') {
      if (configured) this.unusable.push(`${path}: no such file`);
      return;
    }
    if (file.kind === 'unusable') {
      this.unusable.push(`${path}: ${file.reason}`);
      return;
    }
    await this.addCertificate(`${path.replace(/\.pub$/, '')}-cert.pub`, 'default');
    const publicKey = file.kind === 'encrypted' ? file.publicKey : file.key;
    const inAgent =
      publicKey && this.#agentKeys.find((each) => !each.certificate && isSameKey(each.publicKey, publicKey));
    if (inAgent) this.#add(path, inAgent);
    else if (file.kind === 'private') this.#add(path, fileSigner(file.key));
    else if (file.kind === 'public')
      this.unusable.push(`${path}: it is a public key, and the agent has not its private half`);
    // Nobody asked for a default identity: no passphrase is asked for it.
    else if (!configured)
      this.unusable.push(`${path}: it is encrypted; add it with ssh-add, or name it as IdentityFile`);
    else if (!publicKey) this.locked.push({ name: path, signer: (ask) => unlockedSigner(path, file.unlock, ask) });
    else this.#addEach(path, publicKey, (certificate) => lockedIdentity(path, publicKey, certificate, file.unlock));
  }

  #add(name: string, signer: Signer): void {
    // A certificate that the agent has itself.
    if (signer.certificate) {
      if (this.#isNew(signer.certificate.blob)) this.ready.push({ name, signer: () => Promise.resolve(signer) });
      return;
    }
    this.#addEach(name, signer.publicKey, (certificate) => ({
      name,
      signer: () => Promise.resolve({ ...signer, ...(certificate && { certificate }) }),
    }));
  }

  /** The certificates of a key, then the key itself, each if it is new. */
  #addEach(name: string, key: SshKey, identity: (certificate: Certificate | undefined) => Identity): void {
    const blob = key.getPublicSSH();
    for (const certificate of this.#certificates.filter(({ publicKey }) => publicKey.equals(blob)))
      if (this.#isNew(certificate.blob)) this.ready.push({ ...identity(certificate), name: `certificate of ${name}` });
    if (this.#isNew(blob)) this.ready.push(identity(undefined));
  }

  #isNew(blob: Buffer): boolean {
    const text = blob.toString('base64');
    if (this.#seen.has(text)) return false;
    this.#seen.add(text);
    return true;
  }
}

function isSameKey(one: SshKey, other: SshKey): boolean {
  return one.getPublicSSH().equals(other.getPublicSSH());
}

function fileSigner(key: SshKey): Signer {
  // In a then(), so that a failure is a rejection.
  return { publicKey: key, sign: (data, hash) => Promise.resolve().then(() => signWithKey(key, data, hash)) };
}

type Unlock = (passphrase: string) => SshKey | null;

/** Offered by its public half; the passphrase is asked only when the server wants this key. */
function lockedIdentity(
  path: string,
  publicKey: SshKey,
  certificate: Certificate | undefined,
  unlock: Unlock,
): Identity {
  return {
    name: path,
    signer: (ask) =>
      Promise.resolve({
        publicKey,
        ...(certificate && { certificate }),
        sign: async (data, hash) => {
          const key = await askPassphrase(path, unlock, ask);
          if (!key) throw new Error(`${path} was not unlocked`);
          return signWithKey(key, data, hash);
        },
      }),
  };
}

async function unlockedSigner(path: string, unlock: Unlock, ask: Ask): Promise<Signer | null> {
  const key = await askPassphrase(path, unlock, ask);
  return key && fileSigner(key);
}

async function askPassphrase(path: string, unlock: Unlock, ask: Ask): Promise<SshKey | null> {
  for (let tries = 0; tries < PASSPHRASE_TRIES; tries++) {
    const answers = await ask({
      title: path,
      instructions: tries === 0 ? 'This key is encrypted.' : 'That was not its passphrase.',
      questions: [{ text: `Passphrase of ${path}`, echo: false }],
    });
    if (answers === null) return null;
    const key = unlock(answers[0] ?? '');
    if (key) return key;
  }
  return null;
}

async function readAgent(hop: Hop, environment: SshTransportOptions['environment'], log: Log): Promise<Signer[]> {
  const socket = hop.identityAgent === undefined ? environment['SSH_AUTH_SOCK'] : hop.identityAgent;
  if (!socket) return [];
  try {
    return await agentSigners(socket);
  } catch (error) {
    log('warn', { socket, error: String(error) }, 'ssh-agent not usable');
    return [];
  }
}

function defaultIdentities(home: string): string[] {
  return ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => join(home, '.ssh', name));
}

/** Where chromite keeps the key of every test image (chromeos-facts.md section 10). It is public; it protects nothing. */
function testingKeys(options: SshTransportOptions): string[] {
  const { home, environment } = options;
  const roots = [
    ...(options.chromiumosCheckouts ?? []),
    environment['CHROMIUMOS_ROOT'],
    environment['CROS_ROOT'],
    ...['chromiumos', 'chromeos', 'cros'].map((name) => join(home, name)),
  ];
  const checkouts = roots
    .filter((root) => root !== undefined && root !== '')
    .map((root) => join(String(root), 'chromite', 'ssh_keys', 'testing_rsa'));
  return [...new Set([...checkouts, join(home, '.ssh', 'testing_rsa')])];
}
