import { tick } from 'svelte';
import { isPasted, type Paste, readPaste } from '#lib/domain/paste.ts';

/** What the door needs of a screen. */
export interface PasteTarget {
  /** Whether the program asked to be told where a paste begins and ends: it then runs nothing of it. */
  bracketsPastes(): boolean;
  paste(paste: Paste): void;
  focus(): void;
}

/** A paste that waits for the person. At least one of the two reasons is there. */
export interface PasteQuestion {
  readonly paste: Paste;
  /** The Place that the command belongs to, if that is another. */
  readonly elsewhere: string | undefined;
  /** The program takes each end of a line for Enter. */
  readonly runs: boolean;
}

/**
 * The one way of text into a shell, other than by keys: clipboard, drop, input methods, commands of a sheet. It takes
 * the control characters out of each and asks before what may run.
 */
export class PasteDoor {
  /** One at a time: a later paste takes its place. */
  question: PasteQuestion | undefined = $state.raw();
  /** What the last paste lost, until that was read: how many control characters. */
  loss: { readonly leftOut: number } | undefined = $state.raw();

  readonly #placeOf: (text: string) => string | undefined;
  #target: PasteTarget | undefined;

  /** @param placeOf The label of the Place that a command belongs to, if that is another one than here. */
  constructor(placeOf: (text: string) => string | undefined) {
    this.#placeOf = placeOf;
  }

  open(target: PasteTarget): void {
    this.#target = target;
  }

  /** An attachment. Listens before the terminal's own listeners inside of `holder`: those send text as it is. */
  readonly guard = (holder: HTMLElement): (() => void) => {
    const listening = new AbortController();
    const options = { capture: true, signal: listening.signal };
    holder.addEventListener('paste', (event) => this.#divert(event, event.clipboardData), options);
    holder.addEventListener('drop', (event) => this.#divert(event, event.dataTransfer), options);
    holder.addEventListener('dragover', allowText, options);
    // The clipboard row of an on-screen keyboard comes as an input method's text.
    holder.addEventListener(
      'beforeinput',
      (event) => {
        if (event.cancelable && isPasted(event.data ?? '')) this.#divert(event, event.data);
      },
      options,
    );
    // What is composed cannot be refused before it is there, so it is taken back before the terminal looks.
    holder.addEventListener('input', ({ target }) => void takeBack(target), options);
    holder.addEventListener(
      'compositionend',
      ({ target, data }) => {
        if (takeBack(target, data)) this.take(data);
      },
      options,
    );
    return () => listening.abort();
  };

  /** Sends the text, or asks first. The focus goes to the terminal, or to the question. */
  take(raw: string): void {
    const paste = readPaste(raw);
    const elsewhere = this.#placeOf(paste.text);
    const runs = paste.endsLine && this.#target?.bracketsPastes() !== true;
    this.loss = undefined;
    this.question = elsewhere !== undefined || runs ? { paste, elsewhere, runs } : undefined;
    if (!this.question) this.#send(paste);
  }

  /** The person's answer to the question. */
  answer(yes: boolean): void {
    const asked = this.question;
    this.question = undefined;
    if (!asked || !yes) return this.#focus();
    // The program may have turned brackets off since it was asked.
    const runs = asked.paste.endsLine && this.#target?.bracketsPastes() !== true;
    if (runs && !asked.runs) this.question = { ...asked, runs };
    else this.#send(asked.paste);
  }

  #divert(event: Event, from: DataTransfer | string | null): void {
    event.preventDefault();
    event.stopPropagation();
    const text = typeof from === 'string' ? from : from?.getData('text/plain');
    if (text) this.take(text);
  }

  #send(paste: Paste): void {
    if (paste.text !== '') this.#target?.paste(paste);
    if (paste.leftOut > 0) this.loss = { leftOut: paste.leftOut };
    this.#focus();
  }

  #focus(): void {
    // The terminal may be coming into sight in this very turn; what is out of sight takes no focus.
    void tick().then(() => this.#target?.focus());
  }
}

/** Text may be dropped. Files may not: the browser would leave the page for one. */
function allowText(event: DragEvent): void {
  if (!event.dataTransfer) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = event.dataTransfer.types.includes('text/plain') ? 'copy' : 'none';
}

/** Empties the terminal's input of text that acts, as xterm.js does after a paste. True if there was some. */
function takeBack(input: EventTarget | null, data = ''): boolean {
  if (!(input instanceof HTMLTextAreaElement) || !isPasted(data + input.value)) return false;
  input.value = '';
  return true;
}
