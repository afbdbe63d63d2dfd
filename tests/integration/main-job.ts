import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { LOG_SOURCES } from '#lib/catalog/log-sources.ts';
import { PROBES } from '#lib/catalog/probes.ts';
import { factValue } from '#lib/domain/facts.ts';
import { factsFromProbe } from '#lib/domain/probe/facts.ts';
import { buildProbeScript } from '#lib/domain/probe.ts';
import { parseProbeOutput } from '#lib/domain/probe-parse.ts';
import { quoteWord } from '#lib/domain/quote.ts';
import { HIGH_WATER } from '#lib/protocol/limits.ts';
import type { RelayRig } from './relay-rig.ts';

/** A device under test: real or practice, the assertions do not know. */
export interface DeviceUnderTest {
  readonly rig: RelayRig;
  readonly target: string;
  /** What `uname -m` must give. */
  readonly arch: string;
  readonly guestBoard: string;
  /** Another host key on the same address, as after a powerwash. */
  readonly reflash: () => Promise<void>;
  /** An address under which nothing is trusted or configured yet: it asks for a password. */
  readonly passwordAddress: string;
}

const PTY = { term: 'xterm-256color', columns: 80, rows: 24 };
const HOSTILE = `"; rm -rf / #$(x)\\n'\`id\` \u{1f980} *`;

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** The main job of the workbench, through the relay and the app's own client. The same for every device. */
export function describeMainJob(name: string, device: () => DeviceUnderTest): void {
  describe(`main job on ${name}`, () => {
    it('probes every fact with one script in one exec', async () => {
      const { rig, target, arch, guestBoard } = device();
      const result = await rig.run(target, 'sh -s', { stdin: buildProbeScript(PROBES) });
      if ('problem' in result) throw new Error(result.problem.message);
      const output = parseProbeOutput(result.stdout);
      if ('problem' in output) throw new Error(output.problem);
      expect(output.complete).toBe(true);
      const facts = factsFromProbe(output, { at: Date.now() });
      expect(factValue(facts, 'arch')).toBe(arch);
      expect(factValue(facts, 'guestBoard')).toBe(guestBoard);
      expect(factValue(facts, 'kernel')).toMatch(/^\d+\.\d+/);
      expect(Math.abs(Number.parseInt(factValue(facts, 'clock') ?? 'NaN', 10))).toBeLessThanOrEqual(5);
      for (const [id, fact] of Object.entries(facts)) {
        if ('absent' in fact) expect(fact.absent, id).toMatch(/\w{3}/);
        else expect(fact.value, id).not.toBe('');
      }
    });

    it('keeps stdout and stderr apart and reports the exit code', async () => {
      const { rig, target } = device();
      const result = await rig.run(target, 'echo out; echo err >&2; exit 7');
      expect(result).toEqual({ stdout: 'out\n', stderr: 'err\n', exit: { type: 'exit', code: 7, signal: null } });
    });

    it('hands over stdin to its end', async () => {
      const { rig, target } = device();
      const result = await rig.run(target, 'wc -c', { stdin: 'x'.repeat(300_000) });
      expect('stdout' in result && result.stdout.trim()).toBe('300000');
    });

    it('carries every byte value both ways unchanged', async () => {
      const { rig, target } = device();
      const data = Buffer.from(Array.from({ length: 1 << 20 }, (_, index) => (index * 7 + (index >> 8)) & 255));
      const session = rig.open({ target, command: 'cat', pty: null });
      expect(session.channel.write(data)).toBe(true);
      session.channel.end();
      expect(await session.ended).toEqual({ exit: { type: 'exit', code: 0, signal: null } });
      expect(session.bytes().length).toBe(data.length);
      expect(sha256(session.bytes())).toBe(sha256(data));
    });

    it('delivers a hostile parameter as one plain argument', async () => {
      const { rig, target } = device();
      const result = await rig.run(target, `printf '%s|' a ${quoteWord(HOSTILE)} b`);
      expect('stdout' in result && result.stdout).toBe(`a|${HOSTILE}|b|`);
    });

    it('runs a shell on a terminal: echo, size, interrupt, exit code', async () => {
      const { rig, target } = device();
      const shell = rig.open({ target, command: null, pty: PTY });
      shell.write('echo "sum is $((6*7))"\n');
      await shell.until('sum is 42');
      shell.channel.resize(101, 33);
      shell.write('stty size\n');
      await shell.until(/33 101/);
      // What prints is in the foreground already: an interrupt cannot come too early.
      shell.write('sh -c \'echo go"es"; sleep 1000\'\n');
      await shell.until('goes');
      shell.write('\x03');
      // What is typed before the prompt is back, an interrupted shell may throw away.
      await shell.until(/\^C[^]*[#$][^#$\r\n]*$/);
      shell.write('echo "back: $((50+5))"\n');
      await shell.until('back: 55');
      shell.write('exit 3\n');
      expect(await shell.ended).toEqual({ exit: { type: 'exit', code: 3, signal: null } });
    });

    it('follows a log as the catalogue says, and ends the follower with the channel', async () => {
      const { rig, target } = device();
      const path = `/tmp/followed-${Math.random().toString(36).slice(2)}.log`;
      await rig.run(target, `echo first > ${path}`);
      const messages = LOG_SOURCES.find(({ id }) => id === 'messages');
      const command = messages?.follow.replace('/var/log/messages', path) ?? '';
      expect(command).toContain(path);
      const log = rig.open({ target, command, pty: null });
      await log.until('first\n');
      await rig.run(target, `echo second >> ${path}`);
      await log.until('second\n');
      log.channel.close();
      for (;;) {
        // `[f]` keeps the question from finding itself.
        const left = await rig.run(target, `ps ax | grep -c ${path.replace('/followed', '/[f]ollowed')}`);
        if ('stdout' in left && left.stdout.trim() === '0') break;
      }
      await rig.run(target, `rm ${path}`);
    });

    it('stops a flood at the high-water mark while nobody reads, and loses nothing of it', async () => {
      const { rig, target } = device();
      let held = 0;
      const flood = rig.open(
        { target, command: 'yes 0123456789', pty: null },
        { onData: (bytes) => void (held += bytes.length) },
      );
      const settled = async (above: number): Promise<number> => {
        for (let before = -1; before !== held || held < above;) {
          before = held;
          await rig.run(target, 'true');
        }
        return held;
      };
      const stalled = await settled(HIGH_WATER);
      // What one read of the SSH stream may add on top of the mark.
      expect(stalled).toBeLessThan(HIGH_WATER + 256 * 1024);
      flood.channel.consumed(stalled);
      expect(await settled(stalled + HIGH_WATER)).toBeLessThan(stalled + HIGH_WATER + 256 * 1024);
      flood.channel.close();
    });

    it('loses and doubles nothing when the socket drops again and again', async () => {
      const { rig, target } = device();
      const lines = 60_000;
      const session = rig.open({ target, command: 'cat', pty: null });
      const text = Array.from({ length: lines }, (_, index) => `${index}\n`).join('');
      await new Promise<void>((resolve) => {
        let sent = 0;
        let cuts = 0;
        const feed = (): void => {
          if (sent < text.length && session.channel.write(Buffer.from(text.slice(sent, sent + 10_000)))) sent += 10_000;
          if (session.bytes().length > (cuts + 1) * 40_000 && cuts < 6) {
            cuts++;
            session.cut();
          }
          if (sent < text.length) return void setImmediate(feed);
          session.channel.end();
          resolve();
        };
        feed();
      });
      expect(await session.ended).toEqual({ exit: { type: 'exit', code: 0, signal: null } });
      expect(session.gaps).toEqual([]);
      expect(sha256(session.bytes())).toBe(sha256(Buffer.from(text)));
    });

    it('gives a reloaded page its terminal back, with what was on it', async () => {
      const { rig, target } = device();
      const before = rig.open({ target, command: null, pty: PTY });
      before.write('echo "kept: $((40+2))"\n');
      await before.until('kept: 42');
      const id = before.channel.id ?? '';
      before.leave();
      const after = rig.resume(id);
      await after.until('kept: 42');
      after.write('echo "goes on: $((70+7))"\n');
      await after.until('goes on: 77');
      // And again, over a broken connection: input of the page before counts too.
      after.cut();
      after.write('echo "and on: $((80+8))"\n');
      await after.until('and on: 88');
      after.channel.close();
    });

    it('refuses a wrong password with a problem, and the relay is still up', async () => {
      const { rig, passwordAddress } = device();
      const target = await rig.addTarget(passwordAddress);
      let asked = 0;
      const answer = (prompt: { questions: readonly unknown[] }): string[] => {
        asked++;
        return prompt.questions.map(() => 'certainly wrong');
      };
      let result = await rig.run(target, 'true', { answer });
      if ('problem' in result && result.problem.code === 'host-key-unknown') {
        expect(asked).toBe(0); // the key comes before any password
        await rig.trust(target, result.problem.hostKey?.offered.fingerprint ?? '');
        result = await rig.run(target, 'true', { answer });
      }
      expect(result).toMatchObject({ problem: { code: 'authentication-failed' } });
      expect(asked).toBeGreaterThan(0);
      expect(JSON.stringify(result)).not.toContain('certainly wrong');
      const cancelled = await rig.run(target, 'true', { answer: () => null });
      expect(cancelled).toMatchObject({ problem: { code: 'prompt-cancelled' } });
    });

    // Last: the device is another one afterwards.
    it('refuses a changed host key before any login, shows both, and goes on after an explicit replace', async () => {
      const { rig, target, reflash } = device();
      await reflash();
      // The connection that was open breaks with the device; the next one meets the new key.
      let result = await rig.run(target, 'true');
      while ('problem' in result && result.problem.code !== 'host-key-changed') result = await rig.run(target, 'true');
      if (!('problem' in result)) throw new Error('a changed host key was accepted');
      const { offered, pinned } = result.problem.hostKey ?? {};
      expect(offered?.fingerprint).toMatch(/^SHA256:/);
      expect(pinned?.fingerprint).toMatch(/^SHA256:/);
      expect(offered?.fingerprint).not.toBe(pinned?.fingerprint);
      expect((await rig.trust(target, pinned?.fingerprint ?? '')).status).toBe(409);
      expect((await rig.trust(target, offered?.fingerprint ?? '')).status).toBe(200);
      expect(await rig.run(target, 'echo fresh')).toMatchObject({ stdout: 'fresh\n' });
    });
  });
}
