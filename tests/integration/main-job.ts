import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { COMPONENTS } from '#lib/catalog/components.ts';
import { LOG_SOURCES } from '#lib/catalog/log-sources.ts';
import { PARAMETERS } from '#lib/catalog/parameters.ts';
import { PROBES } from '#lib/catalog/probes.ts';
import { SHELLS } from '#lib/catalog/shells.ts';
import { type Facts, factValue } from '#lib/domain/facts.ts';
import { parseLogLine } from '#lib/domain/log-parse.ts';
import { presenceOf } from '#lib/domain/presence.ts';
import { factsFromProbe } from '#lib/domain/probe/facts.ts';
import { buildProbeScript } from '#lib/domain/probe.ts';
import { parseProbeOutput } from '#lib/domain/probe-parse.ts';
import { quoteWord } from '#lib/domain/quote.ts';
import { renderCommand, resolveParameters } from '#lib/domain/resolve.ts';
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

/** What timeout(1) exits with. */
const TIMED_OUT = 124;

/** Asks a device everything, as the app does on connect. @param patience how often more, while a command takes too long */
export async function probe({ rig, target }: Pick<DeviceUnderTest, 'rig' | 'target'>, patience = 5): Promise<Facts> {
  const result = await rig.run(target, 'sh -s', { stdin: buildProbeScript(PROBES) });
  if ('problem' in result) throw new Error(result.problem.message);
  const output = parseProbeOutput(result.stdout);
  if ('problem' in output) throw new Error(output.problem);
  expect(output.complete).toBe(true);
  // On a busy machine a command may need longer than its time limit; a person would look again, too.
  const late = [...output.sections.values()].some(({ exit }) => exit === TIMED_OUT);
  if (late && patience > 0) return probe({ rig, target }, patience - 1);
  return factsFromProbe(output, { at: Date.now() });
}

/**
 * The main job of the workbench, through the relay and the app's own client. The same for every device.
 * @param has `lxd` for a device with termina and penguin, signed in and running; `guests` for one whose termina has no
 * LXD, because that needs root; `device` for a plain SSH server
 */
export function describeMainJob(
  name: string,
  device: () => DeviceUnderTest,
  has: 'lxd' | 'guests' | 'device' = 'lxd',
): void {
  describe(`main job on ${name}`, () => {
    it('probes every fact with one script in one exec', async () => {
      const { arch, guestBoard } = device();
      const facts = await probe(device());
      expect(factValue(facts, 'arch')).toBe(arch);
      expect(factValue(facts, 'guestBoard')).toBe(guestBoard);
      expect(factValue(facts, 'kernel')).toMatch(/^\d+\.\d+/);
      expect(Math.abs(Number.parseInt(factValue(facts, 'clock') ?? 'NaN', 10))).toBeLessThanOrEqual(5);
      for (const [id, fact] of Object.entries(facts)) {
        if ('absent' in fact) expect(fact.absent, id).toMatch(/\w{3}/);
        else expect(fact.value, id).not.toBe('');
      }
    });

    if (has !== 'device') describePlaces(device);
    if (has === 'lxd') describeLxd(device);

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
      // Readline sets the size that it read before (rltty.c, set_winsize): a change while it starts may be undone.
      await shell.until(/sum is 42[^]*[#$][^#$\r\n]*$/);
      shell.channel.resize(101, 33);
      shell.write('stty size\n');
      await shell.until(/33 101/);
      // What prints is in the foreground already: an interrupt cannot come too early. `exec`, because dash loses one
      // that comes while it forks (jobs.c, vforkexec).
      shell.write('sh -c \'echo go"es"; exec sleep 1000\'\n');
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
        // `[f]` keeps the question from finding itself, in quotes: the shell would make it the file's name again.
        const left = await rig.run(target, `ps ax | grep -c '${path.replace('/followed', '/[f]ollowed')}'`);
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

/** A template of the catalogue, filled from a probe. Fails if something is missing. */
async function commandOf(device: DeviceUnderTest, template: string): Promise<string> {
  const values = resolveParameters(PARAMETERS, { facts: await probe(device), typed: {} });
  const { line, missing } = renderCommand(template, values);
  expect(missing).toEqual([]);
  return line ?? '';
}

/** The components of a device in a state, by id. */
async function componentsThat(device: DeviceUnderTest, state: string): Promise<string[]> {
  const facts = await probe(device);
  return COMPONENTS.filter((component) => presenceOf(component, facts).state === state).map(({ id }) => id);
}

function describeLxd(device: () => DeviceUnderTest): void {
  it('shows everything as running that runs: on the host, in termina and in penguin', async () => {
    const missing = ['vm_syslog', 'vshd', 'lxd', 'maitred', 'tremplin', 'garcon', 'sommelier', 'penguin'];
    const running = await componentsThat(device(), 'running');
    expect(missing.filter((id) => !running.includes(id))).toEqual([]);
  });

  it('lists the containers from termina, with what its shell sets up for lxc', async () => {
    const { rig, target } = device();
    const root = SHELLS.find(({ id }) => id === 'termina');
    const list = `${await commandOf(device(), root?.command ?? '')} lxc list --format=csv -c ns`;
    expect(await rig.run(target, list)).toMatchObject({ stdout: 'penguin,RUNNING\n' });
  });
}

/** What the catalogue offers in each place, used as a person would. */
function describePlaces(device: () => DeviceUnderTest): void {
  it('knows who is signed in, what runs, and that this is a test image', async () => {
    const facts = await probe(device());
    expect(factValue(facts, 'ownerHash')).toMatch(/^[0-9a-f]{40}$/);
    expect(factValue(facts, 'vms')).toMatch(/termina.*running/);
    expect(factValue(facts, 'container')).toContain('penguin');
    expect(factValue(facts, 'imageTrack')).toMatch(/test/);
  });

  it('knows of every component whether it runs', async () => {
    const running = await componentsThat(device(), 'running');
    expect(running).toEqual(expect.arrayContaining(['9s', 'concierge', 'crosvm', 'crosdns', 'chrome', 'rsyslogd']));
    expect(running).toEqual(expect.arrayContaining(['maitred', 'tremplin', 'vm_syslog', 'vshd', 'garcon', 'penguin']));
    expect(await componentsThat(device(), 'none')).toEqual(expect.arrayContaining(['vm_protos', 'vsh', 'apps']));
    expect(await componentsThat(device(), 'absent')).toEqual([]);
    expect(await componentsThat(device(), 'unknown')).toEqual([]);
  });

  it.each(SHELLS.filter(({ command }) => command !== null))('opens a shell: $label', async ({ command, place, id }) => {
    const { rig, target } = device();
    const shell = rig.open({ target, command: await commandOf(device(), command ?? ''), pty: PTY });
    // Termina calls itself localhost; LXD's directory tells it from the device.
    const where = 'case $(uname -n) in penguin) echo penguin;; *) [ -d /mnt/stateful/lxd ] && echo termina;; esac';
    shell.write(`echo "in $(${where}) as $(id -u)"; stty size; echo "lxd: $LXD_DIR"\n`);
    await shell.until(`in ${place} as ${id === 'termina' ? 0 : 1000}`);
    await shell.until('24 80');
    await shell.until('lxd: /mnt/stateful/lxd');
    shell.channel.resize(132, 43);
    shell.write('while [ "$(stty size)" != "43 132" ]; do :; done; echo "resized: $((4*33))"\n');
    await shell.until('resized: 132');
    shell.write('exit 5\n');
    expect(await shell.ended).toEqual({ exit: { type: 'exit', code: 5, signal: null } });
  });

  it('follows /var/log/messages, and reads what a program logs', async () => {
    const { rig, target } = device();
    const source = LOG_SOURCES.find(({ id }) => id === 'messages');
    const log = rig.open({ target, command: await commandOf(device(), source?.follow ?? ''), pty: null });
    const marker = `marked ${Math.random().toString(36).slice(2)}`;
    await rig.run(target, `logger -t vm_concierge -p user.warning '${marker}'`);
    const text = await log.until(new RegExp(`${marker}\n`));
    const entry = parseLogLine('chromeos-syslog', text.split('\n').find((line) => line.includes(marker)) ?? '');
    expect(entry).toMatchObject({ message: marker, severity: 'warning', tag: 'vm_concierge' });
    expect(Math.abs(Date.now() - (entry.time ?? 0))).toBeLessThan(60_000);
    log.channel.close();
  });

  it("follows the VM's console, and reads what vshd writes to it", async () => {
    const { rig, target } = device();
    const source = LOG_SOURCES.find(({ id }) => id === 'termina');
    const log = rig.open({ target, command: await commandOf(device(), source?.follow ?? ''), pty: null });
    const root = SHELLS.find(({ id }) => id === 'termina');
    // chromeos-facts.md section 1.4: a command that is not there is reported on the console of the VM.
    expect(await rig.run(target, `${await commandOf(device(), root?.command ?? '')} no-such-program`)).toMatchObject({
      stdout: '',
      exit: { code: 1 },
    });
    const text = await log.until(/Failed to exec 'no-such-program'.*\n/);
    const line = text.split('\n').find((candidate) => candidate.includes('no-such-program')) ?? '';
    expect(parseLogLine('crosvm', line)).toMatchObject({ message: expect.stringContaining('vshd') as string });
    expect(line).toMatch(/^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d <13> {2}VM\(\d+\): /);
    log.channel.close();
  });

  it.each(['penguin', 'penguin-user'])(
    'follows the journal of the container, and leaves nothing behind: %s',
    async (id) => {
      const { rig, target } = device();
      const source = LOG_SOURCES.find((one) => one.id === id);
      const log = rig.open({ target, command: await commandOf(device(), source?.follow ?? ''), pty: null });
      const marker = `marked ${Math.random().toString(36).slice(2)}`;
      const penguin = SHELLS.find((one) => one.id === 'penguin');
      const shell = await commandOf(device(), penguin?.command ?? '');
      await log.until('{');
      await rig.run(target, `${shell} logger -t garcon -p user.warning ${quoteWord(marker)}`);
      const text = await log.until(new RegExp(`${marker}.*\n`));
      const entry = parseLogLine('journal', text.split('\n').find((line) => line.includes(`"${marker}"`)) ?? '');
      expect(entry).toMatchObject({ message: marker, severity: 'warning', tag: 'garcon' });
      expect(Math.abs(Date.now() - (entry.time ?? 0))).toBeLessThan(60_000);
      log.channel.close();
      for (;;) {
        const left = await rig.run(target, 'ps ax | grep -c "[j]ournalctl --follow"');
        if ('stdout' in left && left.stdout.trim() === '0') break;
      }
    },
  );

  it('follows what Chrome writes, and reads it', async () => {
    const { rig, target } = device();
    const source = LOG_SOURCES.find(({ id }) => id === 'chrome');
    const log = rig.open({ target, command: await commandOf(device(), source?.follow ?? ''), pty: null });
    const line = '2026-11-24T10:00:00.000123Z ERROR chrome[1633:1640]: [marked.cc(7)] by a test';
    await rig.run(target, `echo ${quoteWord(line)} >> /var/log/chrome/chrome`);
    await log.until(`${line}\n`);
    expect(parseLogLine('chrome', line)).toMatchObject({ severity: 'err', tag: 'chrome', pid: 1633 });
    log.channel.close();
  });

  it('reads all of a VM’s log that is kept, and ends', async () => {
    const { rig, target } = device();
    const source = LOG_SOURCES.find(({ id }) => id === 'vm-history');
    const result = await rig.run(target, await commandOf(device(), source?.follow ?? ''));
    expect(result).toMatchObject({ stderr: '', exit: { code: 0 } });
    expect('stdout' in result && result.stdout).toMatch(/^[A-Z][a-z]{2} .* VM\(\d+\): .*\n$/m);
  });
}
