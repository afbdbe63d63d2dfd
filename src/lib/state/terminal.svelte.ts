import { tick } from 'svelte';
import { Channel, type ChannelEnd, type ChannelOptions, type ChannelState } from '#lib/client/channel.ts';
import { withoutDirections } from '#lib/domain/direction.ts';
import type { Place } from '#lib/domain/place.ts';
import type { Size } from '#lib/protocol/messages.ts';
import type { Problem } from '#lib/protocol/problem.ts';
import type { OpenPrompt } from './device.svelte.ts';
import type { Span } from './losses.ts';

/** The screen that a terminal draws on; made and disposed by its component. */
export interface Screen {
  /** Draws bytes or text; `done` is called when they are parsed, which is when they count as consumed. */
  write(data: Uint8Array | string, done?: () => void): void;
  /** Shows what was made for this size, until `ownSize`. */
  otherSize(columns: number, rows: number): void;
  /** Goes back to the size of its window. */
  ownSize(): void;
  /** Forgets everything shown. */
  reset(): void;
  focus(): void;
  /**
   * Brings text to the shell as a paste: nothing of it acts, and the person is asked where it would run by itself.
   * The focus goes to the terminal, or to that question.
   */
  paste(text: string): void;
}

export interface TerminalRequest {
  readonly target: string;
  /** null: the login shell. */
  readonly command: string | null;
  readonly place: Place;
  readonly title: string;
  /** The channel of an earlier page load. */
  readonly channelId?: string | undefined;
  /** It had ended before this page was loaded. */
  readonly end?: ChannelEnd | undefined;
}

export type TerminalState = ChannelState | 'new';

/** What a terminal sends as TERM: xterm.js is one, and a Debian or ChromeOS terminfo has the entry. */
const TERM = 'xterm-256color';

/** Longest title of a program that is kept, in characters: more than a tab and its tooltip show. */
const TITLE_MAX = 200;

/** Between what a shell printed and the one after it, in the terminal's default colours. */
const NEW_SHELL = '\x1b[0m\r\n\x1b[2m──── a new shell ────\x1b[0m\r\n';

/** For a terminal that was never in sight; it gets its own when it is. */
const FIRST_SIZE: Size = { columns: 80, rows: 24 };

/** One shell: a channel with a pty, and the screen that shows it. Its tab owns it. */
export class Terminal {
  readonly request: TerminalRequest;
  state: TerminalState = $state('new');
  end: ChannelEnd | undefined = $state.raw();
  span: Span = {};
  prompt: OpenPrompt | undefined = $state.raw();
  /** It ended before this page was loaded: what it printed is gone. */
  outputGone = $state(false);
  /** The last input was refused, whole: too much of what came before still waits. */
  refusedInput = $state(false);
  /** Set by programs (OSC 0 and 2); shown as text beside the tab's own title. */
  programTitle: string | undefined = $state();
  /** The channel's secret, for the page after a reload. */
  channelId: string | undefined = $state();

  readonly #options: ChannelOptions;
  readonly #encoder = new TextEncoder();
  #screen: Screen | undefined;
  #channel: Channel | undefined;
  /** Of its window; unknown while that was never in sight. */
  #size: Size | undefined;
  #waitingLine: string | undefined;
  #focusWanted = false;

  constructor(request: TerminalRequest, options: ChannelOptions) {
    this.request = request;
    this.#options = options;
    this.channelId = request.channelId;
    if (!request.end) return;
    this.end = request.end;
    this.state = 'ended';
    this.outputGone = true;
  }

  get problem(): Problem | undefined {
    return this.end && 'problem' in this.end ? this.end.problem : undefined;
  }

  /** Takes a screen and starts, or goes on with the channel of an earlier page load. */
  attach(screen: Screen): void {
    this.#screen = screen;
    if (this.#focusWanted) this.focus();
    if (!this.#channel && this.state === 'new') this.#start();
  }

  /**
   * Keys and pastes, or (`byPerson` false) what the terminal says by itself: replies to queries of the device. Those
   * in output that is shown again were answered by the page before, so nothing is said twice.
   */
  input(data: string | Uint8Array, byPerson = true): void {
    if (!byPerson && this.#channel?.replaying) return;
    const bytes = typeof data === 'string' ? this.#encoder.encode(data) : data;
    this.refusedInput = this.#channel?.write(bytes) === false && this.state !== 'ended';
  }

  /** Types a command line without its Enter: the person looks, then runs it. */
  type(line: string): void {
    if (!this.#channel) return this.typeWhenReady(line);
    this.#screen?.paste(line);
  }

  /** As `type`, in a shell that is still starting: after its first output, which is its prompt. */
  typeWhenReady(line: string): void {
    this.#waitingLine = line;
  }

  /** A program of the device named itself, in up to 10 million characters. */
  setProgramTitle(title: string): void {
    this.programTitle = withoutDirections(title.slice(0, TITLE_MAX));
  }

  resize(columns: number, rows: number): void {
    this.#size = { columns, rows };
    this.#channel?.resize(columns, rows);
  }

  /** Gives it the keyboard, now or when its screen is there. Only ever because the person asked for this terminal. */
  focus(): void {
    this.#focusWanted = this.#screen === undefined;
    // Its tab may be coming into sight in this very turn; what is out of sight takes no focus.
    void tick().then(() => this.#screen?.focus());
  }

  /** Starts a new shell after the old one ended, takes it back from another window, or tries at once to come back. */
  reconnect(): void {
    if (this.state === 'waiting') return this.#channel?.reconnect();
    if (this.state !== 'ended') return;
    if (this.channelId === undefined) this.#screen?.write(this.outputGone ? '' : NEW_SHELL);
    else this.#screen?.reset();
    this.#start();
  }

  /** Ends the shell on the device. */
  close(): void {
    this.prompt?.answer(null);
    this.#channel?.close();
    this.state = 'ended';
  }

  #start(): void {
    const screen = this.#screen;
    if (!screen) return;
    this.end = undefined;
    this.outputGone = false;
    this.span = {};
    this.state = 'connecting';
    const { target, command } = this.request;
    const handlers = {
      onData: (bytes: Uint8Array) =>
        screen.write(bytes, () => {
          channel.consumed(bytes.length);
          const line = this.#waitingLine;
          this.#waitingLine = undefined;
          if (line !== undefined) this.type(line);
        }),
      // Written in between, because what came before is not drawn yet.
      onSize: (size: Size | null) =>
        screen.write('', () => (size ? screen.otherSize(size.columns, size.rows) : screen.ownSize())),
      onGap: (from: number, to: number) =>
        screen.write(`\r\n\x1b[2m[${to - from} bytes of earlier output were not kept]\x1b[0m\r\n`),
      onPrompt: (prompt: OpenPrompt['prompt'], answer: OpenPrompt['answer']) => {
        this.prompt = {
          prompt,
          answer: (answers) => {
            this.prompt = undefined;
            answer(answers);
          },
        };
      },
      onState: (state: ChannelState) => {
        if (channel !== this.#channel) return;
        this.state = state;
        if (state === 'open') this.span.openedAt ??= performance.now();
        this.channelId = channel.id;
      },
      onEnd: (end: ChannelEnd) => {
        if (channel !== this.#channel) return;
        this.span.endedAt = performance.now();
        this.end = end;
        this.prompt = undefined;
        // What goes on in another window can be taken back from there.
        if (this.problem?.code !== 'channel-taken') this.channelId = undefined;
        screen.write('', () => screen.ownSize());
        this.state = 'ended';
      },
    };
    const channel =
      this.channelId === undefined
        ? Channel.open({ target, command, pty: { term: TERM, ...(this.#size ?? FIRST_SIZE) } }, handlers, this.#options)
        : Channel.resume(this.channelId, handlers, this.#options);
    this.#channel = channel;
    if (this.#size) channel.resize(this.#size.columns, this.#size.rows);
  }
}
