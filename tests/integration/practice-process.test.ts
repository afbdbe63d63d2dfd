import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, readlink, rm } from 'node:fs/promises';
import { type Socket, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type PracticeTargets, startPracticeTargets } from '../../relay/practice-targets.ts';
import { ROOT, buildPractice } from '../../relay/prepare.mjs';
import { type RelayProcess, buildRelay, openPageSocket, startRelayProcess } from './relay-process.ts';
import type { RelayRig } from './relay-rig.ts';
import { type SshdRig, startSshdRig } from './sshd-rig.ts';

/** The practice devices in their own process: what is typed there costs that process at most, and it comes back. */

const run = promisify(execFile);
const pty = { term: 'xterm', columns: 80, rows: 24 };
const X86 = 'practice-x86';
const ARM = 'practice-arm';

/** For what another process does, on a machine that has more to do. */
const PATIENT = { timeout: 20_000 };

/** None of just-bash's bounds ends it. */
const HANG = "echo aaaaaaaaaaaaaaaa | sed ':a;s/.*/&&/;ta'";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'workbench-practice-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The process of the practice devices that `parent` has started; NaN where there is none. */
async function practiceOf(parent: number | undefined): Promise<number> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,args=']);
  const processes = stdout.split('\n').map((line) => line.trim().split(/\s+/));
  const found = processes.find(([, ppid, ...args]) => Number(ppid) === parent && args.at(-1)?.endsWith('practice.js'));
  return Number(found?.[0]);
}

/** It runs, and is no zombie. */
async function isAlive(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return status !== '' && !/\) [ZX] /.test(status);
}

/** CPU time of a process so far, in ticks of 10 ms. */
async function ticksOf(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

async function descriptorsOf(pid: number): Promise<string[]> {
  const names = await readdir(`/proc/${pid}/fd`);
  return Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')));
}

describe('beside a real device', () => {
  let practice: PracticeTargets;
  let host: SshdRig;
  let rig: RelayRig;
  const deaths: string[] = [];

  beforeAll(async () => {
    process.env['SSH_AUTH_SOCK'] = '/the/agent/of/the/person';
    practice = await startPracticeTargets(folder, {
      program: await buildPractice(),
      onDeath: (sentence) => deaths.push(sentence),
      // Longer than a busy machine lets a process wait, and shorter than a test.
      limits: { answerMs: 4_000, memoryMax: 160 * 1024 * 1024 },
      pauseMs: 10,
    });
    host = await startSshdRig({ builtIn: practice.targets });
    ({ rig } = host);
    for (const { id } of practice.targets) {
      const first = await rig.run(id, 'true');
      if (!('problem' in first)) throw new Error('an unknown host key was accepted');
      await rig.trust(id, first.problem.hostKey?.offered.fingerprint ?? '');
    }
  });

  afterAll(async () => {
    delete process.env['SSH_AUTH_SOCK'];
    await host?.close();
    await practice?.close();
  });

  /** Both devices answer, at their addresses and with their host keys and password of before. */
  async function areBack(): Promise<void> {
    for (const id of [X86, ARM])
      await expect.poll(() => rig.run(id, 'echo back'), PATIENT).toMatchObject({ stdout: 'back\n' });
  }

  async function openShell(id: string) {
    const shell = rig.open({ target: id, command: null, pty });
    shell.write('echo u""p\n');
    await shell.until('up\r\n');
    return shell;
  }

  it('a command that never ends costs its process: the real device answers meanwhile, every shell is told', async () => {
    const shells = [await openShell(X86), await openShell(ARM)];
    const child = await practiceOf(process.pid);
    const before = await ticksOf(child);
    shells[0]?.write(`${HANG}\n`);
    await expect.poll(() => ticksOf(child), PATIENT).toBeGreaterThan(before + 30);
    const alive = rig.run(host.target, 'echo alive').then((result) => ({ result, deaths: deaths.length }));
    const told = deaths.length;
    for (const shell of shells)
      expect(await shell.ended).toMatchObject({
        problem: {
          code: 'connection-lost',
          message: expect.stringMatching(/practice devices did not answer for 4 s and were started again/) as string,
        },
      });
    // It was there before the hang was over.
    expect(await alive).toMatchObject({ result: { stdout: 'alive\n' }, deaths: told });
    await areBack();
    expect(await isAlive(child)).toBe(false);
  });

  it('memory that runs out costs its process: the real device answers, every shell is told', async () => {
    const shells = [await openShell(X86), await openShell(ARM)];
    for (const shell of shells) shell.write('dd if=/dev/zero of=/tmp/large bs=1M count=60\n');
    const ended = await Promise.all([rig.run(host.target, 'echo alive'), ...shells.map((shell) => shell.ended)]);
    const problem = { code: 'connection-lost', message: expect.stringMatching(/ran out of memory and were/) as string };
    expect(ended).toMatchObject([{ stdout: 'alive\n' }, { problem }, { problem }]);
    await areBack();
  });

  it('killed, it is started again, and its shells are told', async () => {
    const shell = await openShell(ARM);
    const child = await practiceOf(process.pid);
    process.kill(child, 'SIGKILL');
    expect(await shell.ended).toMatchObject({
      problem: { message: expect.stringMatching(/practice devices ended \(SIGKILL\) and were started/) as string },
    });
    await areBack();
    expect(await practiceOf(process.pid)).not.toBe(child);
  });

  it('a device that restarts by itself is lost without that', async () => {
    const shell = await openShell(X86);
    shell.write('reboot\n');
    expect(await shell.ended).toMatchObject({
      problem: { code: 'connection-lost', message: expect.not.stringContaining('started again') as string },
    });
    await areBack();
  });

  it('500 silent connections to each device keep nobody out, and take few descriptors', async () => {
    await areBack();
    const silent: Socket[] = [];
    for (const { address } of practice.targets) {
      const port = Number(address.split(':')[1]);
      for (let count = 0; count < 500; count++) silent.push(connect(port, '127.0.0.1').on('error', () => undefined));
    }
    await Promise.all(silent.map((socket) => once(socket, 'connect')));
    for (const id of [X86, ARM]) expect(await rig.run(id, 'echo let in')).toMatchObject({ stdout: 'let in\n' });
    const shell = await openShell(X86);
    const child = await practiceOf(process.pid);
    await expect.poll(async () => (await descriptorsOf(child)).length, PATIENT).toBeLessThan(120);
    for (const socket of silent) socket.destroy();
    shell.channel.close();
  });

  it('the password of test images, which everybody knows, lets nobody in', async () => {
    const stranger = await rig.addTarget(practice.targets[0]?.address ?? '');
    const first = await rig.run(stranger, 'true');
    if ('problem' in first) await rig.trust(stranger, first.problem.hostKey?.offered.fingerprint ?? '');
    const loginWith = (password: string) => rig.run(stranger, 'echo in', { answer: () => [password] });
    expect(await loginWith('test0000')).toMatchObject({ problem: { code: 'authentication-failed' } });
    expect(await loginWith(practice.targets[0]?.password ?? '')).toMatchObject({ stdout: 'in\n' });
  });

  it('it has nothing of the relay: no environment, no secret in its arguments, and it comes after it', async () => {
    const child = await practiceOf(process.pid);
    const environment = (await readFile(`/proc/${child}/environ`, 'utf8')).split('\0').filter((each) => each !== '');
    const names = environment.map((each) => each.split('=')[0] ?? '');
    expect(names.filter((name) => !/^(NODE_CHANNEL_\w+|PWD|TZ)$/.test(name))).toEqual([]);
    const keys = JSON.parse(await readFile(join(folder, 'practice-host-keys.json'), 'utf8')) as Record<string, string>;
    const secrets = [...Object.values(keys).map((key) => key.split('\n')[1]), practice.targets[0]?.password];
    const told = environment.join('\n') + (await readFile(`/proc/${child}/cmdline`, 'utf8'));
    for (const secret of secrets) expect(told).not.toContain(secret);
    const { stdout } = await run('ps', ['-o', 'nice=', '-p', `${child}`]);
    expect(Number(stdout)).toBe(10);
    const limits = await readFile(`/proc/${child}/limits`, 'utf8');
    expect(limits).toMatch(/Max data size +436207616 /);
    expect(limits).toMatch(/Max core file size +0 /);
  });
});

describe('under a relay as npm start runs it', () => {
  let relay: RelayProcess | undefined;
  let child = NaN;

  beforeAll(() => buildRelay(), 300_000);

  afterEach(async () => {
    // A test that failed leaves it in its loop.
    if (await isAlive(child)) process.kill(child, 'SIGKILL');
    await relay?.close();
    relay = undefined;
  });

  it.each(['quiet', 'in a command that never ends'])('killed: it ends too, %s', async (how) => {
    relay = await startRelayProcess();
    child = await practiceOf(relay.child.pid);
    expect(await isAlive(child)).toBe(true);
    if (how !== 'quiet') {
      const page = openPageSocket(relay, await relay.signIn());
      await once(page.socket, 'open');
      page.send({ type: 'open', target: X86, command: null, pty });
      await page.message({ type: 'ready' });
      page.socket.send(Buffer.from('echo u""p\n'));
      await expect.poll(() => page.output(), PATIENT).toContain('up\r\n');
      const before = await ticksOf(child);
      page.socket.send(Buffer.from(`${HANG}\n`));
      await expect.poll(() => ticksOf(child), PATIENT).toBeGreaterThan(before + 50);
      page.socket.terminate();
    }
    relay.child.kill('SIGKILL');
    await expect.poll(() => isAlive(child), PATIENT).toBe(false);
  });

  it('it gets no descriptor that somebody left open for the relay', async () => {
    const left = join(folder, 'left-open');
    const main = [join(ROOT, 'build/relay/main.js'), '--no-open', '--port', '0', '--state', join(folder, 'state')];
    // Node closes the first few by itself.
    const started = spawn('bash', ['-c', 'exec 77>"$0"; exec "$@"', left, process.execPath, ...main], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(started.stdout, 'data');
    expect(await descriptorsOf(started.pid ?? 0)).toContain(left);
    const practice = await descriptorsOf(await practiceOf(started.pid));
    started.kill();
    await once(started, 'exit');
    expect(practice).not.toContain(left);
    expect(practice).toContain('/dev/null');
  });
});
