/**
 * Everything of xterm.js that the app uses, in one lazily loaded piece: the one file that imports it. Whoever opens
 * a screen disposes it.
 */
import { FitAddon } from '@xterm/addon-fit';
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { WebglAddon } from '@xterm/addon-webgl';
import { type ITheme, Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';

/** Lines that stay above the window: about 14 MB at 120 columns (web-terminals.md section 4, "scrollback"). */
const SCROLLBACK = 10_000;

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
}

export interface OpenedScreen {
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
  paste(text: string): void;
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
  // Links of a device are hostile until a person follows one on purpose: http and https only, in a new tab.
  terminal.loadAddon(
    new WebLinksAddon((event, address) => {
      if ((event.ctrlKey || event.metaKey) && /^https?:/.test(address))
        window.open(address, '_blank', 'noopener,noreferrer');
    }),
  );
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
    paste: (text) => terminal.paste(text),
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
