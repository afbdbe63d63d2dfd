import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { Cable } from './cable.ts';
import { inCgroups } from './cgroups.ts';
import type { DeviceConfig } from './config.ts';
import { type ActionAnswer, serveActions } from './control.ts';
import { layOut, makeHostKey } from './layout.ts';
import { parseLinkQuality } from './link-quality.ts';
import { childOf, enterDevice, enterFresh, enterPlain, family } from './namespaces.ts';
import { freePort } from './port.ts';
import { removeRemains } from './remains.ts';
import { run } from './run.ts';
import { SlowPort } from './slow-port.ts';
import {
  type DeviceRecord,
  closedFolder,
  deviceFiles,
  deviceId,
  makeDevicesDirectory,
  processIdentity,
} from './state.ts';

/** How long a boot may take before it counts as failed. It takes 0.5 s. */
const BOOT_MAX_MS = 20_000;

/** How long an orderly end may take before the rest is killed: VMs are shut down in it. */
const HALT_MAX_MS = 40_000;

/** How long the processes of a device may take to be gone once they are killed. */
const DIE_MAX_MS = 10_000;

/** Init's exit code when it is to be booted again (boot/init.sh). */
const REBOOT = 64;

/** Programs of the device that are actions of the rig. */
const PROGRAM_OF: Readonly<Record<string, string>> = {
  signin: 'device-signin',
  signout: 'device-signout',
  guest: 'device-guest',
  rotate: 'device-rotate',
  burst: 'device-burst',
  vmc: 'vmc',
};

/**
 * Owns one device: its processes die with this one, and its files, cgroups and cable are removed by `close`. The
 * namespaces have no names: with the last process of the device they are gone, mounts and network included.
 */
export class Keeper {
  readonly #config: DeviceConfig;
  readonly #cable: Cable | null;
  readonly #at: { host: string; port: number };
  readonly #files: ReturnType<typeof deviceFiles>;
  #unshare: ChildProcess | null = null;
  #init: number | null = null;
  #server: Server | null = null;
  #slowPort: SlowPort | null = null;
  #closing = false;
  /** One action at a time. */
  #queue: Promise<unknown> = Promise.resolve();
  /** Set while an action ends the device itself. */
  #expected = false;

  private constructor(config: DeviceConfig, cable: Cable | null, at: { host: string; port: number }) {
    this.#config = config;
    this.#cable = cable;
    this.#at = at;
    this.#files = deviceFiles(config.name);
  }

  /**
   * Makes and boots a device. Throws, and leaves nothing, if that fails.
   * @param image what is /mnt/stateful in its termina; null for tier 1
   */
  static async start(config: DeviceConfig, image: string | null): Promise<Keeper> {
    makeDevicesDirectory();
    const { directory } = deviceFiles(config.name);
    try {
      mkdirSync(directory, { mode: 0o711 });
    } catch {
      throw new Error(
        `A device "${config.name}" is there already: "npm run device -- down ${config.name}" removes it.`,
      );
    }
    let keeper: Keeper | undefined;
    try {
      const closed = config.tier === 1 && !config.plain ? closedFolder() : undefined;
      if (closed !== undefined)
        throw new Error(
          `${closed} is closed to other accounts, and root of the device is one: set TMPDIR to a folder that they may enter, such as /tmp.`,
        );
      const cable = config.tier === 2 ? await Cable.claim(deviceId(config.name)) : null;
      const at = cable ? { host: cable.address, port: 22 } : { host: '127.0.0.1', port: await freePort() };
      keeper = new Keeper(config, cable, at);
      const record: DeviceRecord = {
        ...at,
        user: config.plain ? userInfo().username : 'root',
        name: config.name,
        tier: config.tier,
        isPlain: config.plain,
        arch: config.arch,
        keeper: processIdentity(process.pid) ?? '',
        cable: cable?.name ?? null,
      };
      writeFileSync(keeper.#files.record, JSON.stringify(record));
      await layOut(config, at, image);
      await keeper.#boot();
      const signIn = await keeper.#act('signin', []);
      if (!signIn.ok) throw new Error(signIn.error);
      const made = keeper;
      made.#server = await serveActions(config.name, (action, args) => made.act(action, args));
      return made;
    } catch (error) {
      await (keeper ? keeper.close() : removeRemains(config.name));
      throw error;
    }
  }

  /** Does one of the actions, after those before it. */
  act(action: string, args: readonly string[]): Promise<ActionAnswer> {
    const result = this.#queue.then(() => this.#act(action, args));
    this.#queue = result.catch(() => undefined);
    return result;
  }

  /** Ends the device and removes everything of it. Safe to call twice. */
  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    this.#server?.close();
    this.#slowPort?.close();
    await this.#kill();
    await this.#cable?.destroy();
    await removeRemains(this.#config.name);
  }

  async #act(action: string, args: readonly string[]): Promise<ActionAnswer> {
    const seconds = Number(args[0] ?? '1');
    const program = PROGRAM_OF[action];
    if (action === 'vmc' && opensShell(args))
      return failed(
        `"vmc ${args.join(' ')}" opens a shell, and nobody could type into it here: npm run device -- ssh ${this.#config.name} -t vmc ${args.join(' ')}`,
      );
    if (program !== undefined) return this.#run([program, ...args]);
    switch (action) {
      case 'reboot':
      case 'crash': {
        if (!(seconds >= 0 && seconds <= 600))
          return failed(`${action} takes the seconds that the device is off, up to 600, not "${args[0]}".`);
        if (action === 'crash' && !this.#cable) return noCable('crash');
        await (action === 'crash' ? this.#crash() : this.#halt());
        await delay(seconds * 1000);
        await this.#boot();
        return done(`${this.#config.name} is up again`);
      }
      case 'reflash':
        await this.#halt();
        await makeHostKey(this.#config.name, this.#at);
        await this.#boot();
        return done('it has another host key now');
      case 'cut':
      case 'plug':
        if (!this.#cable) return noCable(action);
        await this.#cable[action]();
        return done(action === 'cut' ? 'no packet passes; "plug" ends it' : 'the link is up');
      case 'link':
        return this.#setLink(args);
      default:
        return failed(`There is no action "${action}".`);
    }
  }

  /** A bad link. Where the kernel has no delay of its own, the delayed device is behind a port of 127.0.0.1. */
  async #setLink(args: readonly string[]): Promise<ActionAnswer> {
    const quality = parseLinkQuality(args);
    if ('problem' in quality) return failed(quality.problem);
    this.#slowPort?.close();
    this.#slowPort = null;
    const { delayMs = 0, ...rest } = quality;
    if (!this.#cable && Object.keys(rest).length > 0) return noCable('link');
    let problem = await this.#cable?.setQuality(quality);
    let slow = '';
    if (delayMs > 0 && (!this.#cable || problem?.includes('sch_netem'))) {
      problem = await this.#cable?.setQuality(rest);
      this.#slowPort = await SlowPort.open(this.#at, delayMs);
      slow = `; the delay is on 127.0.0.1:${this.#slowPort.port}, because this kernel has none for a link`;
    }
    if (problem !== undefined) return failed(problem);
    return done(args.length > 0 ? `${args.join(' ')}${slow}` : 'the link is good again');
  }

  async #run(argv: readonly string[]): Promise<ActionAnswer> {
    if (this.#init === null) return failed('The device is off.');
    const { tier, plain } = this.#config;
    const command = plain ? enterPlain(this.#files.plainRoot, argv) : enterDevice(tier, this.#init, argv);
    const { code, stdout, stderr } = await run(command);
    return code === 0
      ? done(stdout.trimEnd())
      : failed(stderr.trim() || `${argv.join(' ')} ended with ${code ?? 'a signal'}`);
  }

  async #boot(): Promise<void> {
    const { tier, name, plain } = this.#config;
    const script = (file: string) => ['/bin/bash', join(this.#files.library, file), this.#files.directory];
    const argv = plain
      ? ['setpriv', '--pdeathsig', 'KILL', ...script('plain.sh')]
      : enterFresh({ tier }, script('device.sh'));
    const [program = '', ...args] = tier === 2 ? inCgroups(name, argv) : argv;
    const log = openSync(this.#files.log, 'a');
    // As boot/device.sh wants them: what it says to, the host key, node.
    const open = [this.#files.hostKey, process.execPath].map((path) => openSync(path, 'r'));
    const child = spawn(program, args, {
      stdio: ['ignore', log, log, 'pipe', ...open],
      env: { PATH: process.env['PATH'] ?? '' },
    });
    for (const descriptor of [log, ...open]) closeSync(descriptor);
    this.#unshare = child;
    this.#expected = false;
    const status = child.stdio[3];
    if (!(status instanceof Readable)) throw new Error('The third descriptor of a device is a pipe.');
    const [outcome] = (await Promise.race([
      once(createInterface({ input: status }), 'line'),
      once(child, 'exit').then(() => ['its init ended']),
      delay(BOOT_MAX_MS, ['it took too long'], { ref: false }),
    ])) as [string];
    status.destroy();
    if (outcome !== 'up') {
      const log = readFileSync(this.#files.log, 'utf8').trim().split('\n').slice(-5).join('\n');
      throw new Error(`The device did not boot (${outcome}):\n${log}`);
    }
    this.#init = (child.pid !== undefined && (plain ? child.pid : childOf(child.pid))) || null;
    child.on('exit', (code) => this.#onEnd(child, code));
    if (this.#init !== null) await this.#cable?.plugInto(this.#init);
  }

  /** The device ended by itself: after `reboot` on it, it comes back. */
  #onEnd(child: ChildProcess, code: number | null): void {
    if (child !== this.#unshare || this.#expected || this.#closing) return;
    const next = this.#queue.then(async () => {
      await this.#cable?.pullOut();
      this.#init = null;
      if (code === REBOOT) await this.#boot();
    });
    this.#queue = next.catch((error: unknown) => console.error(error));
  }

  /** In order: connections are closed while the link is up. */
  async #halt(): Promise<void> {
    this.#expected = true;
    if (this.#init !== null && this.#unshare?.exitCode === null) {
      const ended = once(this.#unshare, 'exit');
      process.kill(this.#init, 'SIGTERM');
      await Promise.race([ended, delay(HALT_MAX_MS, undefined, { ref: false })]);
    }
    await this.#kill();
    await this.#cable?.pullOut();
  }

  /** A power cut: the cable is out before anything dies, so nobody hears of it. */
  async #crash(): Promise<void> {
    this.#expected = true;
    await this.#cable?.pullOut();
    await this.#kill();
  }

  /** Kills what is left of the device, and waits until it is gone, or the kernel has had time enough. */
  async #kill(): Promise<void> {
    const child = this.#unshare;
    this.#init = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    // Without namespaces the kernel ends only what was told to die with its parent: the rest is gathered before.
    const others =
      this.#config.plain && child.pid !== undefined ? family(child.pid).filter((pid) => pid !== child.pid) : [];
    child.kill('SIGKILL');
    for (const pid of others) killIfThere(pid);
    await Promise.race([ended, delay(DIE_MAX_MS, undefined, { ref: false })]);
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It died with its parent.
  }
}

const done = (text: string): ActionAnswer => ({ ok: true, text });
const failed = (error: string): ActionAnswer => ({ ok: false, error });
const noCable = (action: string): ActionAnswer =>
  failed(
    `"${action}" needs a device with a network of its own, which only root can make: npm run device -- up NAME --tier 2`,
  );

/** Whether vmc would go on as a shell (chromeos-facts.md section 2.4). */
const opensShell = ([command, ...args]: readonly string[]): boolean =>
  command === 'container' || (command === 'start' && !args.includes('--no-shell') && args.length > 0);
