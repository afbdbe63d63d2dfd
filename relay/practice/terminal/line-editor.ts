import { complete } from './completion.ts';
import type { History } from './history.ts';
import { KeyReader } from './keys.ts';
import type { Terminal } from './terminal.ts';
import type { Shell } from '../shell/shell.ts';

/** How reading a line ended. */
export type LineEnd = { readonly line: string } | 'interrupt' | 'end';

/** Reads lines from a person: cursor keys, history, search, completion. The keys are bash's (emacs mode). */
export class LineEditor {
  readonly #terminal: Terminal;
  readonly #history: History;
  readonly #shell: Shell;
  readonly #keys: KeyReader;
  #prompt = '';
  #characters: string[] = [];
  #cursor = 0;
  #killed = '';
  /** Row of the cursor below the row of the prompt, as last drawn. */
  #row = 0;
  #lastKey = '';

  constructor(terminal: Terminal, shell: Shell, history: History) {
    this.#terminal = terminal;
    this.#shell = shell;
    this.#history = history;
    this.#keys = new KeyReader(terminal.keys);
  }

  async readLine(prompt: string, signal: AbortSignal): Promise<LineEnd> {
    this.#terminal.enterRaw();
    const stopRedraw = this.#terminal.onResize(() => void this.#draw());
    try {
      return await this.#edit(prompt, signal);
    } finally {
      stopRedraw();
      this.#terminal.leaveRaw();
    }
  }

  async #edit(prompt: string, signal: AbortSignal): Promise<LineEnd> {
    this.#prompt = prompt;
    this.#setText('');
    this.#row = 0;
    this.#history.rewind();
    await this.#write(prompt);
    for (;;) {
      const key = await this.#keys.next(signal);
      if (key === null) return 'end';
      if ('text' in key) await this.#insert(key.text);
      else {
        const end = await this.#press(key.name, signal);
        if (end) return end;
      }
      this.#lastKey = 'name' in key ? key.name : '';
    }
  }

  async #press(name: string, signal: AbortSignal): Promise<LineEnd | null> {
    switch (name) {
      case 'enter': {
        const line = this.#characters.join('');
        await this.#moveTo(this.#characters.length);
        await this.#write('\n');
        return { line };
      }
      case 'ctrl-c':
        await this.#moveTo(this.#characters.length);
        await this.#write('^C\n');
        return 'interrupt';
      case 'ctrl-d':
        if (this.#characters.length === 0) return 'end';
        await this.#remove(this.#cursor, this.#cursor + 1);
        return null;
      case 'ctrl-i':
        await this.#complete();
        return null;
      case 'ctrl-l':
        await this.#write('\x1b[H\x1b[2J');
        this.#row = 0;
        await this.#draw();
        return null;
      case 'ctrl-r':
        return this.#search(signal);
      default:
        await this.#editKey(name);
        return null;
    }
  }

  async #editKey(name: string): Promise<void> {
    const length = this.#characters.length;
    switch (name) {
      case 'left':
      case 'ctrl-b':
        return this.#moveTo(this.#cursor - 1);
      case 'right':
      case 'ctrl-f':
        return this.#moveTo(this.#cursor + 1);
      case 'home':
      case 'ctrl-a':
        return this.#moveTo(0);
      case 'end':
      case 'ctrl-e':
        return this.#moveTo(length);
      case 'alt-b':
        return this.#moveTo(this.#wordStart());
      case 'alt-f':
        return this.#moveTo(this.#wordEnd());
      case 'backspace':
      case 'ctrl-h':
        return this.#remove(this.#cursor - 1, this.#cursor);
      case 'delete':
        return this.#remove(this.#cursor, this.#cursor + 1);
      case 'ctrl-k':
        return this.#kill(this.#cursor, length);
      case 'ctrl-u':
        return this.#kill(0, this.#cursor);
      case 'ctrl-w':
        return this.#kill(this.#wordStart(), this.#cursor);
      case 'alt-d':
        return this.#kill(this.#cursor, this.#wordEnd());
      case 'ctrl-y':
        return this.#insert(this.#killed);
      case 'up':
      case 'ctrl-p':
        return this.#replace(this.#history.older(this.#characters.join('')));
      case 'down':
      case 'ctrl-n':
        return this.#replace(this.#history.newer());
      default:
        return undefined;
    }
  }

  async #insert(text: string): Promise<void> {
    const added = [...text];
    const atEnd = this.#cursor === this.#characters.length;
    this.#characters.splice(this.#cursor, 0, ...added);
    this.#cursor += added.length;
    const { columns } = this.#terminal;
    const before = widthOf(this.#prompt) + widthOf(this.#characters.join('')) - widthOf(text);
    // At the end and within the row the new character is all there is to draw.
    if (atEnd && (before % columns) + widthOf(text) < columns) await this.#write(text);
    else await this.#draw();
  }

  async #remove(start: number, end: number): Promise<void> {
    if (start < 0 || end > this.#characters.length || start >= end) return;
    this.#characters.splice(start, end - start);
    this.#cursor = start;
    await this.#draw();
  }

  async #kill(start: number, end: number): Promise<void> {
    if (start >= end) return;
    this.#killed = this.#characters.slice(start, end).join('');
    await this.#remove(start, end);
  }

  async #moveTo(cursor: number): Promise<void> {
    const next = Math.max(0, Math.min(this.#characters.length, cursor));
    if (next === this.#cursor) return;
    this.#cursor = next;
    await this.#draw();
  }

  async #replace(text: string | null): Promise<void> {
    if (text === null) return;
    this.#setText(text);
    await this.#draw();
  }

  #setText(text: string): void {
    this.#characters = [...text];
    this.#cursor = this.#characters.length;
  }

  #wordStart(): number {
    const before = this.#characters.slice(0, this.#cursor).join('');
    return [...before.replace(/\S*\s*$/, '')].length;
  }

  #wordEnd(): number {
    const after = this.#characters.slice(this.#cursor).join('');
    return this.#cursor + [...(/^\s*\S*/.exec(after)?.[0] ?? '')].length;
  }

  async #complete(): Promise<void> {
    const before = this.#characters.slice(0, this.#cursor).join('');
    const { word, candidates } = await complete(this.#shell, before);
    if (candidates.length === 0) return this.#write('\x07');
    const shared = commonPrefix(candidates);
    const [only] = candidates;
    if (candidates.length === 1 && only !== undefined) {
      await this.#insert(only.slice(word.length) + (only.endsWith('/') || only.endsWith('=') ? '' : ' '));
    } else if (shared.length > word.length) await this.#insert(shared.slice(word.length));
    else if (this.#lastKey === 'ctrl-i') await this.#list(candidates);
    else await this.#write('\x07');
  }

  async #list(candidates: readonly string[]): Promise<void> {
    const names = candidates.map((candidate) => candidate.replace(/^.*\/(?=.)/, ''));
    const width = Math.max(...names.map((name) => name.length)) + 2;
    const perRow = Math.max(1, Math.floor(this.#terminal.columns / width));
    const rows: string[] = [];
    for (let start = 0; start < names.length; start += perRow) {
      rows.push(
        names
          .slice(start, start + perRow)
          .map((name) => name.padEnd(width))
          .join('')
          .trimEnd(),
      );
    }
    await this.#write('\n' + rows.join('\n') + '\n');
    this.#row = 0;
    await this.#draw();
  }

  /** Ctrl-R: the newest line of the history that has the typed text in it. */
  async #search(signal: AbortSignal): Promise<LineEnd | null> {
    const prompt = this.#prompt;
    let wanted = '';
    let found = '';
    let skip = 0;
    const show = async () => {
      this.#prompt = `(reverse-i-search)\`${wanted}': `;
      this.#setText(found);
      await this.#draw();
    };
    await show();
    for (;;) {
      const key = await this.#keys.next(signal);
      if (key === null) return 'end';
      if ('text' in key) wanted += key.text;
      else if (key.name === 'backspace') wanted = wanted.slice(0, -1);
      else if (key.name === 'ctrl-r') skip++;
      else {
        this.#prompt = prompt;
        if (key.name === 'ctrl-g' || key.name === 'ctrl-c') this.#setText('');
        await this.#draw();
        return key.name === 'ctrl-g' ? null : this.#press(key.name, signal);
      }
      if ('text' in key) skip = 0;
      found = this.#history.find(wanted, skip) ?? found;
      await show();
    }
  }

  /** Draws prompt and text anew and puts the cursor in place. */
  async #draw(): Promise<void> {
    const { columns } = this.#terminal;
    const text = this.#characters.join('');
    const end = widthOf(this.#prompt) + widthOf(text);
    const target = widthOf(this.#prompt) + widthOf(this.#characters.slice(0, this.#cursor).join(''));
    let output = (this.#row > 0 ? `\x1b[${String(this.#row)}A` : '') + '\r\x1b[J' + this.#prompt + text;
    // A full last row leaves the cursor at its end; a space and return bring it down.
    if (end > 0 && end % columns === 0) output += ' \r';
    const row = Math.floor(target / columns);
    const up = Math.floor(end / columns) - row;
    output += (up > 0 ? `\x1b[${String(up)}A` : '') + '\r';
    if (target % columns > 0) output += `\x1b[${String(target % columns)}C`;
    this.#row = row;
    await this.#write(output);
  }

  async #write(text: string): Promise<void> {
    await this.#terminal.output.write(text);
  }
}

/** Columns that text takes, without its colours. */
function widthOf(text: string): number {
  // eslint-disable-next-line no-control-regex
  const visible = text.replace(/\x1b\[[0-9;]*m/g, '');
  let width = 0;
  for (const character of visible)
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{1faff}]/u.test(
        character,
      )
        ? 2
        : 1;
  return width;
}

function commonPrefix(words: readonly string[]): string {
  let [prefix = ''] = words;
  for (const word of words) while (!word.startsWith(prefix)) prefix = prefix.slice(0, -1);
  return prefix;
}
