import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openRaw, textOf } from './raw-http.ts';
import { type RelayRig, startRelayRig } from './relay-rig.ts';
import { startSshdRig } from './sshd-rig.ts';

/** How a sign-in ends: by its page, by another page of the same person, or because 32 others were used since. */

let close: (() => Promise<void>) | undefined;

afterEach(async () => {
  await close?.();
  close = undefined;
});

type Line = Record<string, unknown>;
const auditOf = async ({ stateDirectory }: RelayRig): Promise<Line[]> =>
  (await readFile(join(stateDirectory, 'audit.log'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
const ask = async (rig: RelayRig, method: string, path: string, headers?: Record<string, string>) => {
  const response = await rig.fetch(path, { method, ...(headers && { headers }) });
  return { status: response.status, body: (await response.json()) as Line, cookie: response.headers.get('set-cookie') };
};
const isOpen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.on('error', () => resolve(false)).on('connect', () => socket.destroy());
  });
/** A socket that has not said anything yet, and what it gets to hear. */
async function openSilent(rig: RelayRig, headers: Record<string, string>) {
  const socket = rig.rawSocket(headers);
  const heard: string[] = [];
  socket.on('message', (data: Buffer) => heard.push(data.toString()));
  const closed = once(socket, 'close');
  await once(socket, 'open');
  return { socket, heard, closed };
}

describe('signing out', () => {
  it('ends the cookie, every session, forward and socket of that sign-in, and nothing of another', async () => {
    const host = await startSshdRig();
    close = () => host.close();
    const { rig, target } = host;
    const mine = { cookie: rig.cookie, 'workbench-key': rig.key, origin: rig.origin };
    const other = await rig.signInAgain();
    const shell = rig.open({ target, command: 'echo up; cat', pty: null });
    await shell.until('up');
    const waiting = rig.open({ target, command: 'echo up; cat', pty: null });
    await waiting.until('up');
    waiting.leave();
    const forward = rig.forward({ target, host: 'localhost', port: 9, localPort: 0 });
    const { localPort } = JSON.parse(await forward.until(/\}\n/)) as { localPort: number };
    expect(await isOpen(localPort)).toBe(true);
    const [silent, others] = [await openSilent(rig, mine), await openSilent(rig, other)];

    expect(await ask(rig, 'GET', '/session')).toMatchObject({ status: 200, body: { shared: false, others: 1 } });
    const { status, cookie } = await ask(rig, 'DELETE', '/session');
    expect(status).toBe(200);
    expect(cookie).toMatch(/^crostini-workbench-\d+=; HttpOnly; SameSite=Strict; Path=\/; Max-Age=0$/);
    const problem = { code: 'signed-out', message: expect.stringMatching(/^You signed out/) as string };
    expect(await shell.ended).toEqual({ problem });
    expect(await forward.ended).toEqual({ problem });
    expect(await isOpen(localPort)).toBe(false);
    await silent.closed;
    expect(silent.heard).toEqual([expect.stringContaining('"signed-out"')]);
    expect((await ask(rig, 'GET', '/targets')).status).toBe(401);
    expect((await ask(rig, 'DELETE', '/session')).status).toBe(401);
    expect((await ask(rig, 'GET', '/targets', other)).status).toBe(200);
    expect(others.socket.readyState).toBe(others.socket.OPEN);
    const lines = await auditOf(rig);
    expect(lines.filter(({ event }) => event === 'sign-out')).toMatchObject([
      { how: 'self', principal: lines.find(({ event }) => event === 'sign-in')?.['principal'] },
    ]);
    expect(lines.filter(({ how }) => how === 'signed-out')).toHaveLength(3);
  });

  it('everywhere else leaves this one alone, and a relay that is started again knows no other', async () => {
    const host = await startSshdRig();
    close = () => host.close();
    const { rig, target } = host;
    const mine = rig.open({ target, command: 'echo up; cat', pty: null });
    await mine.until('up');
    const others = [await rig.signInAgain(), await rig.signInAgain()];
    const token = rig.newToken();
    const theirs = await openSilent(rig, others[0] ?? {});
    theirs.socket.send(JSON.stringify({ type: 'open', target, command: 'echo up; cat', pty: null }));
    await expect.poll(() => theirs.heard.join()).toContain('"ready"');
    expect(await ask(rig, 'DELETE', '/session/others')).toMatchObject({ status: 200, body: { count: 2 } });
    await theirs.closed;
    expect(theirs.heard.at(-1)).toContain('Another browser signed this one out');
    for (const headers of others) expect((await ask(rig, 'GET', '/targets', headers)).status).toBe(401);
    // Whoever has a link that nobody used would be back at once.
    const late = await rig.fetch('/session', { method: 'POST', body: JSON.stringify({ token }) });
    expect(late.status).toBe(401);
    expect(await ask(rig, 'GET', '/session')).toMatchObject({ body: { others: 0 } });
    expect(await ask(rig, 'DELETE', '/session/others')).toMatchObject({ body: { count: 0 } });
    mine.write('still here\n');
    await mine.until('still here');
    const kept = JSON.parse(await readFile(join(rig.stateDirectory, 'sessions.json'), 'utf8')) as unknown[];
    expect(kept).toHaveLength(1);
    const lines = await auditOf(rig);
    const [principal, ...gone] = lines.filter(({ event }) => event === 'sign-in').map((line) => line['principal']);
    const ended = lines.filter(({ event }) => event === 'sign-out');
    expect(ended.map((line) => line['principal']).toSorted()).toEqual(gone.toSorted());
    for (const line of ended) expect(line).toMatchObject({ how: 'other', by: principal });
  });

  it.each([
    ['with fixed devices', { listed: [{ address: 'dut' }], fixedTargets: true }],
    ['of several people', { shared: true }],
  ])('everywhere else is refused on a relay %s: nobody knows whose the others are', async (_title, options) => {
    const rig = await startRelayRig(options);
    close = () => rig.close();
    const other = await rig.signInAgain();
    expect(await ask(rig, 'GET', '/session')).toMatchObject({ body: { shared: true, others: 0 } });
    const refused = await ask(rig, 'DELETE', '/session/others');
    expect(refused).toMatchObject({ status: 403, body: { problem: expect.stringContaining('shared') as string } });
    expect((await ask(rig, 'GET', '/targets', other)).status).toBe(200);
    expect((await ask(rig, 'DELETE', '/session', other)).status).toBe(200);
    expect((await ask(rig, 'GET', '/targets')).status).toBe(200);
  });

  it('ends what is on its way: a change whose body comes late, and a page that does not leave', async () => {
    const rig = await startRelayRig();
    close = () => rig.close();
    const target = await rig.addTarget('root@127.0.0.1:1');
    // It reads nothing, the relay's closing handshake included, and opens its channel after that.
    const { socket, closed } = await openSilent(rig, {
      cookie: rig.cookie,
      'workbench-key': rig.key,
      origin: rig.origin,
    });
    socket.pause();
    const body = JSON.stringify({ address: 'root@192.0.2.7' });
    const late = openRaw(rig.port);
    const headers = [
      ['host', `127.0.0.1:${rig.port}`],
      ['origin', rig.origin],
      ['cookie', rig.cookie],
      ['workbench-key', rig.key],
      ['connection', 'close'],
      ['content-length', String(body.length)],
      ['expect', '100-continue'],
    ] as const;
    late.socket.write(textOf({ line: 'POST /targets HTTP/1.1', headers }));
    // From here on the relay has let it in.
    await late.until('100 Continue');
    const other = await rig.signInAgain();
    expect((await ask(rig, 'DELETE', '/session')).status).toBe(200);
    late.socket.write(body);
    expect(await late.closed).toMatch(/HTTP\/1.1 401/);
    expect((await ask(rig, 'GET', '/targets', other)).body).toMatchObject({ targets: [{ id: target }] });
    socket.send(JSON.stringify({ type: 'open', target, command: 'true', pty: null }));
    socket.resume();
    await closed;
    expect((await auditOf(rig)).filter(({ event }) => event === 'open')).toEqual([]);
  });

  it('that the disk does not take is said', async () => {
    const rig = await startRelayRig();
    close = () => rig.close();
    await rm(rig.stateDirectory, { recursive: true });
    await writeFile(rig.stateDirectory, 'no folder');
    const { status, body } = await ask(rig, 'DELETE', '/session');
    expect({ status, body }).toMatchObject({
      status: 500,
      body: { problem: expect.stringContaining('disk') as string },
    });
    expect((await ask(rig, 'GET', '/targets')).status).toBe(401);
  });
});

it('who uses a terminal and nothing else stays signed in through 40 others; who had to make room is told', async () => {
  const rig = await startRelayRig();
  close = () => rig.close();
  const mine = { cookie: rig.cookie, 'workbench-key': rig.key, origin: rig.origin };
  const idle = await rig.signInAgain();
  const { socket } = await openSilent(rig, mine);
  for (let count = 0; count < 40; count++) await rig.signInAgain();
  expect((await ask(rig, 'GET', '/targets', idle)).status).toBe(401);
  expect((await ask(rig, 'GET', '/targets', mine)).status).toBe(200);
  socket.terminate();
  const lines = await auditOf(rig);
  expect(lines.filter(({ event, how }) => event === 'sign-out' && how === 'room')).toHaveLength(10);
});
