import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPracticeDevice, generateHostKey, type PracticeDevice } from '../../relay/practice/device.ts';
import { IndependentChannel, type Message, signIn } from './independent-client.ts';
import { type SshdRig, startSshdRig } from './sshd-rig.ts';

/** PROTOCOL.md is enough: a client written from it does everything, against the relay and a real OpenSSH server. */

let host: SshdRig;
let headers: Record<string, string>;
let target: string;

beforeAll(async () => {
  host = await startSshdRig();
  headers = await signIn(`${host.rig.origin}/#token=${host.rig.newToken()}`);
  const response = await fetch(`${host.rig.origin}/targets`, { headers });
  const { targets } = (await response.json()) as { targets: { id: string; address: string }[] };
  target = targets.find(({ address }) => address === host.sshd.address)?.id ?? '';
});

afterAll(() => host?.close());

const open = (command: string | null, pty: object | null = null): Promise<IndependentChannel> =>
  IndependentChannel.begin(headers, { type: 'open', target, command, pty });
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const typesOf = (channel: IndependentChannel): string[] => channel.heard.map(({ type }) => type);

describe('a client written from PROTOCOL.md', () => {
  it('cannot use a link twice', async () => {
    const link = `${host.rig.origin}/#token=${host.rig.newToken()}`;
    await signIn(link);
    await expect(signIn(link)).rejects.toThrow(/used before/);
  });

  it('runs a command: stdin, stderr apart, exit code, close', async () => {
    const channel = await open('cat; echo "done" >&2; exit 3');
    channel.write('hello\n');
    channel.end();
    expect(await channel.closed).toEqual({ type: 'close', problem: null });
    expect(channel.text()).toBe('hello\n');
    expect(channel.text('stderr')).toBe('done\n');
    expect(channel.heard[0]).toEqual({ type: 'ready', channel: channel.secret, received: 0, sent: 0, live: 0, end: 0 });
    expect(channel.heard).toContainEqual({ type: 'ack', received: 6 });
    expect(channel.heard.slice(-2)).toEqual([
      { type: 'exit', code: 3, signal: null },
      { type: 'close', problem: null },
    ]);
  });

  it('has a terminal, and gives it another size', async () => {
    const channel = await open('stty size; read x; stty size; kill -HUP $$', { term: 'xterm', columns: 90, rows: 20 });
    await channel.until(() => channel.text().includes('20 90'));
    channel.send({ type: 'resize', columns: 132, rows: 43 });
    channel.write('\n');
    await channel.closed;
    expect(channel.text()).toContain('43 132');
    expect(channel.heard).toContainEqual({ type: 'exit', code: null, signal: 'HUP' });
  });

  it('signals a command', async () => {
    const channel = await open('trap "echo caught; exit 4" USR1 TERM; echo up; while :; do sleep 0.05; done');
    await channel.until(() => channel.text() === 'up\n');
    channel.send({ type: 'signal', signal: 'USR1' });
    // OpenSSH passes no signal on to commands of root, as the document says.
    if (process.getuid?.() === 0) await host.sshd.waitForLog(/session signalling requires privilege separation/);
    else expect((await channel.closed)['problem']).toBeNull();
    channel.send({ type: 'close' });
  });

  it('holds a flood back by dealing with nothing, and gets all of it afterwards', async () => {
    const channel = await open('seq 1 400000');
    channel.stalled = true;
    // The relay answers others meanwhile; this one stands still above 524288 bytes.
    await channel.until(() => channel.received > 524_288);
    for (let before = -1; before !== channel.received;) {
      before = channel.received;
      await host.rig.run(target, 'true');
    }
    expect(channel.received).toBeLessThan(524_288 + 2 * 65_536);
    channel.goOn();
    await channel.closed;
    const wanted = Array.from({ length: 400_000 }, (_, index) => `${index + 1}\n`).join('');
    expect(sha256(Buffer.from(channel.text()))).toBe(sha256(Buffer.from(wanted)));
  });

  it('sends more than the window as the command takes it', async () => {
    const data = randomBytes(3_000_000);
    const channel = await open('sleep 0.1; sha256sum');
    channel.write(data);
    channel.end();
    await channel.closed;
    expect(channel.text()).toContain(sha256(data));
  });

  it('comes back after its socket dropped, again and again, and misses nothing in either direction', async () => {
    const data = randomBytes(2_000_000);
    const channel = await open('cat');
    for (let part = 0; part < 20; part++) {
      channel.write(data.subarray(part * 100_000, (part + 1) * 100_000));
      if (part % 2 === 0) await channel.until(() => channel.received > part * 50_000);
      await channel.comeBack();
    }
    channel.end();
    expect(await channel.closed).toEqual({ type: 'close', problem: null });
    expect(channel.gaps).toEqual([]);
    expect(sha256(Buffer.concat(channel.output['stdout'] ?? []))).toBe(sha256(data));
  });

  it('goes on in a page that was loaded anew, with the sizes of what was there', async () => {
    const before = await open('echo one; read x; echo two; cat', { term: 'xterm', columns: 80, rows: 24 });
    await before.until(() => before.text().includes('one'));
    before.send({ type: 'resize', columns: 100, rows: 30 });
    before.write('\n');
    await before.until(() => before.text().includes('two'));
    before.vanish();
    const after = await IndependentChannel.begin(headers, { type: 'resume', channel: before.secret, received: 0 });
    await after.until(() => after.text().includes('two'));
    expect(after.heard[0]).toMatchObject({ received: 1, sent: 0, live: before.received, end: before.received });
    expect(after.sizes).toEqual([
      { offset: 0, columns: 80, rows: 24 },
      { offset: 'one\r\n'.length, columns: 100, rows: 30 },
    ]);
    after.write('more\n');
    await after.until(() => after.text().includes('more'));
    after.send({ type: 'close' });
  });

  it('forwards a port, reads its reports, and closes it', async () => {
    const port = Number(host.sshd.address.split(':').at(-1));
    const first = { type: 'forward', target, host: 'localhost', port, localPort: 0 };
    const channel = await IndependentChannel.begin(headers, first);
    const report = (): Message => JSON.parse(channel.text().split('\n').at(-2) ?? '{}') as Message;
    await channel.until(() => channel.text().endsWith('\n'));
    expect(channel.heard[0]).toEqual({ type: 'ready', channel: channel.secret, received: 0, sent: 0, live: 0, end: 0 });
    expect(report()).toMatchObject({ open: 0, accepted: 0, toDevice: 0, fromDevice: 0, problem: null });
    const socket = connect(Number(report()['localPort']), '127.0.0.1');
    const [greeting] = (await once(socket, 'data')) as [Buffer];
    expect(greeting.toString()).toMatch(/^SSH-2\.0-/);
    await channel.until(() => report()['fromDevice'] === greeting.length && report()['open'] === 1);
    const gone = once(socket, 'error');
    channel.send({ type: 'close' });
    expect(await gone).toMatchObject([{ code: 'ECONNRESET' }]);
  });

  it('is told when another page takes the channel over', async () => {
    const older = await open('cat');
    await older.until(() => older.secret !== '');
    const newer = await IndependentChannel.begin(headers, { type: 'resume', channel: older.secret, received: 0 });
    expect(await older.closed).toMatchObject({ problem: { code: 'channel-taken' } });
    newer.write('x');
    await newer.until(() => newer.text() === 'x');
    newer.send({ type: 'close' });
  });

  it.each<[string, (channel: IndependentChannel) => void]>([
    ['no JSON', (channel) => channel.sendText('{"type":')],
    ['an unknown type', (channel) => channel.send({ type: 'shell' })],
    ['a value out of range', (channel) => channel.send({ type: 'resize', columns: 0, rows: 24 })],
    ['an ack of what was never sent', (channel) => channel.send({ type: 'ack', received: 1 })],
    ['a second open', (channel) => channel.send({ type: 'open', target, command: 'true', pty: null })],
  ])('is cut off for %s', async (_title, send) => {
    const channel = await open('cat');
    await channel.until(() => channel.secret !== '');
    send(channel);
    expect(await channel.closed).toMatchObject({ problem: { code: 'malformed-message' } });
    const again = await IndependentChannel.begin(headers, { type: 'resume', channel: channel.secret, received: 0 });
    expect(await again.closed).toMatchObject({ problem: { code: 'channel-unknown' } });
  });
});

describe('a target that asks', () => {
  let practice: PracticeDevice;
  let asking: string;

  const call = (method: string, path: string, body: object): Promise<Response> =>
    fetch(`${host.rig.origin}${path}`, { method, headers, body: JSON.stringify(body) });

  beforeAll(async () => {
    practice = await startPracticeDevice({ arch: 'x86_64', hostKey: generateHostKey() });
    const response = await call('POST', '/targets', { address: `root@127.0.0.1:${practice.port}` });
    asking = ((await response.json()) as { id: string }).id;
  });

  afterAll(() => practice?.close());

  it('is trusted by its fingerprint, then let in with an answer', async () => {
    const first: Message = { type: 'open', target: asking, command: 'echo in', pty: null };
    const unknown = await (await IndependentChannel.begin(headers, first)).closed;
    const { code, hostKey } = unknown['problem'] as { code: string; hostKey: { offered: { fingerprint: string } } };
    expect(code).toBe('host-key-unknown');
    const { fingerprint } = hostKey.offered;
    expect((await call('PUT', `/targets/${asking}/host-key`, { fingerprint })).status).toBe(200);

    const cancelled = await (await IndependentChannel.begin(headers, first)).closed;
    expect(cancelled).toMatchObject({ problem: { code: 'prompt-cancelled' } });

    const channel = await IndependentChannel.begin(headers, first, ({ questions }) =>
      (questions as { echo: boolean }[]).map(({ echo }) => (echo ? '' : practice.password)),
    );
    await channel.closed;
    expect(typesOf(channel)).toContain('prompt');
    expect(channel.text()).toBe('in\n');
  });
});
