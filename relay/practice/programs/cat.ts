import { always, type Call, type Program } from '../shell/program.ts';

/** Bytes of a file that go out in one write. */
const CHUNK_SIZE = 32 * 1024;

/** `cat`: byte-exact, and live on stdin: bytes go out as they come. */
export const cat: Program = {
  name: 'cat',
  isLive: always,
  run: async (call) => {
    const files = call.args.filter((word) => word === '-' || !word.startsWith('-'));
    const options = call.args.filter((word) => word !== '-' && word.startsWith('-') && word !== '--').join('');
    if (/[^-nAbsuvET]/.test(options)) {
      await call.stderr.write(`cat: invalid option -- '${options.replace(/[-nAbsuvET]/g, '').charAt(0)}'\n`);
      return 1;
    }
    const decorate = /[nAbET]/.test(options) ? new Decorator(options) : null;
    let status = 0;
    for (const file of files.length > 0 ? files : ['-']) {
      const result = isStdin(file) ? await copyStdin(call, decorate) : await copyFile(call, file, decorate);
      if (result === 'gone') return 141;
      if (!result) status = 1;
    }
    return status;
  },
};

const isStdin = (file: string): boolean => ['-', '/dev/stdin', '/proc/self/fd/0', '/dev/fd/0'].includes(file);

async function copyStdin(call: Call, decorate: Decorator | null): Promise<boolean | 'gone'> {
  for (let chunk = await call.stdin.read(call.signal); chunk !== null; chunk = await call.stdin.read(call.signal)) {
    if (!(await call.stdout.write(decorate ? decorate.add(chunk) : chunk))) return 'gone';
  }
  return true;
}

async function copyFile(call: Call, file: string, decorate: Decorator | null): Promise<boolean | 'gone'> {
  const content = await readOperand(call, 'cat', file);
  if (!content) return false;
  const bytes = decorate ? Buffer.from(decorate.add(content)) : content;
  for (let start = 0; start < bytes.length; start += CHUNK_SIZE) {
    if (call.signal.aborted || !(await call.stdout.write(bytes.subarray(start, start + CHUNK_SIZE)))) return 'gone';
  }
  return true;
}

/** A file's bytes; null when it cannot be read, and the message is written. */
export async function readOperand(call: Call, name: string, file: string): Promise<Buffer | null> {
  const { fs } = call.shell.batch.files;
  const path = fs.resolvePath(call.cwd, file);
  try {
    if ((await fs.stat(path)).isDirectory) {
      await call.stderr.write(`${name}: ${file}: Is a directory\n`);
      return null;
    }
    return Buffer.from(await fs.readFileBuffer(path));
  } catch (error) {
    const denied = error instanceof Error && error.message.startsWith('EACCES');
    await call.stderr.write(`${name}: ${file}: ${denied ? 'Permission denied' : 'No such file or directory'}\n`);
    return null;
  }
}

/** Line numbers and visible ends, for `cat -n`, `-b`, `-A`, `-E`. */
class Decorator {
  readonly #options: string;
  #number = 1;
  #fresh = true;

  constructor(options: string) {
    this.#options = options;
  }

  add(chunk: Buffer): Buffer {
    let output = '';
    for (const character of chunk.toString('latin1')) {
      if (this.#fresh && (this.#options.includes('n') || (this.#options.includes('b') && character !== '\n'))) {
        output += `${String(this.#number++).padStart(6)}\t`;
      }
      if (character === '\n' && /[AE]/.test(this.#options)) output += '$';
      output += character === '\t' && /[AT]/.test(this.#options) ? '^I' : character;
      this.#fresh = character === '\n';
    }
    return Buffer.from(output, 'latin1');
  }
}
