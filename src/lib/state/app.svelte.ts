import { getContext, setContext } from 'svelte';
import * as v from 'valibot';
import { LOG_SOURCES } from '#lib/catalog/log-sources.ts';
import { SHELLS } from '#lib/catalog/shells.ts';
import type { ChannelEnd, ChannelOptions } from '#lib/client/channel.ts';
import {
  type Answer,
  addTarget,
  allowOldAlgorithms,
  explainFailure,
  getSession,
  listTargets,
  removeTarget,
  signIn,
  signOut,
  trustHostKey,
} from '#lib/client/relay.ts';
import { load, save } from '#lib/client/storage.ts';
import type { Place } from '#lib/domain/place.ts';
import { renderCommand } from '#lib/domain/resolve.ts';
import type { Session, Target } from '#lib/protocol/http.ts';
import type { Problem } from '#lib/protocol/problem.ts';
import { Device } from './device.svelte.ts';
import { Dock } from './dock.svelte.ts';
import { Forwards } from './forwards.svelte.ts';
import { Log } from './log.svelte.ts';
import { type Loss, type Span, endedWithDevice, lossOf } from './losses.ts';
import { SheetBook } from './sheet-book.svelte.ts';
import type { Terminal } from './terminal.svelte.ts';

/** `unknown` until the relay was asked. Map and sheets work in every state. */
export type RelayState = 'unknown' | 'ready' | 'missing';

/** Something that could not be started, with the parameters that are missing for it. */
export type StartResult<T> =
  { readonly started: T } | { readonly missing: readonly string[] } | { readonly refused: string };

/** The app's state: relay, devices, sheets, dock. One per page, in one context. */
export class App {
  relay: RelayState = $state('unknown');
  /** Why the relay cannot be used. */
  relayProblem: Problem | undefined = $state.raw();
  /** The link of this page was refused; the problem says what to do. */
  linkRefused = $state(false);
  /** The sign-in of this page ended while it was open; it is the relay's problem, too. */
  signedOut = $state(false);
  /** Of this and the other sign-ins; undefined until a page asks for it. */
  session: Session | undefined = $state.raw();
  /** The question whether to sign out is open: this browser, or all others. */
  signingOut: 'here' | 'elsewhere' | undefined = $state();
  targets: readonly Target[] = $state.raw([]);
  /** True when whoever runs the relay chose its devices: a page can neither add nor remove one. */
  targetsFixed = $state(false);
  /** The relay was asked, and the device of last time is chosen again. */
  started = $state(false);
  /** Settles with `started`, for what was asked of the app before. */
  starting: Promise<void> = Promise.resolve();
  device: Device = $state.raw() as Device;
  /** Terminals keep their rows as text for screen readers; remembered. */
  screenReader = $state(load(localStorage, 'screen-reader', v.boolean()) ?? false);
  /** The dialog for a new device is open. */
  adding = $state(false);
  readonly book = new SheetBook();
  readonly dock: Dock;
  readonly forwards: Forwards;
  readonly values = $derived(this.book.valuesFor(this.device));

  readonly #options: ChannelOptions;
  readonly #devices = new Map<string, Device>();
  #logs: readonly { device: string; log: Log }[] = $state.raw([]);

  constructor() {
    this.#options = {
      explain: explainFailure,
      onSignedOut: (problem) => {
        // Many channels end together, and what the person did says it best.
        if (!this.signedOut) this.#beSignedOut(problem);
      },
    };
    this.dock = new Dock(this.#options);
    this.forwards = new Forwards((prompt, answer) => this.device.ask(prompt, answer), this.#options);
    this.device = this.#deviceFor(undefined);
  }

  /** Signs in if the page's link says so, fetches the devices, and goes back to the last one. */
  start(token: string | undefined, wanted: string | undefined): Promise<void> {
    return (this.starting = this.#start(token, wanted));
  }

  async #start(token: string | undefined, wanted: string | undefined): Promise<void> {
    const refused = token === undefined ? undefined : await signIn(token);
    await this.refreshTargets();
    this.forwards.resume();
    // Only the relay's own link may choose the device: any other page could make one that changes what commands reach.
    const trusted = refused && !('problem' in refused) ? wanted : undefined;
    // A used link is no problem on a page that is signed in already.
    if (refused && 'problem' in refused && this.relay !== 'ready') {
      this.relayProblem = refused.problem;
      this.linkRefused = refused.problem.code === 'signed-out';
    }
    const last = trusted ?? load(localStorage, 'device', v.string());
    if (last !== undefined && this.targets.some((target) => target.id === last)) this.select(last);
    this.started = true;
  }

  async refreshTargets(): Promise<void> {
    const answer = await listTargets();
    if ('problem' in answer) {
      this.relay = 'missing';
      this.relayProblem = answer.problem;
    } else {
      this.relay = 'ready';
      this.relayProblem = undefined;
      this.signedOut = false;
      this.targets = answer.value.targets;
      this.targetsFixed = answer.value.fixed;
    }
  }

  /** Makes a device the current one and connects it; undefined goes on without one. */
  select(id: string | undefined): void {
    const target = this.targets.find((other) => other.id === id);
    if (this.device.id === (target?.id ?? 'paper')) return this.device.connect();
    this.device.disconnect();
    this.device = this.#deviceFor(target);
    save(localStorage, 'device', target?.id);
    this.device.connect();
  }

  /** Adds a device by address and selects it. `oldAlgorithms`: it runs a very old image. */
  async add(address: string, oldAlgorithms: boolean): Promise<Answer<Target>> {
    const answer = await addTarget(address, oldAlgorithms);
    if ('problem' in answer) return answer;
    await this.refreshTargets();
    this.select(answer.value.id);
    return answer;
  }

  async remove(id: string): Promise<void> {
    const answer = await removeTarget(id);
    if ('problem' in answer) {
      this.device.problem = answer.problem;
      return;
    }
    if (this.device.id === id) this.select(undefined);
    this.#devices.get(id)?.forget();
    this.#devices.delete(id);
    for (const { device, log } of this.#logs) if (device === id) log.close();
    this.#logs = this.#logs.filter(({ device }) => device !== id);
    this.forwards.forget(id);
    await this.refreshTargets();
  }

  /** Says whether the current device runs a very old image, and connects it anew. */
  async allowOldAlgorithms(allowed: boolean): Promise<void> {
    const { device } = this;
    if (!device.target) return;
    const answer = await allowOldAlgorithms(device.target.id, allowed);
    if ('problem' in answer) {
      device.problem = answer.problem;
      return;
    }
    await this.refreshTargets();
    device.disconnect();
    device.connect();
  }

  /** Asks the relay for the other sign-ins. */
  async refreshSession(): Promise<void> {
    const answer = await getSession();
    this.session = 'value' in answer ? answer.value : undefined;
  }

  /**
   * Ends the sign-in of this browser, with all that runs in its windows. Undefined: it is over. A problem with the code
   * `internal` says what the relay could not do beside that.
   */
  async signOut(): Promise<Problem | undefined> {
    const answer = await signOut(false);
    const problem = 'problem' in answer ? answer.problem : undefined;
    if (problem?.code === 'relay-unreachable') return problem;
    this.#beSignedOut({ code: 'signed-out', message: 'You signed out in this browser.' });
    return problem?.code === 'signed-out' ? undefined : problem;
  }

  /** Ends the other sign-ins of the same person; gives how many there were. */
  async signOutElsewhere(): Promise<Answer<{ readonly count: number }>> {
    const answer = await signOut(true);
    await this.refreshSession();
    return answer;
  }

  #beSignedOut(problem: Problem): void {
    this.relay = 'missing';
    this.relayProblem = problem;
    this.signedOut = true;
    this.session = undefined;
  }

  setScreenReader(on: boolean): void {
    this.screenReader = on;
    save(localStorage, 'screen-reader', on);
  }

  /** Trusts the key that the current device offered, and connects. */
  async trustKey(): Promise<void> {
    const { device } = this;
    const { target, problem } = device;
    if (!target || !problem?.hostKey) return;
    const answer = await trustHostKey(target.id, problem.hostKey.offered.fingerprint);
    if ('problem' in answer) device.problem = answer.problem;
    else device.connect();
  }

  /** Opens a shell of the catalogue on the current device. */
  openShell(id: string): StartResult<Terminal> {
    const shell = SHELLS.find((other) => other.id === id);
    const { target } = this.device;
    if (!shell) throw new Error(`no shell "${id}" in the catalogue`);
    if (!target) return { refused: 'Choose a device first.' };
    const command = shell.command === null ? null : renderCommand(shell.command, this.values);
    if (command && command.line === undefined) return { missing: command.missing };
    const terminal = this.dock.openTerminal({
      target: target.id,
      command: command?.line ?? null,
      place: shell.place,
      title: shell.label,
    });
    return terminal ? { started: terminal } : { refused: 'The dock is full. Close a tab first.' };
  }

  /** Types a line into the latest terminal of its Place, opening one if there is none. Never presses Enter. */
  typeInto(place: Place, line: string): StartResult<Terminal> {
    const { target } = this.device;
    if (!target) return { refused: 'Choose a device first.' };
    const tab = this.dock.findTerminal(target.id, place);
    if (tab?.kind === 'terminal') {
      this.dock.show(tab.id);
      tab.terminal.type(line);
      return { started: tab.terminal };
    }
    const shell = SHELLS.find((other) => other.place === place);
    if (!shell)
      return { refused: 'This runs on your workstation, which is no device of the workbench. Copy it instead.' };
    const opened = this.openShell(shell.id);
    if ('started' in opened) opened.started.typeWhenReady(line);
    return opened;
  }

  /** The log of a source on the current device, followed from now on. One per device and source. */
  openLog(sourceId: string): StartResult<Log> {
    const source = LOG_SOURCES.find((other) => other.id === sourceId);
    const { target } = this.device;
    if (!source) throw new Error(`no log source "${sourceId}" in the catalogue`);
    if (!target) return { refused: 'Choose a device first.' };
    const running = this.#logs.find(({ device, log }) => device === target.id && log.source.id === sourceId);
    if (running) return { started: running.log };
    const command = renderCommand(source.follow, this.values);
    if (command.line === undefined) return { missing: command.missing };
    const log = new Log(
      { source, target: target.id, command: command.line, deviceLabel: target.label, onPrompt: this.device.ask },
      this.#options,
    );
    this.#logs = [...this.#logs, { device: target.id, log }];
    log.follow();
    return { started: log };
  }

  /** The loss of its device that something ended with, if it is known. */
  lossOf(target: string, span: Span): Loss | undefined {
    return lossOf(this.#devices.get(target)?.losses ?? [], span);
  }

  /** Terminals, logs and port forwards, by their names, that the latest loss of the current device has ended. */
  findLost(): readonly string[] {
    const { id, losses } = this.device;
    const latest = losses.at(-1);
    const isLost = ({ end, span }: { end: ChannelEnd | undefined; span: Span }): boolean =>
      endedWithDevice(end) && latest !== undefined && lossOf(losses, span) === latest;
    const terminals = this.dock.tabs.flatMap((tab) =>
      tab.kind === 'terminal' && tab.terminal.request.target === id && isLost(tab.terminal)
        ? [`the terminal ${tab.terminal.request.title}`]
        : [],
    );
    const logs = this.#logs.filter(({ device, log }) => device === id && isLost(log));
    const forwards = this.forwards.all.filter((forward) => forward.plan.target === id && isLost(forward));
    return [
      ...terminals,
      ...logs.map(({ log }) => `the log ${log.source.label}`),
      ...forwards.map(({ plan }) => `the port forward ${plan.label}`),
    ];
  }

  /** The device that a log is of. */
  targetOf(log: Log): string | undefined {
    return this.#logs.find((other) => other.log === log)?.device;
  }

  /** The log of a source on the current device, if it was opened. */
  findLog(sourceId: string): Log | undefined {
    return this.#logs.find(({ device, log }) => device === this.device.id && log.source.id === sourceId)?.log;
  }

  /** The page goes away: what only it needs ends; terminals and port forwards wait in the relay for it to come back. */
  leave(): void {
    this.dock.remember();
    this.forwards.remember();
    this.device.disconnect();
    for (const { log } of this.#logs) log.close();
  }

  #deviceFor(target: Target | undefined): Device {
    const id = target?.id ?? 'paper';
    const known = this.#devices.get(id);
    // A practice device gets another port at each start of the relay: its target is then another object.
    if (known && known.target?.destination === target?.destination) return known;
    const device = new Device(target, this.#options);
    this.#devices.set(id, device);
    return device;
  }
}

const KEY = Symbol('app');

export function provideApp(): App {
  return setContext(KEY, new App());
}

export function useApp(): App {
  return getContext<App>(KEY);
}
