import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { type Server, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { listenLocally } from './listen.ts';
import { buildRelay, runRelay, runRelayWithin } from './relay-process.ts';
import { CERTIFICATE, KEY } from './tls-certificate.ts';

/** A relay that cannot start says one sentence with the thing, the reason and what to do; never a stack. */

const isRoot = process.getuid?.() === 0;
/** Root may mount a disk of its own in a mount namespace. */
const canMount = isRoot && spawnSync('unshare', ['--mount', 'true']).status === 0;
const STRANGER = 47_118;

let folder: string;
let state: string;
let taken: Server;

beforeAll(() => buildRelay(), 300_000);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'workbench-start-'));
  state = join(folder, 'state');
  await chmod(folder, 0o755);
});

afterEach(() => rm(folder, { recursive: true, force: true }));

type Ran = Awaited<ReturnType<typeof runRelay>>;

const flags = (directory = state): string[] => ['--no-open', '--port', '0', '--state', directory];

function expectSentence({ code, stdout, stderr }: Ran, sentence: RegExp): void {
  expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: expect.stringMatching(sentence) as string });
  // All of it is one line, and no line of a stack.
  expect(stderr).toMatch(/^[^\n]+\n$/);
}

describe('what others could have written', () => {
  it.runIf(isRoot)("is refused: somebody else's folder, with a session planted in it", async () => {
    await mkdir(state, { mode: 0o700 });
    const planted = join(state, 'sessions.json');
    await writeFile(planted, JSON.stringify([{ hash: '0'.repeat(64), used: Date.now() }]));
    await chown(planted, STRANGER, STRANGER);
    await chown(state, STRANGER, STRANGER);
    expectSentence(await runRelay(...flags()), /trust .*\/state: it belongs to uid 47118.*"chown 0 .*\/state"/);
    await chown(state, 0, 0);
    expectSentence(await runRelay(...flags()), /trust .*sessions\.json: it belongs to uid 47118.*"chown 0 .*json"/);
  });

  it('is refused: a folder or file that others can write to', async () => {
    await mkdir(state, { mode: 0o700 });
    await chmod(state, 0o777);
    expectSentence(await runRelay(...flags()), /trust .*\/state: .*\(mode 0777\).*"chmod go-w .*\/state"/);
    await chmod(state, 0o700);
    await writeFile(join(state, 'known_hosts'), '');
    await chmod(join(state, 'known_hosts'), 0o660);
    expectSentence(await runRelay(...flags()), /trust .*known_hosts: .*\(mode 0660\).*"chmod go-w .*known_hosts"/);
  });

  it('is refused: an audit log that is a link', async () => {
    await symlink(join(folder, 'elsewhere'), join(folder, 'audit.log'));
    const ran = await runRelay(...flags(), '--audit', join(folder, 'audit.log'));
    expectSentence(ran, /audit\.log cannot be written, because it is a link/);
  });

  it.each([
    ['--tls-key', 0o644, /key\.pem: others than its owner can read it/],
    ['--targets', 0o664, /lab\.json: others than its owner can write to it.*"chmod go-w /],
  ])('is refused: a file of %s', async (flag, mode, sentence) => {
    const [cert, key, lab] = [join(folder, 'cert.pem'), join(folder, 'key.pem'), join(folder, 'lab.json')];
    await writeFile(cert, CERTIFICATE);
    await writeFile(key, KEY, { mode: 0o600 });
    await writeFile(lab, '[{"address": "dut"}]', { mode: 0o600 });
    await chmod(flag === '--tls-key' ? key : lab, mode);
    const ran = await runRelay(...flags(), '--tls-cert', cert, '--tls-key', key, '--targets', lab);
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code: 2, stdout: '' });
    expect(ran.stderr).toMatch(sentence);
    expect(ran.stderr.split('\n')).toHaveLength(2);
  });
});

describe('a place that cannot be used', () => {
  it('is a file, or below one', async () => {
    await writeFile(state, '');
    expectSentence(await runRelay(...flags()), /\/state cannot be made, because a file is in its place .*--state DIR/);
    expectSentence(await runRelay(...flags(join(state, 'x'))), /state\/x cannot be used, because a part of its path/);
  });

  it('is a port that is taken, an address that is not here, a name that leads nowhere', async () => {
    taken = createServer();
    const port = String(await listenLocally(taken));
    expectSentence(await runRelay('--no-open', '--port', port, '--state', state), /^Port \d+ is taken, .*--port 0$/m);
    taken.close();
    await once(taken, 'close');
    const proxy = ['--behind-proxy', 'https://workbench.example', '--proxy-peers', '192.0.2.7'];
    expectSentence(
      await runRelay(...flags(), ...proxy, '--host', '192.0.2.1'),
      /does not have the address 192\.0\.2\.1/,
    );
    expectSentence(await runRelay(...flags(), ...proxy, '--host', 'no.invalid'), /name no\.invalid of --host does not/);
  });

  it.runIf(isRoot)('is not yours to use', async () => {
    const stranger = ['setpriv', `--reuid=${STRANGER}`, `--regid=${STRANGER}`, '--clear-groups'];
    const run = (...more: string[]): Promise<Ran> => runRelayWithin('exec "$@"', [...flags(), ...more], stranger);
    expectSentence(await run(), /\/state cannot be made, because you have no permission \(EACCES\)/);
    // Files of root that its account cannot read, in its own folder.
    await mkdir(state, { mode: 0o700 });
    for (const name of ['sessions.json', 'targets.json', 'practice-host-keys.json', 'audit.log']) {
      // The runs before have made some, as files of their own.
      await rm(join(state, name), { force: true });
      await writeFile(join(state, name), '[]', { mode: 0o600 });
      await chown(state, STRANGER, STRANGER);
      expectSentence(await run(), new RegExp(`${name} cannot be (read|written), because you have no permission`));
      await rm(join(state, name));
    }
  });
});

describe.runIf(canMount)('a disk that takes nothing', () => {
  /** On a disk of its own, after `then`. @param below the state directory on it */
  const onDisk = (options: string, then: string, below = '', port = '0'): Promise<Ran> =>
    runRelayWithin(
      `STATE=${state}; mkdir -p "$STATE" && mount -t tmpfs -o ${options},mode=700 tmpfs "$STATE" && { ${then} exec "$@"; }`,
      ['--no-open', '--port', port, '--state', `${state}${below}`],
      ['unshare', '--mount'],
    );
  const fill = 'cat /dev/zero >"$STATE/filler" 2>/dev/null; ';

  it('is read-only', async () => {
    expectSentence(await onDisk('ro', ''), /audit\.log cannot be written, because its file system is read-only/);
    expectSentence(await onDisk('ro', '', '/below'), /below cannot be made, because its file system is read-only/);
  });

  it('is full before there is any state', async () => {
    expectSentence(
      await onDisk('size=64k', fill),
      /known_hosts cannot be written, because the disk is full \(ENOSPC\): free/,
    );
  });

  it('is full behind a state that is there: that keeps nobody out', async () => {
    taken = createServer();
    const port = String(await listenLocally(taken));
    const [made, full] = [join(folder, 'made'), '"$STATE"'];
    // A start as far as the port makes a state; the next one gets as far on a disk that has no byte left.
    expectSentence(await runRelay('--no-open', '--port', port, '--state', made), /^Port \d+ is taken/);
    const ran = await onDisk('size=64k', `cp ${made}/* ${full}; ${fill}`, '', port);
    taken.close();
    await once(taken, 'close');
    expect(ran.stderr).toMatch(/^Port \d+ is taken/m);
    expect(ran.stderr).not.toMatch(/^\s+at /m);
  });
});
