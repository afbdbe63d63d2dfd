import * as v from 'valibot';
import type { ChannelOptions } from '#lib/client/channel.ts';
import { load, save } from '#lib/client/storage.ts';
import { PLACES, type Place } from '#lib/domain/place.ts';
import { problemSchema } from '#lib/protocol/problem.ts';
import type { Log } from './log.svelte.ts';
import { Terminal, type TerminalRequest } from './terminal.svelte.ts';

/** Channels that a relay carries are more; this is what a tab strip and a person can. */
const TABS_MAX = 24;

export type DockTab =
  | { readonly id: string; readonly kind: 'terminal'; readonly terminal: Terminal }
  | { readonly id: string; readonly kind: 'log'; readonly log: Log };

const layoutSchema = v.object({ open: v.boolean(), size: v.number() });

const tabsSchema = v.array(
  v.object({
    target: v.string(),
    command: v.nullable(v.string()),
    place: v.picklist(PLACES),
    title: v.string(),
    channelId: v.optional(v.string()),
    end: v.optional(
      v.union([
        v.object({
          exit: v.object({ type: v.literal('exit'), code: v.nullable(v.number()), signal: v.nullable(v.string()) }),
        }),
        v.object({ problem: problemSchema }),
      ]),
    ),
  }),
);

/** The band of terminals and followed logs that stays while pages change. Owns its terminals. */
export class Dock {
  tabs: readonly DockTab[] = $state.raw([]);
  open = $state(false);
  /** Height in percent of the window. */
  size = $state(38);
  maximized = $state(false);
  /** A narrow window shows page or dock. */
  inFront = $state(false);
  /** The tab on view; with a split, the left one. */
  active: string | undefined = $state();
  /** The right one of a split. */
  second: string | undefined = $state();

  readonly #options: ChannelOptions;
  #count = 0;

  constructor(options: ChannelOptions) {
    this.#options = options;
    const layout = load(localStorage, 'dock', layoutSchema);
    if (layout) ({ open: this.open, size: this.size } = layout);
    // Terminals outlive a reload (DESIGN.md, invariant 9); their channels wait in the relay.
    for (const request of load(sessionStorage, 'terminals', tabsSchema) ?? []) this.#add(request);
    this.active = (this.tabs[load(sessionStorage, 'active', v.number()) ?? 0] ?? this.tabs[0])?.id;
    if (this.tabs.length === 0 && !layout) this.open = false;
  }

  get(id: string | undefined): DockTab | undefined {
    return this.tabs.find((tab) => tab.id === id);
  }

  /** Opens a terminal in a new tab and shows it. Undefined when there are too many tabs. */
  openTerminal(request: TerminalRequest): Terminal | undefined {
    const terminal = this.#add(request);
    if (terminal) this.show(this.tabs.at(-1)?.id);
    terminal?.focus();
    return terminal;
  }

  /** Shows a log in a tab; a log that has one is brought to the front. */
  openLog(log: Log): void {
    const shown = this.tabs.find((tab) => tab.kind === 'log' && tab.log === log);
    if (!shown && this.tabs.length < TABS_MAX) this.tabs = [...this.tabs, { id: this.#newId(), kind: 'log', log }];
    this.show((shown ?? this.tabs.at(-1))?.id);
  }

  /** The latest terminal of a device in a place that still runs. */
  findTerminal(target: string, place: Place): DockTab | undefined {
    return this.tabs.findLast(
      (tab) =>
        tab.kind === 'terminal' &&
        tab.terminal.request.target === target &&
        tab.terminal.request.place === place &&
        tab.terminal.state !== 'ended',
    );
  }

  show(id: string | undefined): void {
    if (id === undefined) return;
    if (this.second !== id) this.active = id;
    this.inFront = true;
    this.setOpen(true);
  }

  /** Ends what a tab runs and takes it away. A log belongs to its device and only loses its tab. */
  closeTab(id: string): void {
    const tab = this.get(id);
    if (tab?.kind === 'terminal') tab.terminal.close();
    const index = this.tabs.findIndex((other) => other.id === id);
    this.tabs = this.tabs.filter((other) => other.id !== id);
    if (this.second === id) this.second = undefined;
    if (this.active === id) this.active = (this.tabs[index] ?? this.tabs[index - 1])?.id;
    if (this.second !== undefined && this.active === this.second) this.second = undefined;
    if (this.tabs.length === 0) this.maximized = false;
    this.remember();
  }

  /** Shows two tabs side by side, or one again. */
  toggleSplit(): void {
    this.second = this.second === undefined ? this.tabs.find((tab) => tab.id !== this.active)?.id : undefined;
  }

  setOpen(open: boolean): void {
    this.open = open;
    if (!open) this.maximized = false;
    this.#rememberLayout();
  }

  setSize(percent: number): void {
    this.size = Math.min(95, Math.max(10, percent));
    this.#rememberLayout();
  }

  /** Keeps what a reload needs: the requests, the secret ids of the terminals that run, and how the others ended. */
  remember(): void {
    const kept = this.tabs.flatMap((tab) =>
      tab.kind === 'terminal' && (tab.terminal.channelId !== undefined || tab.terminal.end) ? [tab] : [],
    );
    save(
      sessionStorage,
      'terminals',
      kept.map(({ terminal: { request, channelId, end } }) => ({ ...request, channelId, end })),
    );
    save(
      sessionStorage,
      'active',
      Math.max(
        0,
        kept.findIndex((tab) => tab.id === this.active),
      ),
    );
  }

  #add(request: TerminalRequest): Terminal | undefined {
    if (this.tabs.length >= TABS_MAX) return undefined;
    const terminal = new Terminal(request, this.#options);
    this.tabs = [...this.tabs, { id: this.#newId(), kind: 'terminal', terminal }];
    return terminal;
  }

  #newId(): string {
    return `tab-${++this.#count}`;
  }

  #rememberLayout(): void {
    save(localStorage, 'dock', { open: this.open, size: this.size });
  }
}
