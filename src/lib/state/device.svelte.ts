import * as v from 'valibot';
import { PROBES } from '#lib/catalog/probes.ts';
import { createBackOff } from '#lib/client/back-off.ts';
import { Channel, type ChannelEnd, type ChannelOptions } from '#lib/client/channel.ts';
import { runCommand } from '#lib/client/command.ts';
import { Heartbeat } from '#lib/client/heartbeat.ts';
import { load, save } from '#lib/client/storage.ts';
import { effectiveFacts, factConflicts } from '#lib/domain/effective-facts.ts';
import { FACT_IDS, type FactId, type Facts, factValue } from '#lib/domain/facts.ts';
import { type LinkNews, judgeReturn } from '#lib/domain/link-news.ts';
import { factsFromProbe } from '#lib/domain/probe/facts.ts';
import { buildProbeScript } from '#lib/domain/probe.ts';
import { parseProbeOutput } from '#lib/domain/probe-parse.ts';
import type { Target } from '#lib/protocol/http.ts';
import type { Prompt } from '#lib/protocol/messages.ts';
import type { Problem, ProblemCode } from '#lib/protocol/problem.ts';
import { type Loss, addLoss } from './losses.ts';

/**
 * `paper`: no target, facts are typed or pasted. `silent`: connected, but the device does not answer. `away`: was
 * connected, is being reconnected by itself.
 */
export type LinkState = 'paper' | 'idle' | 'connecting' | 'connected' | 'silent' | 'away' | 'problem';

/** `reconnected`: it did not restart, but its connection was lost, with all that went over it. `back`: nothing was. */
export type DeviceNews = LinkNews | 'reconnected';

/** Changes from boot to boot, so it tells a restart from a lost network. */
const BOOT_ID_COMMAND = 'cat /proc/sys/kernel/random/boot_id';

/**
 * How often a silent device is asked over another connection whether it is there, in ms. The relay gives up a stuck
 * one by itself after 10 s; until then the question waits on it.
 */
const ASK_AGAIN_MS = 3_000;

/** What a person must decide; trying again by itself would not help. */
const NEEDS_PERSON: readonly ProblemCode[] = [
  'host-key-unknown',
  'host-key-changed',
  'host-key-revoked',
  'no-common-algorithm',
  'authentication-failed',
  'prompt-cancelled',
  'target-unknown',
  'signed-out',
  'ssh-config-invalid',
];

const originSchema = v.picklist(['typed', 'probed', 'derived', 'default']);
const factSchema = v.union([
  v.object({ value: v.string(), origin: originSchema, at: v.number() }),
  v.object({ absent: v.string(), origin: originSchema, at: v.number() }),
]);
const memorySchema = v.object({
  probed: v.record(v.picklist(FACT_IDS), factSchema),
  typed: v.record(v.picklist(FACT_IDS), v.string()),
  typedAt: v.optional(v.record(v.picklist(FACT_IDS), v.number()), {}),
  address: v.optional(v.string()),
  addressAt: v.optional(v.number()),
});

/** Brings a question of a channel before the person. */
export type AskPerson = (prompt: Prompt, answer: (answers: string[] | null) => void) => void;

/** A question that a channel of this device waits for. */
export interface OpenPrompt {
  readonly prompt: Prompt;
  /** Nobody asked for this login: the device was lost, and is being reconnected by itself. */
  readonly again?: boolean | undefined;
  readonly answer: (answers: string[] | null) => void;
}

/**
 * One device: its link, its facts, and what was typed over them. Remembered from visit to visit, so that yesterday's
 * facts fill today's sheets until fresh ones arrive. Owns the channel that watches the link.
 */
export class Device {
  readonly target: Target | undefined;
  link: LinkState = $state('idle');
  problem: Problem | undefined = $state.raw();
  prompt: OpenPrompt | undefined = $state.raw();
  /** The person wants to log in again; until then a question of a reconnect must not come over what they type. */
  loginWanted = $state(false);
  probing = $state(false);
  /** While the link is `silent`: Unix time in ms of the last sign of life. */
  silentSince: number | undefined = $state();
  /** What there is to say of the last time that the device came back, until it is read. */
  news: DeviceNews | undefined = $state();
  /** Its connections that ended, oldest first, and what is known of each. */
  losses: readonly Loss[] = $state.raw([]);
  /** Why the last probe gave nothing. */
  probeProblem: string | undefined = $state();
  /** Facts that the last probe found changed, for the person to notice after a reflash. */
  changed: readonly FactId[] = $state.raw([]);

  #probed: Facts = $state.raw({});
  #typed: Partial<Record<FactId, string>> = $state.raw({});
  #typedAt: Partial<Record<FactId, number>> = $state.raw({});
  /** Typed for a device that is not connected; a connected one has its own. */
  #typedAddress: string | undefined = $state();
  #typedAddressAt: number | undefined;
  readonly facts: Facts = $derived(effectiveFacts(this.#probed, this.#typed, this.#typedAt));
  readonly conflicts = $derived(factConflicts(this.facts));

  readonly #options: ChannelOptions;
  readonly #memoryKey: string;
  readonly #backOff = createBackOff();
  #watch: Channel | undefined;
  #heartbeat: Heartbeat | undefined;
  /** Set from the loss of a device that was there until it is probed again. */
  #lostDevice:
    { readonly bootId: string | undefined; readonly saidGoodbye: boolean; readonly loss: Loss | undefined } | undefined;
  #forgotten = false;

  constructor(target: Target | undefined, options: ChannelOptions) {
    this.target = target;
    this.#options = options;
    this.#memoryKey = `device:${target?.id ?? 'paper'}`;
    if (!target) this.link = 'paper';
    const memory = load(localStorage, this.#memoryKey, memorySchema);
    if (!memory) return;
    this.#probed = memory.probed;
    this.#typed = memory.typed;
    this.#typedAt = memory.typedAt;
    this.#typedAddress = memory.address;
    this.#typedAddressAt = memory.addressAt;
  }

  get id(): string {
    return this.target?.id ?? 'paper';
  }

  /** What commands carry as the device's address. */
  get address(): string | undefined {
    return this.#typedAddress ?? this.target?.destination;
  }

  /** What the device itself said, typed over or not. */
  get probed(): Facts {
    return this.#probed;
  }

  get typed(): Readonly<Partial<Record<FactId, string>>> {
    return this.#typed;
  }

  /** It booted again, and the person has not read that yet. */
  get restarted(): boolean {
    return this.news === 'restarted' || this.news === 'crashed';
  }

  get typedAddress(): string | undefined {
    return this.#typedAddress;
  }

  /** When a value was typed, Unix time in ms; undefined where nobody knows. */
  typedAt(what: FactId | 'address'): number | undefined {
    return what === 'address' ? this.#typedAddressAt : this.#typedAt[what];
  }

  /** Overrides a fact; undefined or blank gives it back to the probe. */
  typeFact(id: FactId, text: string | undefined): void {
    this.#typedAt = { ...this.#typedAt, [id]: Date.now() };
    this.#typed = { ...this.#typed, [id]: text };
    if (!text?.trim()) delete this.#typed[id];
    this.#remember();
  }

  typeAddress(text: string | undefined): void {
    this.#typedAddressAt = Date.now();
    this.#typedAddress = text?.trim() ? text : undefined;
    this.#remember();
  }

  /** Connects and probes; does nothing while connected or on the way. */
  connect(): void {
    if (!this.target || this.link === 'connecting' || this.link === 'connected') return;
    if (this.link === 'silent') this.#dropWatch();
    if (this.#watch) return this.#watch.reconnect();
    this.link = this.link === 'away' ? 'away' : 'connecting';
    this.problem = undefined;
    this.#backOff.stop();
    // `cat` runs for as long as the device is there and ends with it; the relay needs no verb for "is it alive".
    const watch = Channel.open(
      { target: this.target.id, command: 'cat', pty: null },
      {
        onData: (bytes) => {
          watch.consumed(bytes.length);
          this.#heartbeat?.answered();
        },
        onPrompt: this.ask,
        onState: (state) => {
          if (watch !== this.#watch) return;
          if (state === 'open') {
            this.#backOff.reset();
            this.link = 'connected';
            this.loginWanted = false;
            this.#startHeartbeat(watch);
            void this.probe();
          } else if (state === 'waiting') {
            this.#stopHeartbeat();
            this.link = 'away';
          }
        },
        onEnd: (end) => this.#lost(watch, end),
      },
      this.#options,
    );
    this.#watch = watch;
  }

  /** Asks the device everything again. */
  async probe(): Promise<void> {
    if (!this.target || this.probing) return;
    this.probing = true;
    const result = await runCommand(
      {
        target: this.target.id,
        command: 'sh -s',
        stdin: buildProbeScript(PROBES),
        onPrompt: this.ask,
      },
      this.#options,
    );
    this.probing = false;
    this.prompt = undefined;
    this.probeProblem = 'problem' in result ? result.problem.message : this.acceptProbe(result.stdout);
    const lost = this.#lostDevice;
    if (!lost || 'problem' in result) return;
    this.#lostDevice = undefined;
    const bootAfter = factValue(this.#probed, 'bootId');
    const news = judgeReturn({ bootBefore: lost.bootId, bootAfter, saidGoodbye: lost.saidGoodbye });
    this.losses = this.losses.map((loss) => (loss === lost.loss ? { ...loss, news } : loss));
    this.news = news === 'back' ? 'reconnected' : news;
  }

  /** Takes the probe script's output, from the probe or pasted by hand. Returns what is wrong with it, if anything. */
  acceptProbe(text: string, pasted = false): string | undefined {
    const output = parseProbeOutput(text);
    if ('problem' in output) return output.problem;
    const before = this.#probed;
    this.#probed = { ...before, ...factsFromProbe(output, { at: Date.now(), pasted }) };
    this.changed = FACT_IDS.filter(
      (id) => id !== 'clock' && id !== 'bootId' && before[id] && valueOf(before[id]) !== valueOf(this.#probed[id]),
    );
    this.#remember();
    return output.complete
      ? undefined
      : 'The output ends early: the last facts may be missing. Copy it to its last line.';
  }

  /** Ends the link. The facts stay. */
  disconnect(): void {
    this.#backOff.stop();
    this.#dropWatch();
    this.prompt = undefined;
    this.loginWanted = false;
    this.#lostDevice = undefined;
    if (this.link !== 'paper') this.link = 'idle';
  }

  /** Forgets what was remembered of it; for a device that is removed. */
  forget(): void {
    this.disconnect();
    this.#forgotten = true;
    save(localStorage, this.#memoryKey, undefined);
  }

  #lost(watch: Channel, end: ChannelEnd): void {
    if (watch !== this.#watch) return;
    this.#noteLoss(!('problem' in end && end.problem.unclosed));
    this.#watch = undefined;
    this.#stopHeartbeat();
    this.prompt = undefined;
    const problem: Problem =
      'problem' in end ? end.problem : { code: 'connection-lost', message: 'The device ended the connection.' };
    const wasThere = this.link === 'connected' || this.link === 'silent' || this.link === 'away';
    this.problem = problem;
    if (wasThere && !NEEDS_PERSON.includes(problem.code)) {
      this.link = 'away';
      this.#backOff.wait(() => this.connect());
    } else this.link = 'problem';
  }

  #startHeartbeat(watch: Channel): void {
    this.#stopHeartbeat();
    const newline = new TextEncoder().encode('\n');
    this.#heartbeat = new Heartbeat({
      // `cat` says it again.
      ask: () => void watch.write(newline),
      onSilent: (since) => {
        this.silentSince = since;
        this.link = 'silent';
        void this.#askWhileSilent(watch);
      },
      onBack: () => {
        this.silentSince = undefined;
        if (this.link !== 'silent') return;
        this.link = 'connected';
        // The same connection goes on, so nothing was lost and nothing restarted.
        this.news = 'back';
      },
    });
  }

  #stopHeartbeat(): void {
    this.#heartbeat?.stop();
    this.#heartbeat = undefined;
    this.silentSince = undefined;
  }

  #dropWatch(): void {
    this.#stopHeartbeat();
    const watch = this.#watch;
    this.#watch = undefined;
    watch?.close();
  }

  /**
   * A device that lost its power says nothing, and its old connection would be believed in for a minute. So another
   * one asks for the boot id: a different one proves that the old connection leads nowhere.
   */
  async #askWhileSilent(watch: Channel): Promise<void> {
    const { target } = this;
    const isSilent = (): boolean => watch === this.#watch && this.link === 'silent';
    while (target && isSilent()) {
      const result = await runCommand(
        { target: target.id, command: BOOT_ID_COMMAND, onPrompt: (_prompt, answer) => answer(null) },
        this.#options,
      );
      if (!isSilent()) return;
      const before = factValue(this.#probed, 'bootId');
      const bootId = 'stdout' in result ? result.stdout.trim() : '';
      if (bootId !== '' && before !== undefined && bootId !== before) {
        this.#noteLoss(false);
        this.#dropWatch();
        this.link = 'away';
        return this.connect();
      }
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    }
  }

  /** Remembers how the device went, to judge how it comes back. */
  #noteLoss(wasClosed: boolean): void {
    if (this.link !== 'connected' && this.link !== 'silent') return;
    const bootId = factValue(this.#probed, 'bootId');
    this.losses = addLoss(this.losses, performance.now());
    const loss = this.losses.at(-1);
    this.#lostDevice = { bootId, saidGoodbye: wasClosed && this.link === 'connected', loss };
  }

  /** One question at a time; an earlier one that nobody answered is cancelled. */
  readonly ask: AskPerson = (prompt, answer) => {
    const earlier = this.prompt;
    this.prompt = undefined;
    earlier?.answer(null);
    const open: OpenPrompt = {
      prompt,
      again: this.link === 'away',
      answer: (answers) => {
        if (this.prompt === open) {
          this.prompt = undefined;
          if (answers === null) this.loginWanted = false;
        }
        answer(answers);
      },
    };
    this.prompt = open;
  };

  #remember(): void {
    if (this.#forgotten) return;
    save(localStorage, this.#memoryKey, {
      probed: this.#probed,
      typed: this.#typed,
      typedAt: this.#typedAt,
      address: this.#typedAddress,
      addressAt: this.#typedAddressAt,
    });
  }
}

function valueOf(fact: Facts[FactId]): string | undefined {
  return fact && ('value' in fact ? fact.value : `absent: ${fact.absent}`);
}
