import * as v from 'valibot';
import { type Channel, type ChannelEnd, type ChannelOptions, type ChannelState } from '#lib/client/channel.ts';
import { openForward } from '#lib/client/forward.ts';
import { load, save } from '#lib/client/storage.ts';
import type { ForwardReport } from '#lib/protocol/forward.ts';
import { type Problem, problemSchema } from '#lib/protocol/problem.ts';
import type { AskPerson } from './device.svelte.ts';
import type { Span } from './losses.ts';

const planSchema = v.object({
  target: v.string(),
  /** For people, on the page of another device. */
  deviceLabel: v.string(),
  label: v.string(),
  host: v.string(),
  port: v.number(),
  /** 0: any that is free. */
  localPort: v.number(),
  /** A template of the command that uses it. */
  use: v.optional(v.string()),
});

/** What a person asked to be forwarded. */
export type ForwardPlan = v.InferOutput<typeof planSchema>;

const memorySchema = v.array(
  v.object({ plan: planSchema, channelId: v.optional(v.string()), problem: v.optional(problemSchema) }),
);

let count = 0;

/** One port forward: its channel, and what it reports. */
export class Forward {
  /** Tells it from the others of this page. */
  readonly key = `forward-${++count}`;
  readonly plan: ForwardPlan;
  state: ChannelState = $state('connecting');
  report: ForwardReport | undefined = $state.raw();
  end: ChannelEnd | undefined = $state.raw();
  span: Span = {};
  /** The port that it has, or had: opened again it asks for the same. */
  localPort: number;
  /** The channel's secret, for the page after a reload. */
  channelId: string | undefined;

  readonly #options: ChannelOptions;
  readonly #ask: AskPerson;
  readonly #onChange: () => void;
  #channel: Channel | undefined;

  /** @param onChange what a reload needs has changed */
  constructor(
    { plan, channelId, problem }: v.InferOutput<typeof memorySchema>[number],
    ask: AskPerson,
    onChange: () => void,
    options: ChannelOptions,
  ) {
    this.plan = plan;
    this.localPort = plan.localPort;
    this.channelId = channelId;
    this.#ask = ask;
    this.#onChange = onChange;
    this.#options = options;
    if (!problem) return;
    this.state = 'ended';
    this.end = { problem };
  }

  get problem(): Problem | undefined {
    return this.end && 'problem' in this.end ? this.end.problem : undefined;
  }

  /** Opens it, again if it has ended; goes on with the channel of an earlier page load, or takes it back from another. */
  open(): void {
    this.end = undefined;
    this.span = {};
    this.report = undefined;
    this.state = 'connecting';
    const { target, host, port } = this.plan;
    const channel = openForward(
      this.channelId === undefined ? { target, host, port, localPort: this.localPort } : { channel: this.channelId },
      {
        onPrompt: this.#ask,
        onReport: (report) => {
          if (channel !== this.#channel) return;
          this.report = report;
          if (this.localPort === report.localPort) return;
          this.localPort = report.localPort;
          this.#onChange();
        },
        onState: (state) => {
          if (channel !== this.#channel) return;
          this.state = state;
          if (state === 'open') this.span.openedAt ??= performance.now();
          this.channelId = channel.id;
          this.#onChange();
        },
        onEnd: (end) => {
          if (channel !== this.#channel) return;
          this.span.endedAt = performance.now();
          this.end = end;
          // What goes on in another window can be taken back from there.
          if (this.problem?.code !== 'channel-taken') this.channelId = undefined;
          this.#onChange();
        },
      },
      this.#options,
    );
    this.#channel = channel;
  }

  /** Opens it again on any port that is free. */
  openOnFreePort(): void {
    this.localPort = 0;
    this.open();
  }

  /** Closes the port, with every connection through it. */
  close(): void {
    this.#channel?.close();
  }
}

/** A forward that was asked for. */
export interface Opening {
  /** Settles when it is listed, or with why its local port cannot be had. Never, once it was cancelled. */
  readonly refused: Promise<Problem | undefined>;
  /** Gives it up, unless it is listed. */
  readonly cancel: () => void;
}

/** The port forwards of this page, of all devices. They outlive a reload: their channels wait in the relay. */
export class Forwards {
  all: readonly Forward[] = $state.raw([]);

  readonly #ask: AskPerson;
  readonly #options: ChannelOptions;

  constructor(ask: AskPerson, options: ChannelOptions) {
    this.#ask = ask;
    this.#options = options;
    this.all = (load(sessionStorage, 'forwards', memorySchema) ?? []).map((memory) => this.#make(memory));
  }

  /** Goes on with those of the page before; to be called once signed in. */
  resume(): void {
    for (const forward of this.all) if (forward.state !== 'ended') forward.open();
  }

  /**
   * Opens one. It is listed from when it is open, or has failed; one that cannot have its local port is not, so that
   * whoever asked for it can ask for another.
   */
  open(plan: ForwardPlan): Opening {
    const { promise, resolve } = Promise.withResolvers<Problem | undefined>();
    const forward: Forward = new Forward(
      { plan },
      this.#ask,
      () => {
        if (this.all.includes(forward)) return this.remember();
        if (forward.state === 'connecting' || (forward.state === 'ended' && !forward.end)) return;
        const { problem } = forward;
        if (problem?.code === 'port-unavailable') return resolve(problem);
        this.all = [...this.all, forward];
        this.remember();
        resolve(undefined);
      },
      this.#options,
    );
    forward.open();
    return {
      refused: promise,
      cancel: () => {
        if (!this.all.includes(forward)) forward.close();
      },
    };
  }

  /** Closes one and takes it off the list. */
  remove(forward: Forward): void {
    forward.close();
    this.all = this.all.filter((other) => other !== forward);
    this.remember();
  }

  /** A device was removed, and the relay has closed what led to it. */
  forget(target: string): void {
    for (const forward of this.all) if (forward.plan.target === target) this.remove(forward);
  }

  /** Keeps what a reload needs: what was forwarded, and the secret ids of those that are open. */
  remember(): void {
    const memories = this.all.map(({ plan, localPort, channelId, problem }) => ({
      plan: { ...plan, localPort },
      ...(channelId !== undefined && { channelId }),
      ...(problem && { problem }),
    }));
    save(sessionStorage, 'forwards', memories);
  }

  #make(memory: v.InferOutput<typeof memorySchema>[number]): Forward {
    return new Forward(memory, this.#ask, () => this.remember(), this.#options);
  }
}
