import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { DeviceConfig } from '../config.ts';
import { Disks } from './disks.ts';
import { install } from './dlc.ts';
import { PATHS } from './paths.ts';
import { DISK_BYTES } from './vmc-disks.ts';
import type { Disk, Vm, Vms } from './world.ts';

/** Dynamic context ids start here and only go up while concierge lives (chromeos-facts.md section 6). */
const FIRST_CID = 32;

/** How long a VM and its container may take. With LXD it is 1.5 s. */
const START_MAX_MS = 60_000;
const POLL_MS = 10;

/** A console line without an end is cut here. */
const CONSOLE_LINE_MAX = 64 * 1024;

interface RunningVm {
  readonly process: ChildProcess;
  readonly cid: number;
  state: 'starting' | 'running';
  lastLine: string;
}

/** concierge's part: the VMs of the user who is signed in. Each is a `start-vm` of the boot scripts, which ends with it. */
export class ConciergeVms implements Vms {
  readonly #config: DeviceConfig;
  readonly #owner: () => string | null;
  readonly #onConsole: (vm: string, cid: number, lines: readonly Buffer[]) => void;
  readonly #running = new Map<string, RunningVm>();
  #nextCid = FIRST_CID;

  /**
   * @param owner hash of the user who is signed in
   * @param onConsole gets the lines of a VM's console, several at once where they come so
   */
  constructor(
    config: DeviceConfig,
    owner: () => string | null,
    onConsole: (vm: string, cid: number, lines: readonly Buffer[]) => void,
  ) {
    this.#config = config;
    this.#owner = owner;
    this.#onConsole = onConsole;
  }

  /** concierge is another process: it counts from the start. */
  restartCounting(): void {
    this.#nextCid = FIRST_CID;
  }

  /** The disks of the user who is signed in. */
  get #disks(): Disks | null {
    const owner = this.#owner();
    return owner === null ? null : new Disks(join(PATHS.daemonStore, owner));
  }

  /** Makes the disk that Crostini's installation makes, at the first sign-in of a user. */
  installCrostini(): void {
    if (this.#disks?.isFresh()) this.#disks.create('termina', this.#usual);
  }

  get #usual(): Disk {
    return { type: this.#config.vmType, bytes: DISK_BYTES, isSparse: true };
  }

  list(): readonly Vm[] {
    return (this.#disks?.list() ?? []).map(({ name, bytes, isSparse, type }) => {
      const running = this.#running.get(name);
      return {
        name,
        sizeBytes: bytes,
        isSparse,
        type,
        state: running?.state ?? 'stopped',
        cid: running?.cid ?? null,
        containers: running ? this.#containers(name) : [],
      };
    });
  }

  create(name: string, disk: Disk): boolean {
    return this.#disks?.create(name, disk) ?? false;
  }

  async destroy(name: string): Promise<boolean> {
    await this.stop(name);
    return this.#disks?.remove(name) ?? false;
  }

  resize(name: string, bytes: number): boolean {
    return this.#disks?.resize(name, bytes) ?? false;
  }

  async start(name: string): Promise<{ readonly ok: true } | { readonly error: string }> {
    const disks = this.#disks;
    if (!disks) return { error: 'nobody is signed in' };
    if (this.#config.plain) return { error: 'this device has no namespaces to run a VM in' };
    const problem = install(this.#config);
    if (problem !== undefined) return { error: `DLC service failed to install module \`termina-dlc\`: ${problem}` };
    // A VM that has no disk gets one.
    disks.create(name, this.#usual);
    const type = disks.list().find((disk) => disk.name === name)?.type;
    if (type !== this.#config.vmType) return { error: `this device boots ${this.#config.vmType} only` };
    if (this.#running.get(name)?.state === 'running') return { ok: true };
    if (this.#running.has(name)) return { error: `${name} is starting` };
    mkdirSync(PATHS.vms, { recursive: true });
    const process = spawn(join(PATHS.library, 'start-vm'), [name], { stdio: ['ignore', 'pipe', 'pipe'] });
    const vm: RunningVm = { process, cid: this.#nextCid++, state: 'starting', lastLine: '' };
    this.#running.set(name, vm);
    for (const stream of [process.stdout, process.stderr])
      readLines(stream, (lines) => {
        vm.lastLine = lines.at(-1)?.toString('utf8') ?? '';
        this.#onConsole(name, vm.cid, lines);
      });
    process.on('exit', () => this.#running.delete(name));
    for (const begun = Date.now(); Date.now() - begun < START_MAX_MS; await delay(POLL_MS)) {
      if (process.exitCode !== null || process.signalCode !== null) return { error: `the VM ended: ${vm.lastLine}` };
      if (!existsSync(join(PATHS.vms, name, 'pid')) || this.#containers(name).length === 0) continue;
      vm.state = 'running';
      return { ok: true };
    }
    await this.stop(name);
    return { error: `the VM took too long: ${vm.lastLine}` };
  }

  async stop(name: string): Promise<void> {
    const vm = this.#running.get(name);
    if (!vm || vm.process.exitCode !== null) return;
    const ended = once(vm.process, 'exit');
    await new Promise<void>((resolve) => execFile(join(PATHS.library, 'stop-vm'), [name], () => resolve()));
    try {
      process.kill(Number(readFileSync(join(PATHS.vms, name, 'pid'), 'utf8')), 'SIGKILL');
    } catch {
      // It has no init yet, or none any more: then its script is what is left.
      vm.process.kill('SIGTERM');
    }
    await ended;
    rmSync(join(PATHS.vms, name), { recursive: true, force: true });
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((name) => this.stop(name)));
  }

  /** What is up in a VM. A Baguette VM is its own container, by cicerone's pretence (section 7.4). */
  #containers(name: string): string[] {
    if (this.#config.vmType === 'baguette') return existsSync(join(PATHS.vms, name, 'pid')) ? ['penguin'] : [];
    const folder = join(PATHS.vms, name, 'containers');
    return existsSync(folder) ? readdirSync(folder) : [];
  }
}

/** Hands out a stream's lines, without their ends, as many at once as came. */
function readLines(stream: NodeJS.ReadableStream, onLines: (lines: readonly Buffer[]) => void): void {
  let rest = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    const text = Buffer.concat([rest, chunk]);
    const lines: Buffer[] = [];
    let begin = 0;
    for (let end = text.indexOf(10); end >= 0; end = text.indexOf(10, begin)) {
      lines.push(text.subarray(begin, end));
      begin = end + 1;
    }
    rest = text.subarray(begin);
    if (rest.length > CONSOLE_LINE_MAX) {
      lines.push(rest);
      rest = Buffer.alloc(0);
    }
    if (lines.length > 0) onLines(lines);
  });
}
