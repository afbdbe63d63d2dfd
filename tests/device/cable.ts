import { closeSync, openSync } from 'node:fs';
import { must, run } from './run.ts';

/*
 * Addresses of RFC 2544, section 2: for tests of network devices, never routed, so they meet no network that this
 * machine is in. A device has no route beyond the cable: nobody but this machine reaches it.
 */
const addressOf = (index: number, host: 1 | 2): string => `198.18.${index}.${host}`;

/** More devices with a network of their own there cannot be at a time. */
export const CABLES_MAX = 64;

/** What can be wrong with a link. */
export interface LinkQuality {
  /** Milliseconds added to each packet of the device. Needs a kernel with sch_netem. */
  readonly delayMs?: number;
  /** Of packets to the device, in percent. */
  readonly lossPercent?: number;
  /** Of what the device sends, in kbit/s. */
  readonly rateKbit?: number;
}

/**
 * The network cable of a device: a veth pair between this machine and the device's network namespace. It outlives the
 * device's boots, so this machine's end keeps its address while the device is off, as with a real one.
 */
export class Cable {
  readonly #index: number;
  /** The network namespace it is plugged into, held open so that it can be pulled out after a death. */
  #namespace: number | null = null;

  constructor(index: number) {
    this.#index = index;
  }

  /** The device's address. */
  get address(): string {
    return addressOf(this.#index, 2);
  }

  get #here(): string {
    return `dut${this.#index}`;
  }

  /** The device's end while it is in no device. */
  get #loose(): string {
    return `dut${this.#index}x`;
  }

  async make(): Promise<void> {
    await this.destroy();
    const index = this.#index.toString(16).padStart(2, '0');
    // Fixed hardware addresses: after a reboot it is the same device for the neighbour table.
    await must([
      ...['ip', 'link', 'add', this.#here, 'address', `02:d0:77:01:00:${index}`],
      ...['type', 'veth', 'peer', 'name', this.#loose, 'address', `02:d0:77:00:00:${index}`],
    ]);
    await must(['ip', 'addr', 'add', `${addressOf(this.#index, 1)}/30`, 'dev', this.#here]);
    await must(['ip', 'link', 'set', this.#here, 'up']);
  }

  /** Plugs it into the network namespace of a process, and brings the device's end up. */
  async plugInto(pid: number): Promise<void> {
    this.#namespace = openSync(`/proc/${pid}/ns/net`, 'r');
    await must(['ip', 'link', 'set', this.#loose, 'netns', String(pid), 'name', 'eth0']);
    await this.#inside(['ip', 'addr', 'add', `${this.address}/30`, 'dev', 'eth0']);
    await this.plug();
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
    await this.#inside(['ip', 'link', 'set', 'eth0', 'down']);
  }

  async plug(): Promise<void> {
    await this.#inside(['ip', 'link', 'set', 'eth0', 'up']);
  }

  /**
   * Makes the link worse; an empty quality makes it good again. Loss and rate work on every kernel with iptables' own
   * statistic match and tbf; a delay needs netem.
   * @returns why it could not be done, if it could not
   */
  async setQuality({ delayMs, lossPercent, rateKbit }: LinkQuality): Promise<string | undefined> {
    const here = (argv: string[]) => run(this.#enter(argv));
    await here(['tc', 'qdisc', 'del', 'dev', 'eth0', 'root']);
    await here(['iptables', '-F', 'INPUT']);
    const wanted = [
      ...(delayMs
        ? [
            {
              what: 'a delay (sch_netem)',
              argv: ['tc', 'qdisc', 'add', 'dev', 'eth0', 'root', 'netem', 'delay', `${delayMs}ms`],
            },
          ]
        : []),
      ...(rateKbit
        ? [
            {
              what: 'a rate (sch_tbf)',
              argv: [
                'tc',
                'qdisc',
                'add',
                'dev',
                'eth0',
                ...(delayMs ? ['parent', '1:'] : ['root']),
                'tbf',
                'rate',
                `${rateKbit}kbit`,
                'burst',
                '16kb',
                'latency',
                '400ms',
              ],
            },
          ]
        : []),
      ...(lossPercent
        ? [
            {
              what: 'loss (xt_statistic)',
              argv: [
                'iptables',
                '-A',
                'INPUT',
                '-i',
                'eth0',
                '-m',
                'statistic',
                '--mode',
                'random',
                '--probability',
                String(lossPercent / 100),
                '-j',
                'DROP',
              ],
            },
          ]
        : []),
    ];
    for (const { what, argv } of wanted) {
      const { code, stderr } = await here(argv);
      if (code !== 0) return `This kernel does not do ${what}: ${stderr.trim()}`;
    }
    return undefined;
  }

  /** Removes it. Safe when it is not there. */
  async destroy(): Promise<void> {
    if (this.#namespace !== null) closeSync(this.#namespace);
    this.#namespace = null;
    await run(['ip', 'link', 'del', this.#here]);
  }

  #enter(argv: readonly string[]): string[] {
    if (this.#namespace === null) throw new Error('The cable is in no device.');
    return ['nsenter', `--net=/proc/${process.pid}/fd/${this.#namespace}`, ...argv];
  }

  async #inside(argv: readonly string[]): Promise<void> {
    await must(this.#enter(argv));
  }
}
