import { Channel, type ChannelEnd, type ChannelOptions, type ChannelState } from '#lib/client/channel.ts';
import type { LogEntry } from '#lib/domain/log-entry.ts';
import { compileLogFilter } from '#lib/domain/log-filter.ts';
import { parseLogLine } from '#lib/domain/log-parse.ts';
import type { LogSource } from '#lib/domain/log-source.ts';
import { type Line, LineSplitter } from '#lib/domain/line-splitter.ts';
import { STREAMS } from '#lib/protocol/messages.ts';
import type { Problem } from '#lib/protocol/problem.ts';
import type { AskPerson } from './device.svelte.ts';
import type { Span } from './losses.ts';

/** Entries kept per log: about 5 MB at 125 bytes a line. The oldest go first, and the view says how many. */
export const ENTRIES_MAX = 20_000;
/** Evicting in blocks keeps appends cheap. */
const EVICT_BLOCK = 1_000;

/** One row: an entry with its number since the log was opened, or a notice from `tail` itself (stderr). */
export interface LogRow extends LogEntry {
  readonly number: number;
  readonly notice?: boolean;
  /** Characters that were cut off an endless line. */
  readonly cut?: number;
}

export type LogState = ChannelState | 'idle';

/** A followed log of one device: its channel, its entries, its filter. Whoever opened it closes it. */
export class Log {
  readonly source: LogSource;
  readonly deviceLabel: string;
  state: LogState = $state('idle');
  end: ChannelEnd | undefined = $state.raw();
  span: Span = {};
  /** True while the view stays where it is; entries go on arriving. */
  paused = $state(false);
  filterText = $state('');
  /** Rows that pass the filter. Replaced, never changed, at most once per frame. */
  shown: readonly LogRow[] = $state.raw([]);
  /** All rows that are kept. */
  total = $state(0);
  /** Rows that had to make room. */
  evicted = $state(0);
  /** Bytes of log that never arrived: the connection was away for longer than the relay keeps. */
  missing = $state(0);

  readonly #options: ChannelOptions;
  readonly #target: string;
  readonly #command: string;
  readonly #onPrompt: AskPerson;
  #rows: LogRow[] = [];
  #fresh: LogRow[] = [];
  #count = 0;
  #channel: Channel | undefined;
  #matches: ((entry: LogEntry) => boolean) | undefined;
  #publishing = false;

  constructor(
    request: { source: LogSource; target: string; command: string; deviceLabel: string; onPrompt: AskPerson },
    options: ChannelOptions,
  ) {
    this.source = request.source;
    this.deviceLabel = request.deviceLabel;
    this.#target = request.target;
    this.#command = request.command;
    this.#onPrompt = request.onPrompt;
    this.#options = options;
  }

  readonly #compiled = $derived(compileLogFilter(this.filterText));

  get filterProblem(): string | undefined {
    return 'problem' in this.#compiled ? this.#compiled.problem : undefined;
  }

  get problem(): Problem | undefined {
    return this.end && 'problem' in this.end ? this.end.problem : undefined;
  }

  /** Starts following; does nothing while it does. */
  follow(): void {
    if (this.state !== 'idle' && this.state !== 'ended') return;
    this.end = undefined;
    this.span = {};
    this.state = 'connecting';
    if (this.#count > 0) this.#notice('Followed again: the last lines before this one may come twice.');
    const splitters = { stdout: new LineSplitter(), stderr: new LineSplitter() };
    const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
    /** The last line of each stream, if no line end came: a gap or the end must not glue it to something else. */
    const flush = (): void => {
      for (const stream of STREAMS)
        this.#append(splitters[stream].end().map((line) => this.#row(line, stream === 'stderr')));
    };
    const channel = Channel.open(
      { target: this.#target, command: this.#command, pty: null },
      {
        onData: (bytes, stream) => {
          const lines = splitters[stream].push(decoders[stream].decode(bytes, { stream: true }));
          this.#append(lines.map((line) => this.#row(line, stream === 'stderr')));
          channel.consumed(bytes.length);
        },
        onPrompt: this.#onPrompt,
        onGap: (from, to) => {
          flush();
          this.missing += to - from;
          this.#notice(`${to - from} bytes are missing here: the connection was away for too long.`);
        },
        onState: (state) => {
          if (channel !== this.#channel) return;
          this.state = state;
          if (state === 'open') this.span.openedAt ??= performance.now();
        },
        onEnd: (end) => {
          if (channel !== this.#channel) return;
          flush();
          this.span.endedAt = performance.now();
          this.end = end;
          this.state = 'ended';
        },
      },
      this.#options,
    );
    this.#channel = channel;
  }

  setFilter(text: string): void {
    this.filterText = text;
    const compiled = this.#compiled;
    if ('problem' in compiled) return; // The rows stay as they were until the filter makes sense.
    this.#matches = compiled.matches;
    this.#fresh = [];
    this.total = this.#rows.length;
    this.shown = this.#rows.filter(compiled.matches);
  }

  setPaused(paused: boolean): void {
    this.paused = paused;
    this.#publish();
  }

  /** Forgets what was read so far; the device's file is untouched. */
  clear(): void {
    this.#rows = [];
    this.#fresh = [];
    this.evicted = 0;
    this.total = 0;
    this.shown = [];
  }

  /** Ends the follower on the device. The entries stay readable. */
  close(): void {
    this.#channel?.close();
    this.state = 'ended';
  }

  #row({ text, cut }: Line, notice: boolean): LogRow {
    const number = ++this.#count;
    if (notice) return { number, notice, raw: text, message: text };
    return { number, ...(cut > 0 && { cut }), ...parseLogLine(this.source.format, text) };
  }

  #notice(text: string): void {
    this.#append([this.#row({ text, cut: 0 }, true)]);
  }

  #append(rows: LogRow[]): void {
    if (rows.length === 0) return;
    this.#rows.push(...rows);
    this.#fresh.push(...rows);
    // A hidden page has no frames, so nothing empties this.
    if (this.#fresh.length > ENTRIES_MAX) this.#fresh.splice(0, this.#fresh.length - ENTRIES_MAX);
    if (this.#rows.length > ENTRIES_MAX + EVICT_BLOCK) {
      const surplus = this.#rows.length - ENTRIES_MAX;
      this.#rows.splice(0, surplus);
      this.evicted += surplus;
    }
    if (this.#publishing) return;
    // One update per frame, however many packets arrive in it.
    this.#publishing = true;
    requestAnimationFrame(() => {
      this.#publishing = false;
      this.#publish();
    });
  }

  #publish(): void {
    this.total = this.#rows.length;
    const first = this.#rows[0]?.number ?? 0;
    const fresh = this.#matches ? this.#fresh.filter(this.#matches) : this.#fresh;
    this.#fresh = [];
    if (fresh.length === 0 && (this.shown[0]?.number ?? first) >= first) return;
    // A paused view keeps the rows that are being read, even if they had to go from the store.
    const kept = this.paused ? this.shown : this.shown.filter((row) => row.number >= first);
    this.shown = [...kept, ...fresh].slice(-(ENTRIES_MAX + EVICT_BLOCK));
  }
}
