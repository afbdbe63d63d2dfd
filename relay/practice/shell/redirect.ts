import { nullSink, nullSource, sourceOf, type Sink, type Stdio } from '../io.ts';
import type { CommandNode, WordNode } from './just-bash.ts';
import type { RunContext } from './run-script.ts';
import type { Shell } from './shell.ts';
import { literalText, sourceOfCommand } from './syntax.ts';

type Redirection = CommandNode['redirections'][number];

/** Streams after redirections; `close` writes what is due. */
export interface Redirected {
  readonly io: Stdio;
  close(): Promise<void>;
}

/** Expands words as the shell does; null when that failed (the message is written). */
export async function expandWords(
  shell: Shell,
  words: readonly WordNode[],
  { io, signal }: RunContext,
): Promise<readonly string[] | null> {
  const literals = words.map((word) => (isPlain(word) ? literalText(word) : null));
  if (literals.every((literal) => literal !== null)) return literals;
  const name: WordNode = { type: 'Word', parts: [{ type: 'Literal', value: '.words' }] };
  const source = sourceOfCommand(
    { type: 'SimpleCommand', assignments: [], name, args: [...words], redirections: [] },
    shell.jobs.lastPid,
  );
  const result = await shell.batch.expand(source, signal);
  if (result.stderr !== '') await io.stderr.write(result.stderr);
  return result.ok ? result.words : null;
}

/** Quoting is done with and nothing is left to expand: no tilde, no braces. */
function isPlain(word: WordNode): boolean {
  return word.parts.every((part) => part.type !== 'Literal' || !part.value.startsWith('~'));
}

/** Applies the redirections of a live or compound command, left to right. Null: one failed, its message is written. */
export async function redirect(
  shell: Shell,
  redirections: readonly Redirection[],
  context: RunContext,
): Promise<Redirected | null> {
  let { stdin } = context.io;
  const outputs = new Map<number, Sink>([
    [1, context.io.stdout],
    [2, context.io.stderr],
  ]);
  const closers: (() => Promise<void>)[] = [];
  const refuse = async (text: string) => {
    await context.io.stderr.write(`bash: ${text}\n`);
    return null;
  };
  for (const { fd, operator, target } of redirections) {
    if (target.type === 'HereDoc' || operator === '<<<') {
      const content = target.type === 'HereDoc' ? target.content : target;
      const quoted: WordNode = {
        type: 'Word',
        parts: [{ type: 'DoubleQuoted', parts: content.parts.filter((part) => part.type !== 'BraceExpansion') }],
      };
      const [text] = (await expandWords(shell, operator === '<<<' ? [content] : [quoted], context)) ?? [];
      stdin = sourceOf((text ?? '') + (operator === '<<<' ? '\n' : ''), 'file');
      continue;
    }
    const [word] = (await expandWords(shell, [target], context)) ?? [];
    if (word === undefined) return refuse('ambiguous redirect');
    if (operator === '<') {
      const content = word === '/dev/null' ? Buffer.alloc(0) : await readFile(shell, word);
      if (content === null) return refuse(`${word}: No such file or directory`);
      stdin = sourceOf(content, 'file');
    } else if (operator === '>&' && /^\d+$/.test(word)) {
      const copied = outputs.get(Number(word));
      if (!copied) return refuse(`${word}: Bad file descriptor`);
      outputs.set(fd ?? 1, copied);
    } else if (operator === '<&') {
      if (word === '-') stdin = nullSource();
      else if (word !== '0') return refuse(`<&${word}: this redirection is not on the practice device`);
    } else if (operator === '<>') {
      return refuse('<>: this redirection is not on the practice device');
    } else {
      const file =
        word === '-' || word === '/dev/null' ? nullSink : await openForWriting(shell, word, operator.includes('>>'));
      if (!file) return refuse(`${word}: No such file or directory`);
      if (operator.startsWith('&') || operator === '>&') outputs.set(1, file).set(2, file);
      else outputs.set(fd ?? 1, file);
      if (file instanceof FileSink) closers.push(() => file.flush());
    }
  }
  const io = { stdin, stdout: outputs.get(1) ?? nullSink, stderr: outputs.get(2) ?? nullSink };
  return { io, close: async () => void (await Promise.all(closers.map((close) => close()))) };
}

async function readFile(shell: Shell, path: string): Promise<Uint8Array | null> {
  const { fs } = shell.batch.files;
  try {
    return await fs.readFileBuffer(fs.resolvePath(shell.directory, path));
  } catch {
    return null;
  }
}

async function openForWriting(shell: Shell, word: string, append: boolean): Promise<FileSink | null> {
  const { fs } = shell.batch.files;
  const path = fs.resolvePath(shell.directory, word);
  try {
    if (append) await fs.appendFile(path, '');
    else await fs.writeFile(path, '');
    return new FileSink(shell, path);
  } catch {
    return null;
  }
}

/**
 * Bytes that a redirected stream gathers before they go to the file. Appending copies the file each time, so a large
 * file is appended to in pieces of half its size.
 */
const FLUSH_SIZE = 1024 * 1024;
/** And the longest that they wait, so that a follower of the file sees them. */
const FLUSH_MS = 50;

/** Appends to a file in memory. */
class FileSink implements Sink {
  readonly isTty = false;
  readonly #shell: Shell;
  readonly #path: string;
  #chunks: Uint8Array[] = [];
  #size = 0;
  #written = 0;
  #flushedAt = 0;
  #full = false;

  constructor(shell: Shell, path: string) {
    this.#shell = shell;
    this.#path = path;
  }

  async write(chunk: string | Uint8Array): Promise<boolean> {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    this.#chunks.push(bytes);
    this.#size += bytes.length;
    const due = this.#written < FLUSH_SIZE && Date.now() - this.#flushedAt > FLUSH_MS;
    if (due || this.#size >= Math.max(FLUSH_SIZE, this.#written / 2)) await this.flush();
    return !this.#full;
  }

  async flush(): Promise<void> {
    const bytes = Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#size = 0;
    this.#written += bytes.length;
    this.#flushedAt = Date.now();
    if (bytes.length === 0 || this.#full) return;
    try {
      await this.#shell.batch.files.fs.appendFile(this.#path, bytes);
    } catch {
      // The file system's bound is reached: to the writer this is a stream that takes no more.
      this.#full = true;
    }
  }
}
