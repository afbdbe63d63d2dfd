import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fingerprint, freePort, makeKey, type KeyType } from './openssh.ts';

const run = promisify(execFile);

export interface SshdOptions {
  /** Public key lines that may log in, besides the rig's own `keyFile`. */
  readonly authorizedKeys?: readonly string[];
  /** Whether `keyFile` may log in. Default true. */
  readonly acceptKeyFile?: boolean;
  /** Default false. Without PAM the real sshd then asks for, and refuses, every password of a locked account. */
  readonly passwordAuthentication?: boolean;
  /** Default: ed25519 only. */
  readonly hostKeyTypes?: readonly KeyType[];
  /** Who logs in: the account that runs the tests, or, where that is root, an ordinary one. Default: `own`. */
  readonly account?: Account;
  /** More lines of sshd_config; the first value of a keyword wins, and these come first. */
  readonly config?: readonly string[];
}

export type Account = 'own' | 'ordinary';

/** The kinds of account that a server of this machine can have; root needs a mount namespace for an ordinary one. */
export const ACCOUNTS: readonly Account[] =
  process.getuid?.() === 0 && spawnSync('unshare', ['--mount', 'true']).status === 0 ? ['own', 'ordinary'] : ['own'];

/** The ordinary account, which only the server's own mount namespace knows. */
const ORDINARY = { name: 'workbench', id: 47_117 };

/** A private OpenSSH server on 127.0.0.1, in a directory of its own. Whoever started it stops it. */
export interface Sshd {
  readonly host: '127.0.0.1';
  readonly port: number;
  /** Who logs in: the account that runs the tests. */
  readonly user: string;
  /** `user@127.0.0.1:port`. */
  readonly address: string;
  /** A private key that may log in. */
  readonly keyFile: string;
  /** Its temporary directory, removed by `stop`. */
  readonly directory: string;
  /** One known_hosts line for each host key, with a line end. Of the present keys: see `reflash`. */
  readonly knownHostsLine: string;
  /** `SHA256:…` of the first host key. */
  readonly hostKeyFingerprint: string;
  /** What sshd has logged since the start (`-e`, LogLevel VERBOSE). */
  log(): string;
  /** Number of connections it has accepted. */
  connectionCount(): number;
  /** Resolves when the log matches. Fails with the log after 20 s. */
  waitForLog(pattern: RegExp): Promise<void>;
  /** Restarts on the same port with other host keys, as a device does that was flashed. */
  reflash(): Promise<void>;
  /** Stops every connection as it is, as a device that hangs; new ones are served. Gives what lets them go on. */
  freezeConnections(): Promise<() => void>;
  /** Kills every connection, and none of the commands that it runs: as when the network goes. */
  breakConnections(): Promise<void>;
  /** Kills every connection with what it runs, as a device that loses its power; the server goes on listening. */
  dropConnections(): Promise<void>;
  /** Ends the server and its connections, and removes its directory. Safe to call twice. */
  stop(): Promise<void>;
}

const MISSING = 'This test needs a real SSH server: install it with "apt-get install openssh-server".';

const LOG_WAIT_MS = 20_000;

/**
 * Runs sshd below a shell that kills it when its stdin ends: also when the tests are killed themselves, no server
 * stays behind. Arguments: the program and its own.
 */
const WATCHDOG = 'exec 3<&0; "$@" 3<&- & p=$!; { read -r x <&3; kill -9 $p; } 2>/dev/null & wait $p';

/** Starts a server, as root or as an ordinary user. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const program = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/usr/lib/ssh/sshd'].find((path) => existsSync(path));
  if (!program) throw new Error(MISSING);
  // The directory of privilege separation; an ordinary user's sshd does not use it.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const server = new Server(program, await mkdtemp(join(tmpdir(), 'sshd-')), await freePort(), options);
  try {
    await server.prepare();
    await server.start();
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

class Server implements Sshd {
  readonly host = '127.0.0.1';
  readonly user: string;
  readonly port: number;
  readonly directory: string;
  readonly keyFile: string;
  knownHostsLine = '';
  hostKeyFingerprint = '';
  readonly #program: string;
  readonly #options: SshdOptions;
  readonly #hostKeyTypes: readonly KeyType[];
  #process: ChildProcess | null = null;
  #log = '';
  readonly #watchers = new Set<() => void>();

  constructor(program: string, directory: string, port: number, options: SshdOptions) {
    this.#program = program;
    this.directory = directory;
    this.port = port;
    this.#options = options;
    this.user = options.account === 'ordinary' ? ORDINARY.name : userInfo().username;
    this.#hostKeyTypes = options.hostKeyTypes ?? ['ed25519'];
    this.keyFile = join(directory, 'id_test');
  }

  get address(): string {
    return `${this.user}@${this.host}:${this.port}`;
  }

  async prepare(): Promise<void> {
    const { authorizedKeys = [], acceptKeyFile = true, passwordAuthentication = false, config = [] } = this.#options;
    const own = await makeKey(this.keyFile);
    await writeFile(
      join(this.directory, 'authorized_keys'),
      [...(acceptKeyFile ? [own] : []), ...authorizedKeys, ''].join('\n'),
    );
    await this.#makeHostKeys();
    const lines = [
      ...config,
      `ListenAddress ${this.host}:${this.port}`,
      ...this.#hostKeyTypes.map((type) => `HostKey ${this.#hostKeyFile(type)}`),
      `AuthorizedKeysFile ${join(this.directory, 'authorized_keys')}`,
      `PasswordAuthentication ${passwordAuthentication ? 'yes' : 'no'}`,
      'KbdInteractiveAuthentication no',
      'PermitRootLogin yes',
      'UsePAM no',
      'UseDNS no',
      'StrictModes no',
      'PidFile none',
      'PrintMotd no',
      'PrintLastLog no',
      'MaxStartups 100',
      'LogLevel VERBOSE',
      // Commands must not depend on the rc files of whoever runs the tests.
      `SetEnv HOME=${this.directory}`,
    ];
    await writeFile(this.#configFile, `${lines.join('\n')}\n`);
    if (this.user !== ORDINARY.name) return;
    const { name, id } = ORDINARY;
    const accounts = await readFile('/etc/passwd', 'utf8');
    await writeFile(this.#accountsFile, `${accounts}${name}:*:${id}:${id}::${this.directory}:/bin/sh\n`);
    await chmod(this.directory, 0o755);
  }

  get #accountsFile(): string {
    return join(this.directory, 'passwd');
  }

  get #configFile(): string {
    return join(this.directory, 'sshd_config');
  }

  #hostKeyFile(type: KeyType): string {
    return join(this.directory, `host_${type}`);
  }

  async #makeHostKeys(): Promise<void> {
    const lines: string[] = [];
    for (const type of this.#hostKeyTypes) {
      const file = this.#hostKeyFile(type);
      await rm(file, { force: true });
      await rm(`${file}.pub`, { force: true });
      const [keyType, base64] = (await makeKey(file, { type })).split(' ');
      lines.push(`[${this.host}]:${this.port} ${keyType} ${base64}\n`);
    }
    this.knownHostsLine = lines.join('');
    this.hostKeyFingerprint = await fingerprint(this.#hostKeyFile(this.#hostKeyTypes[0] ?? 'ed25519'));
  }

  async start(): Promise<void> {
    const seen = this.#log.length;
    const server = [this.#program, '-D', '-e', '-f', this.#configFile];
    const inside = ['unshare', '--mount', 'sh', '-c', 'mount --bind "$0" /etc/passwd && exec "$@"', this.#accountsFile];
    const command = this.user === ORDINARY.name ? [...inside, ...server] : server;
    const child = spawn('sh', ['-c', WATCHDOG, 'sh', ...command], { stdio: ['pipe', 'ignore', 'pipe'] });
    this.#process = child;
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#log += text;
      for (const watcher of this.#watchers) watcher();
    });
    const listening = this.#waitFor(() => this.#log.slice(seen).includes('Server listening on'), 'Server listening on');
    const failed = once(child, 'exit').then(() =>
      Promise.reject(new Error(`sshd did not start:\n${this.#log.slice(seen)}`)),
    );
    // The one that loses the race may still fail.
    listening.catch(() => undefined);
    failed.catch(() => undefined);
    await Promise.race([listening, failed]);
  }

  log(): string {
    return this.#log;
  }

  connectionCount(): number {
    return this.#log.match(/^Connection from /gm)?.length ?? 0;
  }

  waitForLog(pattern: RegExp): Promise<void> {
    return this.#waitFor(() => pattern.test(this.#log), String(pattern));
  }

  #waitFor(condition: () => boolean, name: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const watcher = () => {
        if (!condition()) return;
        clearTimeout(timer);
        this.#watchers.delete(watcher);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#watchers.delete(watcher);
        reject(new Error(`sshd never logged ${name}; its log:\n${this.#log}`));
      }, LOG_WAIT_MS);
      this.#watchers.add(watcher);
      watcher();
    });
  }

  async reflash(): Promise<void> {
    await this.#end();
    await this.#makeHostKeys();
    await this.start();
  }

  async dropConnections(): Promise<void> {
    signalAll(await this.#connections(), 'SIGKILL');
  }

  async breakConnections(): Promise<void> {
    const { stdout } = await run('ps', ['-o', 'pid=,comm=', '-p', (await this.#connections()).join()]);
    const servers = stdout.split('\n').filter((line) => /\d sshd/.test(line));
    signalAll(
      servers.map((line) => Number.parseInt(line, 10)),
      'SIGKILL',
    );
  }

  async freezeConnections(): Promise<() => void> {
    const pids = await this.#connections();
    signalAll(pids, 'SIGSTOP');
    return () => signalAll(pids, 'SIGCONT');
  }

  /** All processes of its connections, with the commands that they run. */
  async #connections(): Promise<number[]> {
    const shell = this.#process?.pid;
    if (shell === undefined) return [];
    // Below the shell are sshd and the watchdog; below sshd its connections.
    const own = await childrenOf(shell);
    return (await Promise.all(own.map(descendantsOf))).flat();
  }

  async stop(): Promise<void> {
    await this.#end();
    await rm(this.directory, { recursive: true, force: true });
  }

  /** sshd's connections outlive it, so they are killed one by one, by pid. */
  async #end(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    if (child.pid === undefined) return;
    const exited = once(child, 'exit');
    signalAll(await descendantsOf(child.pid), 'SIGKILL');
    child.stdin?.end();
    await exited;
  }
}

async function childrenOf(parent: number): Promise<number[]> {
  return (await processTree()).get(parent) ?? [];
}

/** All processes below a process. */
async function descendantsOf(root: number): Promise<number[]> {
  const tree = await processTree();
  const found: number[] = [];
  const queue = [root];
  for (let pid = queue.shift(); pid !== undefined; pid = queue.shift()) {
    const below = tree.get(pid) ?? [];
    found.push(...below);
    queue.push(...below);
  }
  return found;
}

/** Children by parent, from ps. */
async function processTree(): Promise<Map<number, number[]>> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=']);
  const tree = new Map<number, number[]>();
  for (const line of stdout.trim().split('\n')) {
    const [pid = 0, parent = 0] = line.trim().split(/\s+/).map(Number);
    tree.set(parent, [...(tree.get(parent) ?? []), pid]);
  }
  return tree;
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended by itself.
    }
  }
}
