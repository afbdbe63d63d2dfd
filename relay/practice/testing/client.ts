import ssh2 from 'ssh2';
import type { ClientChannel, PseudoTtyOptions } from 'ssh2';
import { generateHostKey, startPracticeDevice, type PracticeDevice, type PracticeOptions } from '../device.ts';

const hostKey = generateHostKey();

/** A quiet device for tests: its logs grow only by what the test does. */
export function startQuietDevice(options: Partial<PracticeOptions> = {}): Promise<PracticeDevice> {
  return startPracticeDevice({ arch: 'x86_64', hostKey, logIntervalMs: 1e9, ...options });
}

/** What a command left. */
export interface Outcome {
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: string | null;
}

/** A real SSH client, logged in to a practice device. */
export class TestClient {
  readonly ssh: ssh2.Client;

  private constructor(ssh: ssh2.Client) {
    this.ssh = ssh;
  }

  static async connect(port: number): Promise<TestClient> {
    const ssh = new ssh2.Client();
    await new Promise<void>((resolve, reject) => {
      ssh
        .once('ready', resolve)
        .once('error', reject)
        .once('close', () => reject(new Error('closed')));
      ssh.connect({ host: '127.0.0.1', port, username: 'root', password: 'test0000' });
    });
    ssh.on('error', () => undefined);
    ssh.setNoDelay(true);
    return new TestClient(ssh);
  }

  close(): void {
    this.ssh.end();
  }

  /** Starts a command; stdin stays open. */
  start(command: string, pty?: PseudoTtyOptions): Promise<Running> {
    return new Promise((resolve, reject) => {
      this.ssh.exec(command, pty ? { pty } : {}, (error, channel) =>
        error ? reject(error) : resolve(new Running(channel)),
      );
    });
  }

  shell(pty: PseudoTtyOptions = { cols: 80, rows: 24, term: 'xterm-256color' }): Promise<Running> {
    return new Promise((resolve, reject) => {
      this.ssh.shell(pty, (error, channel) => (error ? reject(error) : resolve(new Running(channel))));
    });
  }

  /** Runs a command to its end. */
  async run(command: string, stdin: string | Buffer = ''): Promise<Outcome> {
    const running = await this.start(command);
    running.channel.end(stdin);
    return running.ended;
  }

  /** The stdout of a command, as text. */
  async text(command: string, stdin: string | Buffer = ''): Promise<string> {
    return (await this.run(command, stdin)).stdout.toString('utf8');
  }
}

/** A command that runs. */
export class Running {
  readonly channel: ClientChannel;
  readonly ended: Promise<Outcome>;
  readonly #stdout: Buffer[] = [];
  #stderr = '';
  #taken = 0;
  readonly #watchers = new Set<() => void>();

  constructor(channel: ClientChannel) {
    this.channel = channel;
    let code: number | null = null;
    let signal: string | null = null;
    channel.on('data', (chunk: Buffer) => {
      this.#stdout.push(chunk);
      this.#notify();
    });
    channel.stderr.on('data', (chunk: Buffer) => {
      this.#stderr += chunk.toString('utf8');
      this.#notify();
    });
    channel.on('exit', (given: number | null, name?: string) => {
      code = given;
      signal = name ?? null;
    });
    this.ended = new Promise((resolve) => {
      channel.on('close', () => resolve({ stdout: Buffer.concat(this.#stdout), stderr: this.#stderr, code, signal }));
    });
  }

  get output(): string {
    return Buffer.concat(this.#stdout).toString('utf8');
  }

  get errors(): string {
    return this.#stderr;
  }

  type(text: string): void {
    this.channel.write(text);
  }

  /** Waits until stdout, after what was waited for before, has `wanted`; returns what came up to its end. */
  async see(wanted: string | RegExp): Promise<string> {
    for (;;) {
      const fresh = this.output.slice(this.#taken);
      const match = typeof wanted === 'string' ? fresh.indexOf(wanted) : fresh.search(wanted);
      if (match >= 0) {
        const length = typeof wanted === 'string' ? wanted.length : (wanted.exec(fresh)?.[0].length ?? 0);
        this.#taken += match + length;
        return fresh.slice(0, match + length);
      }
      await this.#change(
        `stdout never had ${String(wanted)}; it has ${JSON.stringify(fresh)}, stderr ${JSON.stringify(this.#stderr)}`,
      );
    }
  }

  async seeError(wanted: string): Promise<void> {
    while (!this.#stderr.includes(wanted)) await this.#change(`stderr never had ${wanted}; it has ${this.#stderr}`);
  }

  #notify(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  #change(complaint: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = () => {
        clearTimeout(timer);
        this.#watchers.delete(done);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#watchers.delete(done);
        reject(new Error(complaint));
      }, 5000);
      this.#watchers.add(done);
    });
  }
}
