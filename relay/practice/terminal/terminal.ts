import { ByteQueue, type Sink, type Source } from '../io.ts';

/** What a pty-req asks for. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

const INTERRUPT = 0x03;
const END = 0x04;
const BACKSPACE = 0x08;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const KILL = 0x15;
const ERASE_WORD = 0x17;
const QUIT = 0x1c;
const DELETE = 0x7f;

/** A typed line longer than this is cut, as the kernel does. */
const CANONICAL_LIMIT = 4096;

/** Typed input that waits for a reader: 1 MiB. A kernel keeps 4 KiB; this leaves room for a paste. */
const INPUT_LIMIT = 1024 * 1024;

/** The pty of a session: line discipline for commands, raw keys for the line editor, `\n` to `\r\n` on the way out. */
export class Terminal {
  readonly name: string;
  readonly type: string;
  columns: number;
  rows: number;
  /** What Ctrl-C ends; null while the line editor has the keys. */
  foreground: AbortController | null = null;
  readonly output: Sink;
  readonly #write: Sink;
  readonly #cooked = new ByteQueue('tty');
  readonly #raw = new ByteQueue('tty');
  readonly #resizeListeners = new Set<() => void>();
  #isRaw = false;
  #line: number[] = [];
  /** Column after the last output, to know whether a prompt starts on a fresh line. */
  atLineStart = true;

  constructor(options: TerminalSize & { name: string; type: string; write: Sink }) {
    this.name = options.name;
    this.type = options.type;
    this.columns = options.columns || 80;
    this.rows = options.rows || 24;
    this.#write = options.write;
    this.output = { isTty: true, write: (chunk) => this.#print(chunk) };
  }

  /** What commands read: lines, after Enter. */
  get input(): Source {
    return this.#cooked;
  }

  /** What the line editor reads: keys. */
  get keys(): Source {
    return this.#raw;
  }

  /** Bytes typed at the other end. Resolves when more may come. */
  async feed(bytes: Buffer): Promise<void> {
    if (this.#isRaw) await this.#raw.write(bytes);
    else await this.#cook(bytes, true);
  }

  /** The other end closed its input. */
  end(): void {
    this.#raw.end();
    this.#cooked.end();
  }

  resize({ columns, rows }: TerminalSize): void {
    if (columns > 0) this.columns = columns;
    if (rows > 0) this.rows = rows;
    for (const listener of [...this.#resizeListeners]) listener();
  }

  onResize(listener: () => void): () => void {
    this.#resizeListeners.add(listener);
    return () => this.#resizeListeners.delete(listener);
  }

  /** Hands the keys to the line editor. What was typed ahead is read again as keys. */
  enterRaw(): void {
    if (this.#isRaw) return;
    this.#isRaw = true;
    this.#raw.unread(Buffer.concat([this.#cooked.drain(), Buffer.from(this.#line)]));
    this.#line = [];
  }

  /** Gives the input to commands. Pasted lines that the editor did not take are theirs, without a second echo. */
  leaveRaw(): void {
    if (!this.#isRaw) return;
    this.#isRaw = false;
    void this.#cook(this.#raw.drain(), false);
  }

  async #cook(bytes: Buffer, echo: boolean): Promise<void> {
    let echoed = '';
    for (const byte of bytes) this.#cookByte(byte, (text) => (echoed += text));
    if (echo) await this.#print(echoed);
  }

  #cookByte(byte: number, echo: (text: string) => unknown): void {
    switch (byte) {
      case INTERRUPT:
      case QUIT:
        this.#line = [];
        this.#cooked.clear();
        echo(byte === INTERRUPT ? '^C' : '^\\');
        this.foreground?.abort(byte === INTERRUPT ? 'INT' : 'QUIT');
        return;
      case END:
        if (this.#line.length === 0) this.#cooked.pushEnd();
        else this.#deliver();
        return;
      case BACKSPACE:
      case DELETE:
        if (this.#line.length === 0) return;
        // A character may have several bytes.
        while (((this.#line.pop() ?? 0) & 0xc0) === 0x80);
        echo('\b \b');
        return;
      case KILL:
      case ERASE_WORD: {
        const text = Buffer.from(this.#line).toString();
        const left = byte === KILL ? '' : text.replace(/\S*\s*$/, '');
        echo('\b \b'.repeat(text.length - left.length));
        this.#line = [...Buffer.from(left)];
        return;
      }
      case RETURN:
      case NEWLINE:
        echo('\n');
        this.#line.push(NEWLINE);
        this.#deliver();
        return;
      default:
        if (this.#line.length >= CANONICAL_LIMIT) return;
        this.#line.push(byte);
        if (byte >= 0x20) this.#echoByte(echo);
        else echo('^' + String.fromCharCode(byte + 64));
    }
  }

  /** Echoes the last character once all of its bytes are there. */
  #echoByte(echo: (text: string) => unknown): void {
    let start = this.#line.length - 1;
    while (start > 0 && ((this.#line[start] ?? 0) & 0xc0) === 0x80) start--;
    const text = Buffer.from(this.#line.slice(start)).toString();
    if (!text.includes('\ufffd')) echo(text);
  }

  #deliver(): void {
    // What nobody reads is dropped, as the kernel does; Ctrl-C must get through, so the sender is not held up.
    if (this.#cooked.size < INPUT_LIMIT) this.#cooked.push(Buffer.from(this.#line));
    this.#line = [];
  }

  #print(chunk: string | Uint8Array): Promise<boolean> {
    const bytes = Buffer.from(chunk as string);
    if (bytes.length === 0) return Promise.resolve(true);
    this.atLineStart = bytes.at(-1) === NEWLINE;
    if (!bytes.includes(NEWLINE)) return this.#write.write(bytes);
    return this.#write.write(Buffer.from(bytes.toString('latin1').replace(/(?<!\r)\n/g, '\r\n'), 'latin1'));
  }
}
