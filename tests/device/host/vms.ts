import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { DeviceConfig } from '../config.ts';
import { PATHS } from './paths.ts';
import { encodeVmName } from './vm-log.ts';
import type { Vm, Vms } from './world.ts';

/** Dynamic context ids start here and only go up while concierge lives (chromeos-facts.md section 6). */
const FIRST_CID = 32;

/** How long a VM and its container may take. With LXD it is 1.5 s. */
const START_MAX_MS = 60_000;
const POLL_MS = 10;

/** A console line without an end is cut here. */
const CONSOLE_LINE_MAX = 64 * 1024;

/** The size of a disk that has never been used, sparse. */
const DISK_BYTES = 10 * 1024 ** 3;

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
  readonly #onConsole: (vm: string, cid: number, line: Buffer) => void;
  readonly #running = new Map<string, RunningVm>();
  #nextCid = FIRST_CID;

  /**
   * @param owner hash of the user who is signed in
   * @param onConsole gets each line of a VM's console
   */
  constructor(
    config: DeviceConfig,
    owner: () => string | null,
    onConsole: (vm: string, cid: number, line: Buffer) => void,
  ) {
    this.#config = config;
    this.#owner = owner;
    this.#onConsole = onConsole;
  }

  /** concierge is another process: it counts from the start. */
  restartCounting(): void {
    this.#nextCid = FIRST_CID;
  }

  list(): readonly Vm[] {
    const owner = this.#owner();
    if (owner === null) return [];
    const disk = join(PATHS.daemonStore, owner, `${encodeVmName('termina')}.img`);
    if (!existsSync(disk)) {
      writeFileSync(disk, '', { mode: 0o600 });
      truncateSync(disk, DISK_BYTES);
    }
    const running = this.#running.get('termina');
    return [
      {
        name: 'termina',
        sizeBytes: statSync(disk).size,
        state: running?.state ?? 'stopped',
        cid: running?.cid ?? null,
        containers: running ? this.#containers('termina') : [],
      },
    ];
  }

  async start(name: string): Promise<{ readonly ok: true } | { readonly error: string }> {
    if (this.#owner() === null) return { error: 'nobody is signed in' };
    if (!this.#config.terminaDlc)
      return {
        error: 'DLC service failed to install module `termina-dlc`: org.chromium.DlcServiceInterface.INVALID_DLC',
      };
    if (name !== 'termina') return { error: `there is no disk for ${name}` };
    if (this.#running.get(name)?.state === 'running') return { ok: true };
    if (this.#running.has(name)) return { error: `${name} is starting` };
    mkdirSync(PATHS.vms, { recursive: true });
    const process = spawn(join(PATHS.library, 'start-vm'), [name], { stdio: ['ignore', 'pipe', 'pipe'] });
    const vm: RunningVm = { process, cid: this.#nextCid++, state: 'starting', lastLine: '' };
    this.#running.set(name, vm);
    for (const stream of [process.stdout, process.stderr])
      readLines(stream, (line) => {
        vm.lastLine = line.toString('utf8');
        this.#onConsole(name, vm.cid, line);
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

/** Hands out a stream's lines, without their ends. */
function readLines(stream: NodeJS.ReadableStream, onLine: (line: Buffer) => void): void {
  let rest = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      onLine(rest.subarray(0, end));
      rest = rest.subarray(end + 1);
    }
    if (rest.length <= CONSOLE_LINE_MAX) return;
    onLine(rest);
    rest = Buffer.alloc(0);
  });
}
