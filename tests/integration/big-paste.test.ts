import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { INPUT_FRAME_MAX } from '#lib/protocol/limits.ts';
import { type Sshd, startSshd } from './sshd.ts';
import { finish, outputMatching, start, targetOf, useTransports } from './transport-rig.ts';

/** A paste at a program that does not echo: sshd answers with SSH_MSG_IGNORE, in packets of any size up to 256 KiB. */

const rig = useTransports();
let sshd: Sshd | undefined;

afterEach(() => sshd?.stop());

const PTY = { term: 'xterm', columns: 80, rows: 24 };
/** Each is sent while sshd stands still: it then reads much at once, and writes that to the terminal in large pieces. */
const PARTS = Array.from({ length: 10 }, (_, part) => linesOf(part, 4_300));
const CTRL_D = '\u0004';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

it.each([
  ['', []],
  [', with new keys every 256 KiB', ['RekeyLimit 256K']],
])('arrives whole%s, and the other terminal of the connection lives', async (_, config) => {
  sshd = await startSshd({ config });
  await rig.trust(sshd);
  await rig.configure(`IdentityFile ${sshd.keyFile}\n`);
  const transport = rig.make();
  const file = join(sshd.directory, 'pasted');
  const other = await start(transport, targetOf(sshd), { command: 'read x; echo "alive $x"', pty: PTY });
  const command = `stty -echo; echo ready; cat > ${file}; echo over`;
  const terminal = await start(transport, targetOf(sshd), { command, pty: PTY });
  await outputMatching(terminal.stdout, /ready/);
  let size = 0;
  for (const part of PARTS) {
    const goOn = await sshd.freezeConnections();
    for (const frame of framesOf(part)) if (!terminal.stdin.write(frame)) await once(terminal.stdin, 'drain');
    goOn();
    size += part.length;
    await expect.poll(async () => (await stat(file)).size, { timeout: 20_000 }).toBe(size);
  }
  terminal.stdin.write(CTRL_D);
  expect(await finish(terminal)).toMatchObject({ stdout: 'over\r\n', code: 0, problem: null });
  expect(sha256(await readFile(file))).toBe(sha256(Buffer.concat(PARTS)));
  other.stdin.write('and well\n');
  expect(await finish(other)).toMatchObject({ stdout: expect.stringContaining('alive and well') as string, code: 0 });
  expect(sshd.connectionCount()).toBe(1);
});

/** Lines of 70 columns, no two of them alike. */
function linesOf(part: number, count: number): Buffer {
  return Buffer.from(Array.from({ length: count }, (_, line) => `${part} ${line} `.padEnd(69, 'x') + '\n').join(''));
}

/** As a page sends them. */
function* framesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += INPUT_FRAME_MAX) yield bytes.subarray(at, at + INPUT_FRAME_MAX);
}
