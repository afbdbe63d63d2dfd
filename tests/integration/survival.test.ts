import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { cp, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../relay/prepare.mjs';
import { openRaw } from './raw-http.ts';
import { buildRelay, openPageSocket, runRelayWithin } from './relay-process.ts';
import { type SurvivalRig, startSurvivalRig } from './survival-rig.ts';

/** Nothing that happens around the relay ends it: its files go, its descriptors run out, the kernel refuses what it asks. */

let folder: string;
let rig: SurvivalRig | undefined;

beforeAll(async () => {
  await buildRelay();
  folder = await mkdtemp(join(tmpdir(), 'workbench-survival-'));
}, 300_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

afterEach(async () => {
  await rig?.close();
  rig = undefined;
});

const isAlive = ({ relay }: SurvivalRig): boolean => relay.child.exitCode === null && relay.child.signalCode === null;

describe('a build beside a relay that runs', () => {
  /** A copy of the build, which a test may take away. */
  const copyBuild = async (name: string): Promise<string> => {
    const root = join(folder, name);
    await cp(join(ROOT, 'build', 'relay'), join(root, 'build', 'relay'), { recursive: true });
    await cp(join(ROOT, 'build', 'app'), join(root, 'build', 'app'), { recursive: true });
    await symlink(join(ROOT, 'node_modules'), join(root, 'node_modules'));
    await writeFile(join(root, 'package.json'), await readFile(join(ROOT, 'package.json')));
    return root;
  };

  it('takes away files of the app: a stranger who asks for them gets them as they were', async () => {
    const root = await copyBuild('gone');
    rig = await startSurvivalRig({ root });
    const app = join(root, 'build', 'app');
    const files = (await readdir(app, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    const scripts = files.map((entry) => join(entry.parentPath, entry.name)).filter((path) => path.endsWith('.js'));
    expect(scripts.length).toBeGreaterThan(10);
    const before = await Promise.all(scripts.map((path) => readFile(path, 'latin1')));
    await rm(app, { recursive: true });
    for (const [index, path] of scripts.entries()) {
      const { status, body } = await rig.get(path.slice(app.length));
      expect({ path, status, same: body === before[index] }).toEqual({ path, status: 200, same: true });
    }
    expect((await rig.get(scripts[0]?.slice(app.length) ?? '', 'HEAD')).status).toBe(200);
    expect((await rig.get('/_app/never.js')).status).toBe(404);
    await rig.expectService();
    expect(isAlive(rig)).toBe(true);
  });
});

describe('few descriptors', () => {
  const limited = (count: number): string[] => ['sh', '-c', `ulimit -n ${count}; exec "$@"`, 'sh'];

  it.each([64, 96])('%i: connections that each ask for the page end nothing, and keep nobody out', async (count) => {
    rig = await startSurvivalRig({ wrapper: limited(count) });
    expect(rig.relay.printed().stdout).toMatch(new RegExp(`lets this process open ${count} files .* ulimit -n`));
    const held = await rig.open('cat');
    const connections = Array.from({ length: 150 }, () => openRaw(rig?.relay.port ?? 0));
    for (const { socket } of connections) socket.write(`GET / HTTP/1.1\r\nhost: 127.0.0.1:${rig.relay.port}\r\n\r\n`);
    // Each is answered, closed, or waits for its turn.
    await expect.poll(() => connections.filter(({ socket }) => socket.destroyed).length).toBeGreaterThan(50);
    await rig.expectService();
    held.socket.send(Buffer.from('still here\n'));
    await expect.poll(held.output).toContain('still here');
    for (const { socket } of connections) socket.destroy();
    expect(isAlive(rig)).toBe(true);
  });

  it('too few for a relay: it does not start, and says how many it needs', async () => {
    const { code, stderr } = await runRelayWithin(
      'ulimit -n 40; exec "$@"',
      ['--state', join(folder, 'few'), '--no-open'],
      [],
    );
    expect({ code, lines: stderr.trim().split('\n').length }).toEqual({ code: 2, lines: 1 });
    expect(stderr).toMatch(/open 40 files at a time, which is too few for a relay\. Allow it \d+: ulimit -n/);
  });
});

describe('an error that nothing catches', () => {
  it('is logged and counted, and the relay goes on', async () => {
    const preload = join(folder, 'mistakes.mjs');
    await writeFile(
      preload,
      `import { EventEmitter } from 'node:events';
       process.on('SIGUSR2', () => {
         void Promise.reject(new Error('rejected unheard'));
         for (let i = 0; i < 1000; i++) setImmediate(() => new EventEmitter().emit('error', new Error('without a listener')));
       });`,
    );
    rig = await startSurvivalRig({ nodeFlags: ['--import', preload] });
    const held = await rig.open('cat');
    rig.relay.child.kill('SIGUSR2');
    const counted = async (): Promise<number> =>
      Number(/^workbench_mistakes_total (\d+)$/m.exec((await rig?.get('/metrics'))?.body ?? '')?.[1]);
    await expect.poll(counted).toBe(1001);
    held.socket.send(Buffer.from('still here\n'));
    await expect.poll(held.output).toContain('still here');
    await rig.expectService();
    const { stderr } = rig.relay.printed();
    expect(stderr).toContain('rejected unheard');
    expect(stderr).toContain('without a listener');
    // Somebody who can repeat it must not fill the disk behind the log.
    expect(stderr.trim().split('\n').length).toBeLessThan(40);
  });
});

describe('a kernel that refuses', () => {
  const KINDS = [
    'none',
    'open',
    'read file',
    'read socket',
    'write file',
    'write socket',
    'accept',
    'connect',
  ] as const;
  type Kind = (typeof KINDS)[number];
  /** What each call may fail with, by its manual page. */
  const FAULTS: readonly (readonly [Kind, readonly (keyof typeof constants.errno)[]])[] = [
    ['open', ['EMFILE', 'ENFILE', 'EACCES', 'EIO', 'ENOSPC', 'EROFS']],
    ['read file', ['EIO']],
    ['read socket', ['ECONNRESET', 'ETIMEDOUT', 'ENOBUFS']],
    ['write file', ['ENOSPC', 'EIO', 'EDQUOT']],
    ['write socket', ['EPIPE', 'ECONNRESET', 'ENOBUFS']],
    ['accept', ['EMFILE', 'ENFILE', 'ECONNABORTED', 'ENOMEM', 'EPERM']],
    ['connect', ['EADDRNOTAVAIL', 'ENETUNREACH', 'ECONNREFUSED']],
  ];
  let library: string;

  beforeAll(() => {
    library = join(folder, 'faults.so');
    execFileSync('gcc', [
      '-shared',
      '-fPIC',
      '-O2',
      '-o',
      library,
      join(import.meta.dirname, 'faults/faults.c'),
      '-ldl',
    ]);
  });

  /** All that the relay does for people, side by side; whatever fails of it. */
  async function useEverything({ relay, page, get, open, address }: SurvivalRig): Promise<void> {
    const { origin } = relay;
    const ask = async (path: string, init: RequestInit = {}): Promise<void> =>
      void (await (await fetch(`${origin}${path}`, { ...init, headers: { ...page, connection: 'close' } })).text());
    /** Gives up soon: what fails may never be answered. */
    const openSoon = async (device?: string): Promise<void> => {
      const late = once(new EventTarget(), 'never', { signal: AbortSignal.timeout(1000) });
      const socket = await Promise.race([open('echo done', null, device), late]);
      if ('send' in socket) socket.send({ type: 'close' });
    };
    /** Another account of the device: a connection of its own, with all files that one reads. */
    const openAnother = async (): Promise<void> => {
      const body = JSON.stringify({ address: address.replace('root@', `user${++accounts}@`) });
      const added = await fetch(`${origin}/targets`, { method: 'POST', headers: page, body });
      await openSoon(((await added.json()) as { id: string }).id);
    };
    await Promise.allSettled([
      get('/'),
      get('/sheets', 'HEAD'),
      get('/metrics'),
      ask('/targets'),
      ask('/session', { method: 'POST', body: JSON.stringify({ token: 'A'.repeat(43) }) }),
      openSoon(),
      openAnother(),
      openAnother(),
    ]);
  }
  let accounts = 0;

  it.each(FAULTS)('%s: everybody is served afterwards', async (kind, errors) => {
    const control = join(folder, `control-${kind.replace(' ', '-')}`);
    const set = (error: number, left: number, every: number): void => {
      const numbers = Buffer.from(Uint32Array.of(KINDS.indexOf(kind), error, left, every, 0).buffer);
      const descriptor = openSync(control, 'r+');
      writeFileSync(descriptor, numbers);
      closeSync(descriptor);
    };
    await writeFile(control, Buffer.alloc(20));
    rig = await startSurvivalRig({ environment: { LD_PRELOAD: library, FAULTS: control } });
    await rig.expectService();
    const held = kind.endsWith('socket') ? undefined : await rig.open('cat');
    for (const error of errors) {
      // Every call at first, then one in three: some of what was begun goes on.
      let failed = 0;
      for (const every of [0, 2]) {
        set(constants.errno[error], 40, every);
        await useEverything(rig);
        failed += (await readFile(control)).readUInt32LE(16);
      }
      set(0, 0, 0);
      expect({ error, failed: failed > 0, alive: isAlive(rig) }).toEqual({ error, failed: true, alive: true });
      // A connection to the device that failed is noticed, and another one made.
      await expect
        .poll(async () => rig?.expectService().then(() => 'served', String), { timeout: 20_000 })
        .toBe('served');
      held?.socket.send(Buffer.from(`${error}\n`));
      if (held) await expect.poll(held.output).toContain(error);
    }
  });
});

describe('every emitter that the relay makes', () => {
  /** Those that never emit an error, and why. */
  const SILENT: Readonly<Record<string, string>> = {
    FileHandle: 'emits `close` only (node:fs/promises)',
    Agent: "Node's own, for requests that nobody makes",
    Control: "Node's own, counts who holds the channel to the practice process",
    EventEmitter: "of node:cluster, which node:net loads; another one's name is its class",
    Inflate: 'ssh2 makes one when it is loaded, to learn a constant, and writes nothing to it',
  };

  it('has an error listener from the turn on that made it, for as long as it lives', async () => {
    const report = join(folder, 'emitters.json');
    const preload = join(import.meta.dirname, 'faults/emitters.mjs');
    rig = await startSurvivalRig({ nodeFlags: ['--import', preload], environment: { EMITTERS: report } });
    const { relay, page, target, open, get } = rig;
    await rig.expectService();
    const terminal = await open('cat', { term: 'xterm', columns: 80, rows: 24 });
    const held = await open('echo up; cat >&2');
    held.socket.send(Buffer.from('to stderr\n'));
    await expect.poll(held.output).toContain('to stderr');

    const forward = openPageSocket(relay, page);
    await once(forward.socket, 'open');
    const port = Number(rig.address.replace(/^.*:/, ''));
    forward.send({ type: 'forward', target, host: '127.0.0.1', port, localPort: 0 });
    await expect.poll(forward.output).toContain('localPort');
    const through = openRaw(Number(/"localPort":(\d+)/.exec(forward.output())?.[1]));
    await through.until('SSH-2.0');

    // Refusals, a device that isn't there, a page that breaks off.
    const headers = { ...page, 'content-type': 'application/json' };
    const body = JSON.stringify({ address: 'root@127.0.0.1:1' });
    const nobody = await fetch(`${relay.origin}/targets`, { method: 'POST', headers, body });
    await expect(open('true', null, ((await nobody.json()) as { id: string }).id)).rejects.toThrow(
      'connection-refused',
    );
    await expect(open('true', null, 'unknown')).rejects.toThrow('target-unknown');
    await expect(get('/_app/never.js')).resolves.toMatchObject({ status: 404 });
    held.socket.terminate();
    through.socket.destroy();
    terminal.socket.send('{');
    await terminal.message({ type: 'close' });

    relay.child.kill('SIGUSR2');
    await expect.poll(() => readFile(report, 'utf8').catch(() => '')).toMatch(/\}\}$/);
    const { count, bare } = JSON.parse(await readFile(report, 'utf8')) as {
      count: number;
      bare: Record<string, unknown>;
    };
    expect(count).toBeGreaterThan(50);
    expect(Object.fromEntries(Object.entries(bare).filter(([name]) => !(name in SILENT)))).toEqual({});
  });
});
