import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { DeviceToStart } from './practice/messages.ts';
import { type Death, PRACTICE_LIMITS, type PracticeLimits, runPractice } from './practice-run.ts';

export interface PracticeProcessOptions {
  /** The built `practice/process.ts`, as an absolute path. */
  readonly program: string;
  readonly devices: readonly Omit<DeviceToStart, 'port'>[];
  /** Told of each end of the process: what happened, and the end of what it printed. */
  readonly onDeath: (sentence: string, output: string) => void;
  readonly limits?: Partial<PracticeLimits>;
  /** Before the second of two starts that follow each other soon, in ms; each time twice as long. Default 100. */
  readonly pauseMs?: number;
}

/** The longest pause before a start, in ms. */
const PAUSE_MAX_MS = 10_000;

/** After so long a life, in ms, the next pause is the shortest again. */
const STEADY_MS = 60_000;

/** A process whose devices were there for less, in ms, died at once: too short to log in and run a command that kills. */
const AT_ONCE_MS = 500;

/**
 * After so many that died at once, one after the other, the relay gives up. They take 13 s, in which a port that somebody
 * took may come free.
 */
const DEATHS_AT_ONCE_MAX = 8;

/** The system closes the connections of a dying process before it tells of the death, so the news gets this long, in ms. */
const NEWS_MS = 500;

/**
 * The practice devices in a process of their own, which is started again whenever it ends, on the same ports and with the
 * same keys and password. Its starter closes it.
 */
export class PracticeProcess {
  /** Root's, made for this start of the relay. */
  readonly password = randomBytes(16).toString('base64url');
  readonly #options: PracticeProcessOptions;
  readonly #stopping = new AbortController();
  readonly #events = new EventEmitter<{ death: [] }>();
  #ports: readonly number[] | undefined;
  #isUp = false;
  #death: { readonly sentence: string; readonly at: number } | undefined;
  #done: Promise<void> = Promise.resolve();

  private constructor(options: PracticeProcessOptions) {
    this.#options = options;
    this.#events.setMaxListeners(0);
  }

  /** Resolves when the devices listen; undefined, after `onDeath`, where they do not come up at all. */
  static async start(options: PracticeProcessOptions): Promise<PracticeProcess | undefined> {
    const process = new PracticeProcess(options);
    await new Promise<void>((resolve) => {
      process.#done = process.#keepUp(resolve).finally(resolve);
    });
    return process.#ports && process;
  }

  /** One for each device, in their order. */
  get ports(): readonly number[] {
    return this.#ports ?? [];
  }

  /**
   * Why the devices went away after `since` (as of `performance.now()`) or are away now, as a sentence. Undefined where
   * they did not; that takes NEWS_MS.
   */
  async lossReason(since: number): Promise<string | undefined> {
    if (this.#isUp && !this.#hasDiedSince(since))
      await once(this.#events, 'death', { signal: AbortSignal.timeout(NEWS_MS) }).catch(() => undefined);
    return this.#hasDiedSince(since) || !this.#isUp ? this.#death?.sentence : undefined;
  }

  /** Ends the process; resolves when it is gone. */
  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#done;
  }

  #hasDiedSince(since: number): boolean {
    return this.#death !== undefined && this.#death.at >= since;
  }

  async #keepUp(onUp: () => void): Promise<void> {
    const { signal } = this.#stopping;
    let atOnce = 0;
    let soon = 0;
    for (;;) {
      const death = await this.#live(onUp);
      if (signal.aborted) return;
      atOnce = death.upMs < AT_ONCE_MS ? atOnce + 1 : 0;
      soon = death.upMs < STEADY_MS ? soon + 1 : 0;
      // The start of the relay waits for the first process, so that one is tried once.
      const goesOn = this.#ports !== undefined && atOnce < DEATHS_AT_ONCE_MAX;
      this.#mourn(death, goesOn);
      if (!goesOn) return;
      const pause = soon === 0 ? 0 : Math.min(PAUSE_MAX_MS, (this.#options.pauseMs ?? 100) * 2 ** (soon - 1));
      await wait(pause, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
    }
  }

  /** Runs one process from its start to its end. */
  async #live(onUp: () => void): Promise<Death> {
    const { program, devices, limits } = this.#options;
    const start = {
      devices: devices.map((device, index) => ({ ...device, port: this.#ports?.[index] ?? 0 })),
      password: this.password,
    };
    const death = await runPractice(
      program,
      start,
      { ...PRACTICE_LIMITS, ...limits },
      this.#stopping.signal,
      (ports) => {
        this.#ports = ports;
        this.#isUp = true;
        onUp();
      },
    );
    this.#isUp = false;
    return death;
  }

  #mourn({ reason, output }: Death, goesOn: boolean): void {
    const sentence = goesOn
      ? `The practice devices ${reason} and were started again.`
      : `The practice devices ${reason} and are not started again. Restart the workbench to have them back.`;
    this.#death = { sentence, at: performance.now() };
    this.#events.emit('death');
    this.#options.onDeath(sentence, output);
  }
}
