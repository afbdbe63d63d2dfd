/** The longest line that is kept, in UTF-16 units. A log record is 1 to 8 KiB; a core dump piped by mistake has no end. */
export const LINE_MAX = 64 * 1024;

export interface Line {
  /** Without its line end. */
  readonly text: string;
  /** How many UTF-16 units were cut off its end; 0 for a whole line. Shown to the user: nothing is lost in silence. */
  readonly cut: number;
}

/**
 * Splits text that comes in chunks into lines, however the chunks fall. A line ends at LF; CRs before it belong to
 * the line end, as a pty makes them. Holds at most `LINE_MAX` units.
 */
export class LineSplitter {
  #text = '';
  #cut = 0;
  #open = false;

  /** The lines that this chunk ends. */
  push(chunk: string): Line[] {
    const lines: Line[] = [];
    let from = 0;
    for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', from)) {
      this.#take(chunk.slice(from, end));
      lines.push(this.#finish());
      from = end + 1;
    }
    if (from < chunk.length) this.#take(chunk.slice(from));
    return lines;
  }

  /** What is left when the text has ended: the last line, if it had no line end. */
  end(): Line[] {
    return this.#open ? [this.#finish()] : [];
  }

  #take(text: string): void {
    this.#open = true;
    const room = LINE_MAX - this.#text.length;
    this.#text += text.slice(0, room);
    this.#cut += Math.max(0, text.length - room);
  }

  #finish(): Line {
    // Half a character at the cut would show as a broken one.
    const kept = this.#cut > 0 ? this.#text.replace(/[\ud800-\udbff]$/, '') : withoutEndingReturns(this.#text);
    const cut = this.#cut > 0 ? this.#cut + this.#text.length - kept.length : 0;
    this.#text = '';
    this.#cut = 0;
    this.#open = false;
    return { text: kept, cut };
  }
}

/** Not /\r+$/, which takes quadratic time on a line full of carriage returns that ends in something else. */
function withoutEndingReturns(text: string): string {
  let end = text.length;
  while (text.charCodeAt(end - 1) === 13) end -= 1;
  return text.slice(0, end);
}
