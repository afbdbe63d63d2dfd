import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HIGH_WATER, REPLAY_RING } from '#lib/protocol/limits.ts';
import type { RelayRig } from './relay-rig.ts';
import { type SshdRig, startSshdRig } from './sshd-rig.ts';

/** How a channel outlives its page, against the real OpenSSH server. */

let host: SshdRig;
let rig: RelayRig;
let target: string;

beforeAll(async () => {
  host = await startSshdRig();
  ({ rig, target } = host);
});

afterAll(() => host?.close());

const PTY = { term: 'xterm-256color', columns: 80, rows: 24 };
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const idOf = (session: { channel: { id: string | undefined } }): string => session.channel.id ?? '';

describe('a reloaded page', () => {
  it('gets the output with the sizes it was made for, then its own', async () => {
    const before = rig.open({ target, command: 'echo one; read x; echo two; read x; echo three; cat', pty: PTY });
    await before.until('one');
    before.channel.resize(100, 30);
    before.channel.resize(120, 40);
    before.write('\n');
    await before.until('two');
    before.channel.resize(90, 20);
    before.write('\n');
    const all = await before.until('three');
    before.leave();
    const after = rig.resume(idOf(before));
    after.channel.resize(132, 43);
    after.write('end\n');
    await after.until('end');
    // What a terminal of each size was shown: the echo of what was typed comes after the resize that came before it.
    const [[, first] = [], [atSecond = 0, second] = [], [atThird = 0, third] = [], [atOwn, own] = []] = after.sizes;
    expect([first, second, third, own]).toEqual([
      { columns: 80, rows: 24 },
      { columns: 120, rows: 40 },
      { columns: 90, rows: 20 },
      null,
    ]);
    expect(after.sizes.length).toBe(4);
    const text = after.text();
    expect(text.slice(0, atSecond)).toBe('one\r\n');
    expect(text.slice(atSecond, atThird)).toBe('\r\ntwo\r\n');
    expect(text.slice(atThird, atOwn)).toBe('\r\nthree\r\n');
    expect(atOwn).toBe(all.length);
    after.channel.close();
  });

  it('lets its terminal answer only what no page has been shown', async () => {
    // What a terminal would answer: output during which the channel does not say that it is replayed.
    const go = `${host.sshd.directory}/go`;
    const command = `echo seen; until [ -e ${go} ]; do :; done; echo unseen; cat`;
    const before = rig.open({ target, command, pty: null });
    await before.until('seen\n');
    before.leave();
    await rig.run(target, `touch ${go}`);
    await rig.run(target, 'true');
    const replaying: [string, boolean][] = [];
    const after = rig.resume(idOf(before), {
      onData: (bytes) => {
        replaying.push([Buffer.from(bytes).toString(), after.channel.replaying]);
        after.channel.consumed(bytes.length);
      },
    });
    await expect.poll(() => replaying.map(([text]) => text).join('')).toBe('seen\nunseen\n');
    expect(replaying).toEqual([
      ['seen\n', true],
      ['unseen\n', false],
    ]);
    after.channel.close();
  });

  it('learns the exact byte range that the relay does not have any more', async () => {
    const total = 3 * REPLAY_RING;
    const command = `head -c ${total} /dev/zero | tr '\\0' x | sed 's/x\\{64\\}/&\\n/g' | awk '{ printf "%08d %s", NR, $0 }'; cat`;
    const before = rig.open({ target, command, pty: null });
    const whole = (total / 64) * (9 + 64);
    await expect.poll(() => before.bytes().length, { timeout: 30_000 }).toBe(whole);
    const printed = before.bytes();
    before.leave();
    const after = rig.resume(idOf(before));
    after.write('.');
    await expect.poll(() => after.bytes().at(-1)).toBe('.'.charCodeAt(0));
    const [gap] = after.gaps;
    expect(after.gaps).toHaveLength(1);
    expect(gap?.[0]).toBe(0);
    const start = gap?.[1] ?? 0;
    // The ring was full, but for what one record takes.
    expect(whole - start).toBeGreaterThan(REPLAY_RING * 0.9);
    expect(whole - start).toBeLessThanOrEqual(REPLAY_RING);
    expect(sha256(after.bytes().subarray(0, -1))).toBe(sha256(printed.subarray(start)));
    after.channel.close();
  });

  it('misses nothing of a command that printed a flood while no page was there', async () => {
    const before = rig.open({ target, command: 'read x; seq 1 300000', pty: null });
    before.write('\n');
    before.channel.end();
    await before.until('1\n');
    before.leave();
    await rig.run(target, 'true');
    const after = rig.resume(idOf(before));
    expect(await after.ended).toEqual({ exit: { type: 'exit', code: 0, signal: null } });
    expect(after.gaps).toEqual([]);
    const wanted = Array.from({ length: 300_000 }, (_, index) => `${index + 1}\n`).join('');
    expect(wanted.length).toBeGreaterThan(3 * HIGH_WATER);
    expect(sha256(after.bytes())).toBe(sha256(Buffer.from(wanted)));
  });
});

describe('the end of a command', () => {
  it('comes after all of its output, also after what is printed later than its exit', async () => {
    const result = await rig.run(
      target,
      '(while [ "$(cat /proc/$$/stat 2>/dev/null)" ]; do :; done; echo late) & echo early; exit 7',
    );
    expect(result).toEqual({ stdout: 'early\nlate\n', stderr: '', exit: { type: 'exit', code: 7, signal: null } });
  });

  it('waits with its output for a page that is away, then says how it was', async () => {
    const before = rig.open({ target, command: 'echo start; read x; echo over; exit 5', pty: null });
    await before.until('start\n');
    before.write('\n');
    before.leave();
    await rig.run(target, 'true');
    const after = rig.resume(idOf(before));
    expect(await after.ended).toEqual({ exit: { type: 'exit', code: 5, signal: null } });
    expect(after.text()).toBe('start\nover\n');
  });

  it('tells a code from a signal', async () => {
    expect(await rig.run(target, 'exit 143')).toMatchObject({ exit: { code: 143, signal: null } });
    expect(await rig.run(target, 'kill -TERM $$')).toMatchObject({ exit: { code: null, signal: 'TERM' } });
    expect(await rig.run(target, 'kill -KILL $$')).toMatchObject({ exit: { code: null, signal: 'KILL' } });
  });
});

describe('one page at a time', () => {
  it('the older one is told, and what it sends does not reach the command', async () => {
    const older = rig.rawSocket();
    const said: { type: string; channel?: string; problem?: { code: string } }[] = [];
    await new Promise<void>((resolve) => {
      older.on('open', () => older.send(JSON.stringify({ type: 'open', target, command: 'cat', pty: null })));
      older.on('message', (data: Buffer, isBinary) => {
        if (isBinary) return;
        said.push(JSON.parse(data.toString()) as (typeof said)[number]);
        if (said.length === 1) resolve();
      });
    });
    // Its socket stays open: it does not answer the closing handshake, and goes on sending.
    const newer = rig.resume(said[0]?.channel ?? '');
    newer.write('mine\n');
    await newer.until('mine\n');
    expect(said.at(-1)).toMatchObject({ type: 'close', problem: { code: 'channel-taken' } });
    const underneath = (older as unknown as { _socket: { write(bytes: Buffer): void } })._socket;
    const frame = (opcode: number, payload: string): Buffer =>
      // A masked frame (RFC 6455 section 5.2) with a mask of zeros.
      Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length, 0, 0, 0, 0]), Buffer.from(payload)]);
    underneath.write(frame(2, 'not mine\n'));
    underneath.write(frame(1, '{"type":"signal","signal":"KILL"}'));
    underneath.write(frame(1, '{"type":"close"}'));
    newer.write('still mine\n');
    await newer.until('still mine\n');
    newer.channel.end();
    expect(await newer.ended).toEqual({ exit: { type: 'exit', code: 0, signal: null } });
    expect(newer.text()).toBe('mine\nstill mine\n');
  });

  it("another person's page gets the answer of a channel that never was, and disturbs nobody", async () => {
    const mine = rig.open({ target, command: 'cat', pty: null });
    mine.write('one\n');
    await mine.until('one\n');
    const stranger = await rig.signInAgain();
    const answers = (channel: string): Promise<string[]> =>
      new Promise((resolve) => {
        const socket = rig.rawSocket(stranger);
        const heard: string[] = [];
        socket.on('open', () => socket.send(JSON.stringify({ type: 'resume', channel, received: 0 })));
        socket.on('message', (data: Buffer) => heard.push(data.toString()));
        socket.on('close', (code) => resolve([...heard, String(code)]));
      });
    expect(await answers(idOf(mine))).toEqual(await answers('A'.repeat(22)));
    mine.write('two\n');
    await mine.until('two\n');
    mine.channel.end();
    expect(await mine.ended).toEqual({ exit: { type: 'exit', code: 0, signal: null } });
    expect(mine.text()).toBe('one\ntwo\n');
  });

  it('a page that claims output that never was is refused, and disturbs nobody', async () => {
    const mine = rig.open({ target, command: 'cat', pty: null });
    mine.write('one\n');
    await mine.until('one\n');
    const heard = await new Promise<string>((resolve) => {
      const socket = rig.rawSocket();
      socket.on('open', () => socket.send(JSON.stringify({ type: 'resume', channel: idOf(mine), received: 5 })));
      socket.on('message', (data: Buffer) => resolve(data.toString()));
    });
    expect(JSON.parse(heard)).toMatchObject({ type: 'close', problem: { code: 'malformed-message' } });
    mine.write('two\n');
    await mine.until('two\n');
    mine.channel.close();
  });
});

describe('the grace period', () => {
  it('is a setting: with none, a channel ends with its page', async () => {
    const strict = await startSshdRig({ graceMs: 0 });
    try {
      const before = strict.rig.open({ target: strict.target, command: 'echo here; cat; echo gone >&2', pty: null });
      await before.until('here\n');
      before.leave();
      // Only when the relay knows that the page is gone the channel is; until then it is taken over.
      let problem: string | undefined;
      while (problem !== 'channel-unknown') {
        const after = strict.rig.resume(idOf(before));
        const end = await Promise.race([after.ended, after.until('here\n').then(() => undefined)]).catch(
          () => undefined,
        );
        problem = end && 'problem' in end ? end.problem.code : undefined;
        after.leave();
      }
    } finally {
      await strict.close();
    }
  });
});
