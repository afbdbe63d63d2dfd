/**
 * Everything of xterm.js that the app uses, in one lazily loaded piece: the one file that imports it. Whoever opens
 * a screen disposes it.
 */
import { FitAddon } from '@xterm/addon-fit';
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { WebglAddon } from '@xterm/addon-webgl';
import { type IBufferRange, type ITheme, Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import type { Paste } from '#lib/domain/paste.ts';
import type { PasteTarget } from './paste-door.svelte.ts';

/** Lines that stay above the window: about 14 MB at 120 columns (web-terminals.md section 4, "scrollback"). */
const SCROLLBACK = 10_000;

/** Characters of an address: what a tooltip holds. */
const ADDRESS_SHOWN = 300;

export interface ScreenEvents {
  /**
   * Keys, pastes and the mouse; bytes for the mouse reports that are no text. `byPerson` false: what the terminal says
   * by itself, such as replies to queries.
   */
  onInput(data: string | Uint8Array, byPerson: boolean): void;
  /** The window's size in characters, when it is known and whenever it changed. */
  onResize(columns: number, rows: number): void;
  onTitle(title: string): void;
  /** A key that the app may want; true keeps it from the shell. */
  onKey(event: KeyboardEvent): boolean;
  /** A link was clicked with Ctrl or Cmd. Its text on the screen need not be its address; both are hostile. */
  onLink(address: string, text: string): void;
}

export interface OpenedScreen extends PasteTarget {
  write(data: Uint8Array | string, done?: () => void): void;
  /** Shows what was made for this size, until `ownSize`; also when its window changes in between. */
  otherSize(columns: number, rows: number): void;
  ownSize(): void;
  /** Forgets everything shown. */
  reset(): void;
  focus(): void;
  /** Takes the size of its window. */
  fit(): void;
  setTheme(theme: ITheme): void;
  /** Keeps the rows as text beside the drawing, for screen readers. */
  setScreenReader(on: boolean): void;
  selection(): string;
  dispose(): void;
}

export function openScreen(parent: HTMLElement, theme: ITheme, font: string, events: ScreenEvents): OpenedScreen {
  const terminal = new Terminal({
    allowProposedApi: true,
    cursorBlink: false,
    drawBoldTextInBrightColors: false,
    fontFamily: font,
    fontSize: 13,
    lineHeight: 1.2,
    macOptionIsMeta: true,
    minimumContrastRatio: 4.5,
    scrollback: SCROLLBACK,
    theme,
  });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  terminal.loadAddon(new UnicodeGraphemesAddon());
  followLinks(terminal, parent, events);
  terminal.open(parent);
  const graphics = attachWebgl(terminal);
  terminal.attachCustomKeyEventHandler((event) => !events.onKey(event));
  let byPerson = false;
  beforePersonsInput(terminal, () => (byPerson = true));
  terminal.onData((text) => {
    events.onInput(text, byPerson);
    byPerson = false;
  });
  terminal.onBinary((text) =>
    events.onInput(
      Uint8Array.from(text, (byte) => byte.charCodeAt(0)),
      true,
    ),
  );
  terminal.onTitleChange((title) => events.onTitle(title));
  let showsOther = false;
  let told = '';
  const fitToWindow = (): void => {
    // What is out of sight has no size of its own.
    if (showsOther || parent.clientHeight === 0) return;
    fit.fit();
    const { cols, rows } = terminal;
    if (told === `${cols} ${rows}`) return;
    told = `${cols} ${rows}`;
    events.onResize(cols, rows);
  };
  fitToWindow();
  return {
    write: (data, done) => terminal.write(data, done),
    otherSize: (columns, rows) => {
      showsOther = true;
      terminal.resize(columns, rows);
    },
    ownSize: () => {
      showsOther = false;
      fitToWindow();
    },
    reset: () => terminal.reset(),
    focus: () => terminal.focus(),
    fit: fitToWindow,
    setTheme: (next) => (terminal.options.theme = next),
    setScreenReader: (on) => (terminal.options.screenReaderMode = on),
    selection: () => terminal.getSelection(),
    bracketsPastes: () => terminal.modes.bracketedPasteMode,
    paste: (paste: Paste) => terminal.paste(paste.text),
    dispose: () => {
      graphics?.dispose();
      terminal.dispose();
    },
  };
}

interface Internals {
  readonly _core: { readonly coreService: { onUserInput(listener: () => void): void } };
}

/**
 * Calls `listener` right before each `onData` that a key, a paste, the mouse or an input method made. xterm.js knows
 * the difference to its own replies, but tells it only inside (CoreService.triggerDataEvent, xterm.js 6.0.0).
 */
function beforePersonsInput(terminal: Terminal, listener: () => void): void {
  (terminal as unknown as Internals)._core.coreService.onUserInput(listener);
}

/**
 * One rule for addresses in the text and for links of programs (OSC 8): pointed at, a link shows its address; a click
 * with Ctrl or Cmd is the app's. Without a handler xterm.js would ask the browser's `confirm` at a plain click.
 */
function followLinks(terminal: Terminal, parent: HTMLElement, events: ScreenEvents): void {
  const follow = (event: MouseEvent, address: string, text: string): void => {
    if (event.button === 0 && (event.ctrlKey || event.metaKey)) events.onLink(address, text);
  };
  const pointing = {
    hover: (_: MouseEvent, address: string) =>
      (parent.title = `${address.slice(0, ADDRESS_SHOWN)}\nCtrl-click to open`),
    leave: () => parent.removeAttribute('title'),
  };
  const textOf = ({ start, end }: IBufferRange): string =>
    terminal.buffer.active.getLine(start.y - 1)?.translateToString(false, start.x - 1, end.x) ?? '';
  terminal.options.linkHandler = {
    activate: (event, address, range) => follow(event, address, textOf(range)),
    ...pointing,
  };
  terminal.loadAddon(new WebLinksAddon((event, address) => follow(event, address, address), pointing));
}

/** WebGL draws faster; without it, or when the browser takes its context away, xterm's DOM renderer does. */
function attachWebgl(terminal: Terminal): WebglAddon | undefined {
  try {
    const addon = new WebglAddon();
    addon.onContextLoss(() => addon.dispose());
    terminal.loadAddon(addon);
    return addon;
  } catch {
    return undefined;
  }
}
