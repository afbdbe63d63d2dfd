import { closeSync, openSync } from 'node:fs';
import { must, run } from './run.ts';

/*
 * Addresses of RFC 2544, section 2: for tests of network devices, never routed, so they meet no network that this
 * machine is in. A device has no route beyond the cable, and this machine forwards nothing to it or from it.
 */
const addressOf = (index: number, host: 1 | 2): string => `198.18.${index}.${host}`;

/** More devices with a network of their own there cannot be at a time. */
const CABLES_MAX = 64;

/** What can be wrong with a link. */
export interface LinkQuality {
  /** Milliseconds added to each packet of the device. Needs a kernel with sch_netem. */
  readonly delayMs?: number;
  /** Of packets to the device, in percent. */
  readonly lossPercent?: number;
  /** Of what the device sends, in kbit/s. */
  readonly rateKbit?: number;
}

/** Locally administered hardware addresses that name the device: its cable is found by them, and stays the same for the neighbour table. */
const hardwareAddress = (end: 'here' | 'device', id: string): string =>
  ['02', end === 'here' ? 'd1' : 'd0', ...(id.match(/../g) ?? [])].join(':');

/** By which the firewall's rules about a device are found again. */
const commentOf = (id: string): string => `crostini-device-${id}`;

/**
 * The network cable of a device: a veth pair between this machine and the device's network namespace. It outlives the
 * device's boots, so this machine's end keeps its address while the device is off, as with a real one; a cut or a bad
 * link outlives them too.
 */
export class Cable {
  readonly #index: number;
  readonly #id: string;
  /** The network namespace it is plugged into, held open so that it can be pulled out after a death. */
  #namespace: number | null = null;
  #isCut = false;
  #quality: LinkQuality = {};

  private constructor(index: number, id: string) {
    this.#index = index;
    this.#id = id;
  }

  /**
   * Makes a cable with the first address that is free in this network namespace: the kernel gives a name only once, so
   * two devices never share one. Throws if all are taken.
   * @param id eight hexadecimal digits that are the device's own
   */
  static async claim(id: string): Promise<Cable> {
    for (let index = 0; index < CABLES_MAX; index++) {
      const cable = new Cable(index, id);
      const { code, stderr } = await run([
        ...['ip', 'link', 'add', cable.name, 'address', hardwareAddress('here', id), 'type', 'veth'],
        ...['peer', 'name', cable.#loose, 'address', hardwareAddress('device', id)],
      ]);
      if (code !== 0 && stderr.includes('File exists')) continue;
      if (code !== 0) throw new Error(`The cable ${cable.name} could not be made: ${stderr.trim()}`);
      try {
        for (const rule of cable.#noForwarding()) await must(['iptables', '-w', '-I', ...rule]);
        await must(['ip', 'addr', 'add', `${addressOf(index, 1)}/30`, 'dev', cable.name]);
        await must(['ip', 'link', 'set', cable.name, 'up']);
        return cable;
      } catch (error) {
        await cable.destroy();
        throw error;
      }
    }
    throw new Error(`All ${CABLES_MAX} addresses of devices are taken: end some with "npm run device -- down NAME".`);
  }

  /**
   * Removes the cable of a device, whether or not it is known here, and what the firewall knows of it: the kernel takes
   * a link away with its namespace, but no rule.
   * @returns what there was to remove, for a person
   */
  static async remove(id: string): Promise<string[]> {
    const removed: string[] = [];
    const rules = (await run(['iptables', '-w', '-S', 'FORWARD'])).stdout.split('\n');
    for (const rule of rules.filter((line) => line.split(' ').includes(commentOf(id)))) {
      await must(['iptables', '-w', ...rule.replace(/^-A /, '-D ').split(' ')]);
      removed.push('a firewall rule');
    }
    const links = (await run(['ip', '-o', 'link'])).stdout.split('\n');
    const link = links.find((line) => line.includes(` ${hardwareAddress('here', id)} `));
    const name = /^\d+: (\w+)@/.exec(link ?? '')?.[1];
    if (name === undefined) return removed;
    await run(['ip', 'link', 'del', name]);
    return [...removed, `the cable ${name}`];
  }

  /** The device's address. */
  get address(): string {
    return addressOf(this.#index, 2);
  }

  /** This machine's end. */
  get name(): string {
    return `dut${this.#index}`;
  }

  /** The device's end while it is in no device. */
  get #loose(): string {
    return `${this.name}x`;
  }

  /** Firewall rules, as long as the cable is there: where this machine routes for others, the device is not for them. */
  #noForwarding(): string[][] {
    const comment = ['-m', 'comment', '--comment', commentOf(this.#id)];
    return ['-i', '-o'].map((way) => ['FORWARD', way, this.name, ...comment, '-j', 'DROP']);
  }

  /** Plugs it into the network namespace of a process, cut or bad as it was before. */
  async plugInto(pid: number): Promise<void> {
    this.#namespace = openSync(`/proc/${pid}/ns/net`, 'r');
    await must(['ip', 'link', 'set', this.#loose, 'netns', String(pid), 'name', 'eth0']);
    await this.#inside(['ip', 'addr', 'add', `${this.address}/30`, 'dev', 'eth0']);
    await this.#setUp();
    if (Object.keys(this.#quality).length > 0) await this.setQuality(this.#quality);
  }

  /** Pulls it out of its namespace, dead or alive: what the device's kernel still wants to say is not heard. */
  async pullOut(): Promise<void> {
    if (this.#namespace === null) return;
    await this.#inside(['ip', 'link', 'set', 'eth0', 'netns', String(process.pid), 'name', this.#loose]);
    closeSync(this.#namespace);
    this.#namespace = null;
  }

  /** Cut: no packet passes, and nobody is told. */
  async cut(): Promise<void> {
    this.#isCut = true;
    await this.#setUp();
  }

  async plug(): Promise<void> {
    this.#isCut = false;
    await this.#setUp();
  }

  async #setUp(): Promise<void> {
    if (this.#namespace !== null) await this.#inside(['ip', 'link', 'set', 'eth0', this.#isCut ? 'down' : 'up']);
  }

  /**
   * Makes the link worse; an empty quality makes it good again. Loss and rate work on every kernel with iptables' own
   * statistic match and tbf; a delay needs netem.
   * @returns why it could not be done, if it could not
   */
  async setQuality(quality: LinkQuality): Promise<string | undefined> {
    this.#quality = quality;
    if (this.#namespace === null) return undefined;
    const { delayMs, lossPercent, rateKbit } = quality;
    const here = (argv: string[]) => run(this.#enter(argv));
    await here(['tc', 'qdisc', 'del', 'dev', 'eth0', 'root']);
    await here(['iptables', '-F', 'INPUT']);
    const queue = ['tc', 'qdisc', 'add', 'dev', 'eth0'];
    const below = delayMs ? ['parent', '1:'] : ['root'];
    const tbf = ['tbf', 'rate', `${rateKbit}kbit`, 'burst', '16kb', 'latency', '400ms'];
    const drop = ['-m', 'statistic', '--mode', 'random', '--probability', String((lossPercent ?? 0) / 100)];
    const steps: [number | undefined, string, string[]][] = [
      [delayMs, 'a delay (sch_netem)', [...queue, 'root', 'handle', '1:', 'netem', 'delay', `${delayMs}ms`]],
      [rateKbit, 'a rate (sch_tbf)', [...queue, ...below, ...tbf]],
      [lossPercent, 'loss (xt_statistic)', ['iptables', '-A', 'INPUT', '-i', 'eth0', ...drop, '-j', 'DROP']],
    ];
    for (const [wanted, what, argv] of steps) {
      if (!wanted) continue;
      const { code, stderr } = await here(argv);
      if (code !== 0) return `This kernel does not do ${what}: ${stderr.trim()}`;
    }
    return undefined;
  }

  /** Removes it, and what the firewall knows of it. Safe when it is not there. */
  async destroy(): Promise<void> {
    if (this.#namespace !== null) closeSync(this.#namespace);
    this.#namespace = null;
    await Cable.remove(this.#id);
  }

  #enter(argv: readonly string[]): string[] {
    if (this.#namespace === null) throw new Error('The cable is in no device.');
    return ['nsenter', `--net=/proc/${process.pid}/fd/${this.#namespace}`, ...argv];
  }

  async #inside(argv: readonly string[]): Promise<void> {
    await must(this.#enter(argv));
  }
}
