import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CABLES_MAX, Cable } from './cable.ts';
import { cgroupProcesses, inCgroups, removeCgroups } from './cgroups.ts';
import type { DeviceConfig } from './config.ts';
import { type ActionAnswer, serveActions } from './control.ts';
import { layOut, makeHostKey } from './layout.ts';
import { MAPPED_ROOT, childOf, enterDevice, enterFresh } from './namespaces.ts';
import { freePort } from './port.ts';
import { must, run } from './run.ts';
import { SlowPort } from './slow-port.ts';
import {
  type DeviceRecord,
  claimIndex,
  deviceFiles,
  freeIndex,
  makeDevicesDirectory,
  processIdentity,
  readRecord,
  removeFiles,
} from './state.ts';

/** How long a boot may take before it counts as failed. It takes 0.5 s. */
const BOOT_MAX_MS = 20_000;

/** How long an orderly end may take before the rest is killed: VMs are shut down in it. */
const HALT_MAX_MS = 40_000;

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
    const index = config.tier === 2 ? claimIndex(config.name, CABLES_MAX) : null;
    if (index === undefined) {
      removeFiles(config.name);
      throw new Error(`All ${CABLES_MAX} addresses of devices are taken: end some with "npm run device -- down NAME".`);
    }
    const cable = index === null ? null : new Cable(index);
    const at = cable ? { host: cable.address, port: 22 } : { host: '127.0.0.1', port: await freePort() };
    const keeper = new Keeper(config, cable, at);
    try {
      const record: DeviceRecord = {
        ...at,
        name: config.name,
        tier: config.tier,
        arch: config.arch,
        keeper: processIdentity(process.pid) ?? '',
        index,
      };
      writeFileSync(keeper.#files.record, JSON.stringify(record));
      await layOut(config, at, image);
      await keeper.#giveAway();
      await cable?.make();
      await keeper.#boot();
      const signIn = await keeper.#act('signin', []);
      if (!signIn.ok) throw new Error(signIn.error);
      keeper.#server = await serveActions(config.name, (action, args) => keeper.act(action, args));
      return keeper;
    } catch (error) {
      await keeper.close();
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
        await this.#giveAway();
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
    const quality: Record<string, number> = {};
    const keys: Readonly<Record<string, string>> = { delay: 'delayMs', loss: 'lossPercent', rate: 'rateKbit' };
    for (const arg of args) {
      const [key = '', value = ''] = arg.split('=');
      const name = keys[key];
      if (name === undefined || value === '' || !(Number(value) >= 0))
        return failed(
          `"${arg}" is none of delay=MILLISECONDS, loss=PERCENT, rate=KBIT; without any the link is good again.`,
        );
      quality[name] = Number(value);
    }
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
    const { code, stdout, stderr } = await run(enterDevice(this.#config.tier, this.#init, argv));
    return code === 0
      ? done(stdout.trimEnd())
      : failed(stderr.trim() || `${argv.join(' ')} ended with ${code ?? 'a signal'}`);
  }

  async #boot(): Promise<void> {
    for (const file of [this.#files.boot, this.#files.halt]) rmSync(file, { force: true });
    const { tier, name } = this.#config;
    const argv = enterFresh({ tier }, ['/bin/bash', join(this.#files.library, 'device.sh'), this.#files.directory]);
    const [program = '', ...args] = tier === 2 ? inCgroups(name, argv) : argv;
    const log = openSync(this.#files.log, 'a');
    const child = spawn(program, args, { stdio: ['ignore', log, log], env: { PATH: process.env['PATH'] ?? '' } });
    closeSync(log);
    this.#unshare = child;
    this.#expected = false;
    const ended = once(child, 'exit').then(() => undefined);
    const outcome = await Promise.race([
      this.#whenBooted(),
      ended,
      delay(BOOT_MAX_MS, 'failed: it took too long', { ref: false }),
    ]);
    if (outcome !== 'up') {
      const log = readFileSync(this.#files.log, 'utf8').trim().split('\n').slice(-5).join('\n');
      throw new Error(`The device did not boot (${outcome ?? 'its init ended'}):\n${log}`);
    }
    this.#init = child.pid === undefined ? null : (childOf(child.pid) ?? null);
    if (this.#init !== null) await this.#cable?.plugInto(this.#init);
    child.on('exit', () => this.#onEnd(child));
  }

  /** In a user namespace that root makes, the device's root is another account: what it is to read belongs to that. */
  async #giveAway(): Promise<void> {
    if (this.#config.tier === 1 && userInfo().uid === 0)
      await must(['chown', '-R', `${MAPPED_ROOT}:${MAPPED_ROOT}`, this.#files.directory]);
  }

  /** Resolves with what init says of the boot. */
  #whenBooted(): Promise<string> {
    return new Promise((resolve) => {
      const look = (): void => {
        const text = existsSync(this.#files.boot) ? readFileSync(this.#files.boot, 'utf8') : '';
        if (!text.endsWith('\n')) return;
        watcher.close();
        resolve(text.trim());
      };
      const watcher = watch(this.#files.shared, look);
      look();
    });
  }

  /** The device ended by itself: after `reboot` on it, it comes back. */
  #onEnd(child: ChildProcess): void {
    if (child !== this.#unshare || this.#expected || this.#closing) return;
    const next = this.#queue.then(async () => {
      await this.#cable?.pullOut();
      this.#init = null;
      const wanted = existsSync(this.#files.halt) ? readFileSync(this.#files.halt, 'utf8').trim() : '';
      if (wanted === 'reboot') await this.#boot();
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

  /** Kills what is left of the device, and waits until it is gone. */
  async #kill(): Promise<void> {
    const child = this.#unshare;
    this.#init = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
}

const done = (text: string): ActionAnswer => ({ ok: true, text });
const failed = (error: string): ActionAnswer => ({ ok: false, error });
const noCable = (action: string): ActionAnswer =>
  failed(
    `"${action}" needs a device with a network of its own, which only root can make: npm run device -- up NAME --tier 2`,
  );

/**
 * Removes what a device left behind whose keeper is gone or has ended it: processes, cgroups, cable, files.
 * @returns what there was to remove, for a person
 */
export async function removeRemains(name: string): Promise<string[]> {
  const removed: string[] = [];
  const record = readRecord(name);
  for (let left = cgroupProcesses(name); left.length > 0; left = cgroupProcesses(name)) {
    for (const pid of left) if (processIdentity(pid) !== undefined) process.kill(pid, 'SIGKILL');
    removed.push(`${left.length} processes`);
    await delay(10);
  }
  await removeCgroups(name);
  if (record?.index != null) {
    await new Cable(record.index).destroy();
    freeIndex(record.index);
  }
  if (existsSync(deviceFiles(name).directory)) removed.push('files');
  removeFiles(name);
  return removed;
}
