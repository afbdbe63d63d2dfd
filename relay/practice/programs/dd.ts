import { always, fail, type Program } from '../shell/program.ts';

/** `dd of=` gathers at most this much before it writes: 64 MiB. */
const FILE_LIMIT = 64 * 1024 * 1024;

/** `dd` with if, of, bs and count. */
export const dd: Program = {
  name: 'dd',
  isLive: always,
  run: async (call) => {
    const operands = new Map(call.args.map((word) => [word.split('=')[0] ?? '', word.split('=').slice(1).join('=')]));
    const sizeOf = (text: string | undefined, otherwise: number) => {
      const match = /^(\d+)([kKMG]?)/.exec(text ?? '');
      return match
        ? Number(match[1]) * ({ k: 1024, K: 1024, M: 1024 ** 2, G: 1024 ** 3 }[match[2] ?? ''] ?? 1)
        : otherwise;
    };
    const block = sizeOf(operands.get('bs'), 512);
    const limit = operands.has('count') ? block * sizeOf(operands.get('count'), 0) : Infinity;
    const input = operands.get('if');
    const output = operands.get('of');
    const pieces: Buffer[] = [];
    let total = 0;
    const emit = async (bytes: Buffer) => {
      const part = bytes.subarray(0, Math.max(0, Math.min(bytes.length, limit - total)));
      total += part.length;
      if (output === undefined) return call.stdout.write(part);
      pieces.push(part);
      return total < FILE_LIMIT;
    };
    const { fs } = call.shell.batch.files;
    if (input === '/dev/zero' || input === '/dev/urandom') {
      if (limit === Infinity && !call.live) return fail(call, 'dd: no count');
      const chunk = Buffer.alloc(Math.min(64 * 1024, limit), input === '/dev/zero' ? 0 : 0x5a);
      while (total < limit && !call.signal.aborted && (await emit(chunk)))
        await new Promise((resolve) => setImmediate(resolve));
    } else if (input !== undefined) {
      const content = await fs.readFileBuffer(fs.resolvePath(call.cwd, input)).catch(() => null);
      if (!content) return fail(call, `dd: failed to open '${input}': No such file or directory`);
      await emit(Buffer.from(content));
    } else {
      for (
        let chunk = await call.stdin.read(call.signal);
        chunk !== null && total < limit;
        chunk = await call.stdin.read(call.signal)
      ) {
        if (!(await emit(chunk))) break;
      }
    }
    if (output !== undefined && output !== '/dev/null')
      await fs.writeFile(fs.resolvePath(call.cwd, output), Buffer.concat(pieces));
    const records = `${String(Math.floor(total / block))}+${total % block > 0 ? '1' : '0'}`;
    if (!call.args.includes('status=none'))
      await call.stderr.write(`${records} records in\n${records} records out\n${String(total)} bytes copied\n`);
    return 0;
  },
};
