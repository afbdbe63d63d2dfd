import { always, type Call, type Program } from '../shell/program.ts';
import { quoteWord } from '../shell/syntax.ts';

/** `ls` of just-bash, with root as owner; on a terminal in columns and with colours. */
export const ls: Program = {
  name: 'ls',
  isLive: always,
  run: async (call) => {
    const coloured = call.stdout.isTty || call.args.some((word) => word === '--color' || word === '--color=always');
    const args = call.args.filter((word) => !word.startsWith('--color'));
    const result = await runBuiltin(call, args);
    const options = args.filter((word) => /^-[^-]/.test(word)).join('');
    let text = result.stdout;
    // just-bash puts an empty line behind each operand of -d.
    if (options.includes('d')) text = text.replace(/\n{2,}/g, '\n');
    if (options.includes('l')) text = decorateLong(text, coloured);
    else if (coloured && !/[1dR]/.test(options)) text = await layOut(call, args, text);
    await call.stdout.write(text);
    if (result.stderr !== '') await call.stderr.write(result.stderr);
    return result.exitCode;
  },
};

async function runBuiltin(call: Call, args: readonly string[]) {
  if (call.builtin) return call.builtin(args);
  const shell = call.shell.fork();
  const { stdout, stderr, status } = await shell.batch.run(
    ['ls', ...args].map(quoteWord).join(' '),
    Buffer.alloc(0),
    call.signal,
  );
  return { stdout: stdout.toString(), stderr, exitCode: status };
}

function decorateLong(text: string, coloured: boolean): string {
  return text.replace(/^([-dlc][-rwxst]{9} +\d+) \w+ \w+ (.*)$/gm, (_line, start: string, rest: string) => {
    if (!start.startsWith('d')) return `${start} root root ${rest}`;
    const plain = rest.replace(/\/$/, '');
    return `${start} root root ${coloured ? plain.replace(/(\d\d:\d\d )(.*)$/, '$1\x1b[01;34m$2\x1b[0m') : plain}`;
  });
}

/** Names of one directory in columns, filled downwards as ls does. */
async function layOut(call: Call, args: readonly string[], text: string): Promise<string> {
  const operands = args.filter((word) => !word.startsWith('-'));
  const names = text.split('\n').filter((name) => name !== '');
  if (operands.length > 1 || names.length === 0) return text;
  const columns = call.shell.seat.terminal?.columns ?? 80;
  const width = Math.max(...names.map((name) => name.length)) + 2;
  const rows = Math.ceil(names.length / Math.max(1, Math.floor(columns / width)));
  const folder = call.shell.world.fs.resolvePath(call.cwd, operands[0] ?? '.');
  const painted = await Promise.all(names.map((name) => paint(call, folder, name)));
  const lines = Array.from({ length: rows }, (_, row) =>
    names
      .map((name, index) => ({ name, index }))
      .filter(({ index }) => index % rows === row)
      .map(({ name, index }) => `${painted[index] ?? name}${' '.repeat(width - name.length)}`)
      .join('')
      .trimEnd(),
  );
  return lines.join('\n') + '\n';
}

async function paint(call: Call, folder: string, name: string): Promise<string> {
  const status = await call.shell.world.fs.lstat(`${folder}/${name}`).catch(() => null);
  if (status?.isDirectory) return `\x1b[01;34m${name}\x1b[0m`;
  if (status?.isSymbolicLink) return `\x1b[01;36m${name}\x1b[0m`;
  return status && (status.mode & 0o111) !== 0 ? `\x1b[01;32m${name}\x1b[0m` : name;
}
