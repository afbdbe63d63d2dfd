import type { LogFile } from '../logs/log-file.ts';
import { ByteQueue, collect, untilBroken } from '../io.ts';
import { always, fail, type Call, type Program } from '../shell/program.ts';
import { readOperand } from './cat.ts';

interface TailOptions {
  readonly unit: 'n' | 'c';
  readonly count: number;
  /** `-n +5`: from that line on. */
  readonly fromStart: boolean;
  readonly follow: 'no' | 'descriptor' | 'name';
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly files: readonly string[];
}

/** `tail`, with -f and -F: follows logs and ordinary files, and says so when a file is rotated (on stderr). */
export const tail: Program = {
  name: 'tail',
  isLive: always,
  run: async (call) => {
    const options = parseOptions(call.args);
    if (typeof options === 'string') return fail(call, options);
    if (options.follow !== 'no' && !call.live) {
      return fail(call, 'tail: on the practice device a file cannot be followed inside $( ) or a function');
    }
    return new Tail(call, options).run();
  },
};

function parseOptions(args: readonly string[]): TailOptions | string {
  let unit: TailOptions['unit'] = 'n';
  let amount = '10';
  let follow: TailOptions['follow'] = 'no';
  let quiet = false;
  let verbose = false;
  const files: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const word = args[index] ?? '';
    const short = /^-([a-zA-Z]+)(.*)$/.exec(word);
    if (word === '--') {
      files.push(...args.slice(index + 1));
      break;
    } else if (/^-\d+$/.test(word)) amount = word.slice(1);
    else if (word.startsWith('--follow')) follow = word.endsWith('=name') ? 'name' : 'descriptor';
    else if (word === '--retry') follow = 'name';
    else if (word === '--quiet' || word === '--silent') quiet = true;
    else if (word.startsWith('--lines=')) amount = word.slice(8);
    else if (word.startsWith('--bytes=')) [unit, amount] = ['c', word.slice(8)];
    else if (/^--(?:pid|sleep-interval|max-unchanged-stats)=/.test(word)) continue;
    else if (word.startsWith('--')) return `tail: unrecognized option '${word}'`;
    else if (short) {
      const letters = short[1] ?? '';
      for (const letter of letters) {
        if (letter === 'f') follow = follow === 'name' ? 'name' : 'descriptor';
        else if (letter === 'F') follow = 'name';
        else if (letter === 'q') quiet = true;
        else if (letter === 'v') verbose = true;
        else if (letter === 'n' || letter === 'c') {
          unit = letter;
          amount = (short[2] ?? '') || (args[++index] ?? '');
        } else if (letter === 's') index++;
        else return `tail: invalid option -- '${letter}'`;
      }
    } else files.push(word);
  }
  if (!/^[+-]?\d+$/.test(amount)) return `tail: invalid number of ${unit === 'n' ? 'lines' : 'bytes'}: '${amount}'`;
  return { unit, count: Math.abs(Number(amount)), fromStart: amount.startsWith('+'), follow, quiet, verbose, files };
}

/** A file that is followed. */
interface Followed {
  readonly name: string;
  readonly path: string;
  /** The open log; null for an ordinary file. */
  log: LogFile | null;
  offset: number;
  present: boolean;
}

class Tail {
  readonly #call: Call;
  readonly #options: TailOptions;
  #printed = '';

  constructor(call: Call, options: TailOptions) {
    this.#call = call;
    this.#options = options;
  }

  async run(): Promise<number> {
    const { files, follow } = this.#options;
    if (files.length === 0) return this.#printStdin();
    const followed: Followed[] = [];
    let status = 0;
    for (const name of files) {
      const content = await readOperand(this.#call, 'tail', name);
      if (!content) status = 1;
      else if (!(await this.#print(name, this.#lastPart(content)))) return 141;
      const path = this.#call.shell.world.fs.resolvePath(this.#call.cwd, name);
      if (content || follow === 'name') {
        followed.push({
          name,
          path,
          log: this.#openLog(path),
          offset: content?.length ?? 0,
          present: content !== null,
        });
      }
    }
    if (follow === 'no') return status;
    if (followed.length === 0) return fail(this.#call, 'tail: no files remaining');
    return this.#follow(followed);
  }

  async #printStdin(): Promise<number> {
    const content = await collect(this.#call.stdin, this.#call.signal);
    if (!content) return fail(this.#call, 'tail: input too large for the practice device');
    await this.#call.stdout.write(this.#lastPart(content));
    return 0;
  }

  #openLog(path: string): LogFile | null {
    return this.#call.shell.world.fs.virtual(path)?.open?.() ?? null;
  }

  #lastPart(content: Buffer): Buffer {
    const { unit, count, fromStart } = this.#options;
    if (unit === 'c')
      return fromStart
        ? content.subarray(Math.max(0, count - 1))
        : content.subarray(Math.max(0, content.length - count));
    if (fromStart) {
      let start = 0;
      for (let line = 1; line < count && start < content.length; line++)
        start = content.indexOf(10, start) + 1 || content.length;
      return content.subarray(start);
    }
    if (count === 0) return Buffer.alloc(0);
    let start = content.length - (content.at(-1) === 10 ? 1 : 0);
    for (let line = 0; line < count && start > 0; line++) {
      const newline = content.lastIndexOf(10, start - 1);
      if (newline < 0) return content;
      if (line === count - 1) return content.subarray(newline + 1);
      start = newline;
    }
    return start <= 0 ? content : content.subarray(start);
  }

  async #print(name: string, content: Buffer): Promise<boolean> {
    const { files, quiet, verbose } = this.#options;
    let header = '';
    if ((files.length > 1 || verbose) && !quiet && this.#printed !== name) {
      header = `${this.#printed === '' ? '' : '\n'}==> ${name} <==\n`;
      this.#printed = name;
    }
    return header === '' && content.length === 0
      ? true
      : this.#call.stdout.write(Buffer.concat([Buffer.from(header), content]));
  }

  /** Wakes at each change and catches up; ends when killed or when nobody reads. */
  async #follow(followed: readonly Followed[]): Promise<number> {
    const { shell, stdout } = this.#call;
    const signal = untilBroken(this.#call.signal, stdout);
    const bell = new ByteQueue();
    const ring = () => {
      if (bell.size === 0) bell.push('.');
    };
    const stopFiles = shell.world.fs.watch(ring);
    const stopLogs = new Map<LogFile, () => void>();
    const watchLogs = () => {
      for (const { log } of followed) if (log && !stopLogs.has(log)) stopLogs.set(log, log.watch(ring));
    };
    try {
      do {
        for (const file of followed) if (!(await this.#catchUp(file))) return 141;
        watchLogs();
      } while ((await bell.read(signal)) !== null);
      return 0;
    } finally {
      stopFiles();
      for (const stop of stopLogs.values()) stop();
    }
  }

  async #catchUp(file: Followed): Promise<boolean> {
    for (;;) {
      if (!(await this.#printNew(file))) return false;
      if (this.#options.follow !== 'name' || !file.log) return true;
      const current = this.#openLog(file.path);
      if (current === file.log || !current) return true;
      await this.#call.stderr.write(`tail: '${file.name}' has been replaced;  following new file\n`);
      // Several rotations may lie between two looks; only the newest file has the name now.
      file.log = current;
      file.offset = 0;
    }
  }

  async #printNew(file: Followed): Promise<boolean> {
    const content = file.log ? file.log.read(file.offset) : await this.#readOrdinary(file);
    if (!content || content.length === 0) return true;
    file.offset += content.length;
    return this.#print(file.name, content);
  }

  async #readOrdinary(file: Followed): Promise<Buffer | null> {
    const { fs } = this.#call.shell.world;
    const all = await fs.readFileBuffer(file.path).catch(() => null);
    if (!all) {
      if (file.present && this.#options.follow === 'name') {
        await this.#call.stderr.write(`tail: '${file.name}' has become inaccessible: No such file or directory\n`);
      }
      file.present = false;
      return null;
    }
    if (!file.present) {
      await this.#call.stderr.write(`tail: '${file.name}' has appeared;  following new file\n`);
      file.offset = 0;
    } else if (all.length < file.offset) {
      await this.#call.stderr.write(`tail: ${file.name}: file truncated\n`);
      file.offset = 0;
    }
    file.present = true;
    return Buffer.from(all.subarray(file.offset));
  }
}
