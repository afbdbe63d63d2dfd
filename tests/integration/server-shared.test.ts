import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type RequestOptions, createServer, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { originsOf } from '../../relay/flags.ts';
import { type ListenOptions, listen } from '../../relay/listen.ts';
import { type Relay, type RelayOptions, createRelay } from '../../relay/relay.ts';
import { readTlsFiles } from '../../relay/tls-files.ts';
import { listenLocally } from './listen.ts';
import { UPGRADE, askRaw, makeApp } from './raw-http.ts';
import { startRelayRig } from './relay-rig.ts';
import { startSshdRig } from './sshd-rig.ts';
import { CERTIFICATE, KEY } from './tls-certificate.ts';

/** A relay that is shared: with TLS, behind a proxy, with fixed devices; and what those who run it look at. */

const TLS = { cert: CERTIFICATE, key: KEY };
let app: string;
let stateDirectory: string;
let close: (() => Promise<void>) | undefined;

beforeAll(async () => {
  app = await makeApp();
});

afterAll(() => rm(app, { recursive: true, force: true }));

beforeEach(async () => {
  stateDirectory = await mkdtemp(join(tmpdir(), 'workbench-shared-'));
});

afterEach(async () => {
  await close?.();
  close = undefined;
  await rm(stateDirectory, { recursive: true, force: true });
});

/** Starts a relay as main does. */
async function start(
  listening: Partial<ListenOptions> & { readonly proxy?: string; readonly names?: readonly string[] },
  options: Partial<RelayOptions> = {},
): Promise<{ relay: Relay; port: number }> {
  const host = '127.0.0.1';
  const { proxy, names } = listening;
  const relay = createRelay({
    stateDirectory,
    home: stateDirectory,
    log: pino({ level: 'silent' }),
    behindProxy: proxy !== undefined,
    ...options,
  });
  const { server, port } = await listen(relay, { port: 0, host, app, ...listening });
  relay.gate.allow(originsOf({ host, proxy }, port, names));
  close = async () => {
    await relay.close();
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { relay, port };
}

/** Asks by http, or by https where the certificate is given. */
async function ask(
  options: RequestOptions & { readonly port: number; readonly tls?: boolean },
  body = '',
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  const request = options.tls
    ? requestHttps({ host: '127.0.0.1', servername: 'localhost', ca: CERTIFICATE, ...options })
    : requestHttp({ host: '127.0.0.1', ...options });
  request.end(body);
  const [response] = (await once(request, 'response')) as [
    AsyncIterable<Buffer> & { statusCode: number; headers: Record<string, unknown> },
  ];
  let text = '';
  for await (const chunk of response) text += chunk.toString();
  return { status: response.statusCode, headers: response.headers, body: text };
}

/** The headers that a sign-in gives its page. */
function signedIn({ headers, body }: { headers: Record<string, unknown>; body: string }): Record<string, string> {
  const { key } = JSON.parse(body) as { key: string };
  return { cookie: String(headers['set-cookie']).replace(/;.*/, ''), 'workbench-key': key };
}

const tokenOf = (relay: Relay): string => relay.newLink().replace(/^.*token=/, '');

describe('TLS', () => {
  it('serves the app, a sign-in whose cookie is Secure, and channels, to its own origin only', async () => {
    const { relay, port } = await start({ tls: TLS, names: ['localhost', 'workbench.test'] });
    expect((await ask({ port, tls: true })).body).toContain('the app');
    const origin = `https://127.0.0.1:${port}`;
    const signIn = (from: string) =>
      ask(
        { port, tls: true, method: 'POST', path: '/session', headers: { origin: from } },
        JSON.stringify({ token: tokenOf(relay) }),
      );
    expect((await signIn(`http://127.0.0.1:${port}`)).status).toBe(403);
    const { headers, body } = await signIn(origin);
    expect(headers['set-cookie']).toEqual([
      expect.stringMatching(
        new RegExp(
          `^__Host-crostini-workbench-${port}=[\\w-]{43}; HttpOnly; SameSite=Strict; Path=/; Secure; Max-Age=\\d+$`,
        ),
      ),
    ]);
    const mine = signedIn({ headers, body });
    expect((await ask({ port, tls: true, path: '/targets', headers: mine })).status).toBe(200);
    const name = { host: `workbench.test:${port}`, origin: `https://workbench.test:${port}` };
    const socket = new WebSocket(`wss://127.0.0.1:${port}/channel`, { ca: CERTIFICATE, headers: { ...name, ...mine } });
    await once(socket, 'open');
    // Somebody who signed in is no stranger under TLS either.
    expect(relay.callers.strangers).toBe(0);
    socket.terminate();
    const rebound = await ask({ port, tls: true, headers: { host: `evil.lab.test:${port}` } });
    expect(rebound.status).toBe(421);
  });

  it('a wildcard of the certificate is one label, and no more', async () => {
    const folder = join(stateDirectory, 'tls');
    await mkdir(folder);
    await writeFile(join(folder, 'cert.pem'), CERTIFICATE);
    await writeFile(join(folder, 'key.pem'), KEY, { mode: 0o600 });
    const files = readTlsFiles(join(folder, 'cert.pem'), join(folder, 'key.pem'));
    if ('problem' in files) throw new Error(files.problem);
    expect(files.names).toEqual(['workbench.test', '*.lab.test', 'localhost', '127.0.0.1']);
    const { port } = await start(files);
    const knock = async (name: string, origin = `https://${name}:${port}`) =>
      (await ask({ port, tls: true, path: '/healthz', headers: { host: `${name}:${port}`, origin } })).status;
    expect(await knock('eve.lab.test')).toBe(200);
    expect(await knock('EVE.lab.test', `https://eve.lab.test:${port}`)).toBe(200);
    expect(await knock('eve.lab.test', `https://kevin.lab.test:${port}`)).toBe(403);
    expect(await knock('eve.lab.test', `https://*.lab.test:${port}`)).toBe(403);
    for (const name of [
      'lab.test',
      '.lab.test',
      'a.eve.lab.test',
      'eve.lab.test.evil.test',
      'evil@eve.lab.test',
      '%2a.lab.test',
      '*.lab.test',
      '*',
    ])
      expect(await knock(name), name).toBe(421);
  });

  it('who does not shake hands is let go, who speaks http is, and old versions are not spoken', async () => {
    const { relay, port } = await start({ tls: TLS }, { limits: { strangers: 4 } });
    const silent = Array.from({ length: 8 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
    const gone = silent.map((socket) => once(socket, 'close'));
    await Promise.all(silent.map((socket) => once(socket, 'connect')));
    await Promise.all(gone.slice(0, 4));
    expect((await ask({ port, tls: true })).body).toContain('the app');
    expect((await askRaw(port, `GET / HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`)).body).not.toContain('the app');
    const old = connectTls({ port, host: '127.0.0.1', ca: CERTIFICATE, maxVersion: 'TLSv1.1', minVersion: 'TLSv1' });
    await expect(once(old, 'secureConnect')).rejects.toThrow();
    await Promise.all(gone);
    await expect.poll(() => relay.callers.strangers).toBeLessThanOrEqual(1);
  });
});

describe('behind a proxy', () => {
  const proxy = 'https://workbench.example';
  const own = { host: 'workbench.example', origin: proxy };

  it('serves the origin of the proxy, and not even its own names', async () => {
    const { relay, port } = await start({ proxy });
    const get = (headers: Record<string, string>) => ask({ port, headers });
    expect((await get({ host: own.host })).body).toContain('the app');
    for (const host of [
      `127.0.0.1:${port}`,
      `localhost:${port}`,
      'workbench.example:443',
      `workbench.example:${port}`,
      'example',
    ])
      expect((await get({ host })).status, host).toBe(421);
    for (const origin of [
      'http://workbench.example',
      'https://workbench.example:443',
      `http://127.0.0.1:${port}`,
      'null',
    ])
      expect((await get({ host: own.host, origin })).status, origin).toBe(403);
    // What a proxy adds is not believed.
    expect(
      (await get({ host: 'evil.example', 'x-forwarded-host': own.host, forwarded: `host=${own.host}` })).status,
    ).toBe(421);

    const token = tokenOf(relay);
    const answer = await ask({ port, method: 'POST', path: '/session', headers: own }, JSON.stringify({ token }));
    expect(String(answer.headers['set-cookie'])).toMatch(/^__Host-crostini-workbench-443=.*; Secure/);
    const channel = await askRaw(port, {
      line: 'GET /channel HTTP/1.1',
      headers: [...Object.entries(own), ...Object.entries(signedIn(answer)), ...UPGRADE],
    });
    expect(channel.status).toBe(101);
  });

  it('who asks is the last address that is not the proxy, and what comes past the proxy is let go', async () => {
    const peersOf = async (options: Partial<RelayOptions>, forwarded: string): Promise<unknown> => {
      const { relay, port } = await start({ proxy }, options);
      const headers = { ...own, 'x-forwarded-for': forwarded };
      const body = JSON.stringify({ token: tokenOf(relay) });
      expect((await ask({ port, method: 'POST', path: '/session', headers }, body)).status).toBe(200);
      const text = await readFile(join(stateDirectory, 'audit.log'), 'utf8');
      await close?.();
      close = undefined;
      return text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .findLast(({ event }) => event === 'sign-in')?.['peer'];
    };
    expect(await peersOf({}, '203.0.113.7, 198.51.100.1')).toBe('198.51.100.1');
    const proxyPeers = ['127.0.0.1', '192.0.2.0/24'];
    expect(await peersOf({ proxyPeers }, '203.0.113.7, 198.51.100.1, 192.0.2.9')).toBe('198.51.100.1');
    expect(await peersOf({}, 'evil.example')).toBe('127.0.0.1');
    expect(await peersOf({ behindProxy: false }, '198.51.100.1')).toBe('127.0.0.1');

    const { relay, port } = await start({ proxy }, { proxyPeers: ['192.0.2.1'] });
    const request = { line: 'GET /healthz HTTP/1.1', headers: [['host', own.host]] as const };
    expect(await askRaw(port, request)).toMatchObject({ status: 0, head: '' });
    expect(relay.callers.strangers).toBe(0);
  });

  it('metrics are for signed-in pages only: there every peer is this machine', async () => {
    const { relay, port } = await start({ proxy });
    const metrics = (mine: Record<string, string> = {}) =>
      ask({ port, path: '/metrics', headers: { host: own.host, ...mine } });
    expect((await metrics()).status).toBe(401);
    expect(await ask({ port, path: '/healthz', headers: { host: own.host } })).toMatchObject({
      status: 200,
      body: '{"ok":true}',
    });
    const token = tokenOf(relay);
    const answer = await ask({ port, method: 'POST', path: '/session', headers: own }, JSON.stringify({ token }));
    expect((await metrics(signedIn(answer))).body).toContain('workbench_channels 0');
  });
});

describe('fixed devices', () => {
  it('are the only ones: none is added, removed, changed or brought along', async () => {
    const rig = await startRelayRig({
      listed: [{ address: 'root@192.0.2.7', label: 'eve' }, { address: 'dut' }],
      fixedTargets: true,
      builtIn: [{ id: 'practice-x86', label: 'Practice', address: 'root@127.0.0.1:1' }],
    });
    close = () => rig.close();
    const list = async () =>
      (await (await rig.fetch('/targets')).json()) as { targets: { id: string }[]; fixed: boolean };
    const first = await list();
    expect(first).toMatchObject({
      fixed: true,
      targets: [
        { label: 'eve', address: 'root@192.0.2.7', destination: 'root@192.0.2.7', removable: false, simulated: false },
        { label: 'dut', removable: false },
      ],
    });
    const refused = async (method: string, path: string, body?: object) => {
      const response = await rig.fetch(path, { method, ...(body && { body: JSON.stringify(body) }) });
      return `${response.status} ${((await response.json()) as { problem: string }).problem}`;
    };
    const [eve] = first.targets;
    const fixed = /^405 The devices of this relay are fixed.*--targets/;
    expect(await refused('POST', '/targets', { address: 'root@192.0.2.8' })).toMatch(fixed);
    expect(await refused('POST', '/targets', { address: 'dut' })).toMatch(fixed);
    expect(await refused('DELETE', `/targets/${eve?.id}`)).toMatch(fixed);
    expect(await refused('DELETE', '/targets/practice-x86')).toMatch(/^404/);
    expect(await refused('PUT', `/targets/${eve?.id}/old-algorithms`, { allowed: true })).toMatch(/^404/);
    expect(await list()).toEqual(first);
    expect(await rig.run('practice-x86', 'true')).toMatchObject({ problem: { code: 'target-unknown' } });
  });

  it('those that people added before are left out, and not forgotten', async () => {
    const addresses = async (options: Partial<RelayOptions>): Promise<string[]> => {
      const { relay } = await start({}, options);
      if (!options.fixedTargets) await relay.targets.add('root@added.example');
      const list = await relay.targets.list();
      await close?.();
      close = undefined;
      return list.map(({ address }) => address);
    };
    const listed = [{ address: 'dut' }];
    expect(await addresses({})).toEqual(['root@added.example']);
    expect(await addresses({ listed, fixedTargets: true })).toEqual(['dut']);
    expect(await addresses({ listed })).toEqual(['dut', 'root@added.example']);
  });

  it('a list alone comes beside what people add, and stays', async () => {
    const rig = await startRelayRig({ listed: [{ address: 'dut', label: 'lab' }] });
    close = () => rig.close();
    const added = await rig.addTarget('root@192.0.2.7');
    const listed = await rig.addTarget('dut');
    const { targets, fixed } = (await (await rig.fetch('/targets')).json()) as {
      targets: { id: string }[];
      fixed: boolean;
    };
    expect(fixed).toBe(false);
    expect(targets).toMatchObject([
      { id: listed, label: 'lab', removable: false },
      { id: added, removable: true },
    ]);
    expect((await rig.fetch(`/targets/${listed}`, { method: 'DELETE' })).status).toBe(405);
    expect((await rig.fetch(`/targets/${added}`, { method: 'DELETE' })).status).toBe(200);
  });
});

describe('what is served', () => {
  const policyOf = (headers: Record<string, unknown>): Map<string, string[]> =>
    new Map(
      String(headers['content-security-policy'])
        .split(';')
        .map((directive) => directive.trim().split(/\s+/))
        .map(([name = '', ...values]) => [name, values]),
    );

  it('the page has its policy in a header, also when it is not modified; everything else may load nothing', async () => {
    const { port } = await start({});
    const page = await ask({ port });
    expect(page.headers['content-security-policy']).toBe("default-src 'self'; frame-ancestors 'none'");
    const again = await ask({ port, headers: { 'if-none-match': String(page.headers['etag']) } });
    expect(again.status).toBe(304);
    expect(again.headers['content-security-policy']).toBe(page.headers['content-security-policy']);
    for (const path of ['/healthz', '/metrics', '/targets', '/session'])
      expect([...policyOf((await ask({ port, path })).headers)], path).toEqual([
        ['default-src', ["'none'"]],
        ['frame-ancestors', ["'none'"]],
      ]);
    for (const path of ['/', '/healthz', '/none.js'])
      expect((await ask({ port, path })).headers, path).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
      });
  });

  it('a range of a file is not asked for, so the whole is given', async () => {
    const { port } = await start({});
    const whole = await ask({ port, headers: { range: 'bytes=5-2' } });
    expect(whole).toMatchObject({ status: 200, body: expect.stringContaining('the app') as string });
  });
});

describe('metrics', () => {
  /** Series by name and labels. */
  const read = async (port: number): Promise<Map<string, number>> => {
    const { body, headers } = await ask({ port, path: '/metrics' });
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    const lines = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(lines.map((line) => [line.replace(/ \S+$/, ''), Number(line.replace(/^.* /, ''))]));
  };

  it('count channels, bytes both ways, what is not acknowledged, coming back, sockets and connections', async () => {
    const host = await startSshdRig();
    close = () => host.close();
    const { rig, target } = host;
    const idle = await read(rig.port);
    expect(idle.get('workbench_channels')).toBe(0);
    const cat = rig.open({ target, command: 'cat', pty: null });
    cat.write('x'.repeat(1000));
    await cat.until('x'.repeat(1000));
    const flood = rig.open(
      { target, command: 'head -c 300000 /dev/zero; cat', pty: null },
      { onData: () => undefined },
    );
    await expect
      .poll(async () => (await read(rig.port)).get('workbench_unacknowledged_bytes{direction="output"}'))
      .toBe(300_000);
    const busy = await read(rig.port);
    const gained = (name: string): number => (busy.get(name) ?? NaN) - (idle.get(name) ?? NaN);
    expect(gained('workbench_channels')).toBe(2);
    expect(gained('workbench_sockets')).toBe(2);
    expect(gained('workbench_channels_opened_total')).toBe(2);
    expect(gained('workbench_bytes_total{direction="input"}')).toBe(1000);
    expect(gained('workbench_bytes_total{direction="output"}')).toBe(301_000);
    expect(busy.get('workbench_ssh_connections')).toBe(1);
    expect(busy.get('workbench_event_loop_lag_seconds{quantile="0.99"}')).toBeGreaterThanOrEqual(0);
    expect(busy.get('process_resident_memory_bytes')).toBeGreaterThan(1e6);
    cat.cut();
    cat.write('y');
    await cat.until('y');
    expect((await read(rig.port)).get('workbench_resumes_total')).toBe(1);
    cat.channel.close();
    flood.channel.close();
    await expect.poll(async () => (await read(rig.port)).get('workbench_channels')).toBe(0);
  });

  it.each([
    ['127.0.0.1', 200],
    ['127.9.9.9', 200],
    ['::1', 200],
    ['::ffff:127.0.0.1', 200],
    ['192.0.2.9', 401],
    ['::ffff:192.0.2.9', 401],
    ['2001:db8::1', 401],
  ])('for the peer %s, who has not signed in: %i', async (peer, status) => {
    const { relay } = await start({});
    const server = createServer((request, response) => {
      Object.defineProperty(request.socket, 'remoteAddress', { value: peer });
      void relay.handle(request, response);
    });
    const port = await listenLocally(server);
    relay.gate.allow([`http://127.0.0.1:${port}`]);
    const answer = await ask({ port, path: '/metrics' });
    server.close();
    expect(answer.status).toBe(status);
    expect(answer.body.includes('workbench_channels')).toBe(status === 200);
  });
});

describe('the audit log', () => {
  it('says who opened what on which device, how it ended, and who changed which device', async () => {
    const host = await startSshdRig();
    close = () => host.close();
    const { rig, target, sshd } = host;
    const lines = async () =>
      (await readFile(join(rig.stateDirectory, 'audit.log'), 'utf8'))
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    const before = (await lines()).length;
    expect(await rig.run(target, 'exit 7')).toMatchObject({ exit: { code: 7 } });
    const shell = rig.open({ target, command: null, pty: { term: 'xterm', columns: 80, rows: 24 } });
    await shell.until(/[$#]/);
    shell.cut();
    shell.write('kill -9 $$\n');
    await shell.ended;
    const cat = rig.open({ target, command: 'cat', pty: null });
    cat.write('x');
    await cat.until('x');
    cat.channel.close();
    await expect.poll(async () => (await lines()).at(-1)).toMatchObject({ event: 'end', how: 'closed' });
    await rig.fetch(`/targets/${target}`, { method: 'DELETE' });

    const all = await lines();
    const principal = all[1]?.['principal'];
    const address = sshd.address;
    expect(all.slice(0, 2)).toMatchObject([
      { event: 'start' },
      { event: 'sign-in', principal: expect.stringMatching(/^[0-9a-f]{16}$/) as string, peer: '127.0.0.1' },
    ]);
    expect(all).toContainEqual(expect.objectContaining({ event: 'device-added', principal, target, address }));
    expect(all).toContainEqual(
      expect.objectContaining({ event: 'host-key-trusted', principal, target, fingerprint: sshd.hostKeyFingerprint }),
    );
    const opened = { event: 'open', principal, target, address };
    expect(all.slice(before)).toMatchObject([
      { ...opened, what: 'command', channel: 2 },
      { event: 'end', channel: 2, how: 'exit', code: 7, signal: null },
      { ...opened, what: 'shell', channel: 3 },
      { event: 'resume', channel: 3, principal },
      { event: 'end', channel: 3, how: 'exit', code: null, signal: 'KILL' },
      { ...opened, what: 'command', channel: 4 },
      { event: 'end', channel: 4, how: 'closed', code: null, signal: null },
      { event: 'device-removed', principal, target, address },
    ]);
  });

  it('says what changed of a device, and nothing where nothing did', async () => {
    const rig = await startRelayRig();
    close = () => rig.close();
    const address = 'root@192.0.2.7';
    const add = (more = {}) => rig.fetch('/targets', { method: 'POST', body: JSON.stringify({ address, ...more }) });
    const allow = (allowed: boolean) =>
      rig.fetch(`/targets/${target}/old-algorithms`, { method: 'PUT', body: JSON.stringify({ allowed }) });
    const target = await rig.addTarget(address);
    await add();
    await add({ oldAlgorithms: true });
    await add({ oldAlgorithms: true });
    await allow(true);
    await allow(false);
    await allow(false);
    await rig.fetch(`/targets/${target}`, { method: 'DELETE' });
    await add({ oldAlgorithms: true });
    const log = await readFile(join(rig.stateDirectory, 'audit.log'), 'utf8');
    const lines = log
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.filter((line) => line['target'] === target).map(({ event, allowed }) => [event, allowed])).toEqual([
      ['device-added', undefined],
      ['old-algorithms', true],
      ['old-algorithms', false],
      ['device-removed', undefined],
      ['device-added', undefined],
      ['old-algorithms', true],
    ]);
  });

  it('tells a page that never came back, and a device that could not be reached, from one that closed', async () => {
    const host = await startSshdRig({ graceMs: 50 });
    close = () => host.close();
    const { rig, target } = host;
    const last = async () =>
      (await readFile(join(rig.stateDirectory, 'audit.log'), 'utf8')).trimEnd().split('\n').at(-1);
    const left = rig.open({ target, command: 'cat', pty: null });
    left.write('x');
    await left.until('x');
    left.leave();
    await expect.poll(last).toContain('"how":"abandoned"');
    await rig.run(await rig.addTarget('root@127.0.0.1:1'), 'true');
    expect(await last()).toContain('"how":"connection-refused"');
  });
});
