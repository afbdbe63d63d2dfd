import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Sessions } from '../../relay/sessions.ts';
import { UPGRADE, askRaw, makeApp } from './raw-http.ts';
import type { RelayRig } from './relay-rig.ts';
import { type SshdRig, startSshdRig } from './sshd-rig.ts';

/** Who is not let in: every Host, Origin, token, cookie and id that is not exactly right, as raw bytes. */

let app: string;
let host: SshdRig;
let rig: RelayRig;

beforeAll(async () => {
  app = await makeApp();
  host = await startSshdRig({ app });
  ({ rig } = host);
});

afterAll(async () => {
  await host?.close();
  await rm(app, { recursive: true, force: true });
});

type Headers = readonly (readonly [string, string])[];

/** Everything that the relay answers, each as a browser asks for it, and the status it gets when all is right. */
const DOORS = [
  { name: 'the app', line: 'GET / HTTP/1.1', origin: false, upgrade: false, status: 200 },
  { name: 'a page of the app', line: 'HEAD /sheets HTTP/1.1', origin: false, upgrade: false, status: 200 },
  { name: 'a file that is none', line: 'GET /none.js HTTP/1.1', origin: false, upgrade: false, status: 404 },
  { name: 'healthz', line: 'GET /healthz HTTP/1.1', origin: false, upgrade: false, status: 200 },
  { name: 'metrics', line: 'GET /metrics HTTP/1.1', origin: false, upgrade: false, status: 200 },
  { name: 'the devices', line: 'GET /targets HTTP/1.1', origin: false, upgrade: false, status: 200 },
  { name: 'signing in', line: 'POST /session HTTP/1.1', origin: true, upgrade: false, status: 401 },
  { name: 'adding a device', line: 'POST /targets HTTP/1.1', origin: true, upgrade: false, status: 400 },
  { name: 'removing a device', line: 'DELETE /targets/x HTTP/1.1', origin: true, upgrade: false, status: 404 },
  { name: 'trusting a key', line: 'PUT /targets/x/host-key HTTP/1.1', origin: true, upgrade: false, status: 404 },
  { name: 'posting to the app', line: 'POST / HTTP/1.1', origin: true, upgrade: false, status: 405 },
  { name: 'a channel', line: 'GET /channel HTTP/1.1', origin: true, upgrade: true, status: 101 },
] as const;
type Door = (typeof DOORS)[number];

interface Change {
  readonly line?: string;
  readonly hosts?: Headers;
  readonly origins?: Headers;
  readonly cookie?: string;
  readonly key?: Headers;
}

const fill = (text: string): string => text.replaceAll('PORT', String(rig.port));

/** Knocks with everything right but what is given. */
function knock(door: Door, change: Change = {}) {
  const hosts = change.hosts ?? [['host', '127.0.0.1:PORT']];
  const origins = change.origins ?? (door.origin ? [['origin', 'http://127.0.0.1:PORT']] : []);
  const cookie = change.cookie ?? rig.cookie;
  const key = change.key ?? [['workbench-key', rig.key]];
  const rest = door.upgrade ? UPGRADE : ([['connection', 'close']] as const);
  const headers = [...hosts, ...origins, ...(cookie === '' ? [] : [['cookie', cookie] as const]), ...key, ...rest];
  return askRaw(rig.port, {
    line: fill(change.line ?? door.line),
    headers: headers.map(([name, value]) => [name, fill(value)] as const),
    ...(door.line.startsWith('P') && { body: '{}' }),
  });
}

/** Knocks at every door; nothing of the app or the relay may be in a refusal. */
async function expectRefusals(
  statuses: readonly number[],
  change: Change | ((door: Door) => Change),
  doors: readonly Door[] = DOORS,
): Promise<void> {
  await Promise.all(
    doors.map(async (door) => {
      const { status, body, head } = await knock(door, typeof change === 'function' ? change(door) : change);
      expect(statuses, `${door.name}: ${status}`).toContain(status);
      expect(body, door.name).not.toMatch(/the app|workbench_|"targets"|"ok"/);
      expect(head, door.name).not.toMatch(/set-cookie/i);
    }),
  );
}

describe('the right Host and Origin', () => {
  it.each([
    ['the address', '127.0.0.1:PORT', 'http://127.0.0.1:PORT'],
    ['the name, in upper case, which names may have', 'LOCALHOST:PORT', 'http://localhost:PORT'],
    ['the IPv6 loopback', '[::1]:PORT', 'http://[::1]:PORT'],
  ])('%s opens every door', async (_title, name, origin) => {
    for (const door of DOORS) {
      const origins: Headers = door.origin ? [['origin', origin]] : [];
      const { status } = await knock(door, { hosts: [['host', name]], origins });
      expect(status, door.name).toBe(door.status);
    }
  });
});

describe('a Host is refused at every door', () => {
  it.each([
    ['another name', 'evil.example:PORT'],
    ['a name that was rebound to this machine', 'workbench.evil.example:PORT'],
    ['no port', '127.0.0.1'],
    ['an empty port', '127.0.0.1:'],
    ['another port', '127.0.0.1:1'],
    ['a port with a zero before it', '127.0.0.1:0PORT'],
    ['the port of http', '127.0.0.1:80'],
    ['a trailing dot', 'localhost.:PORT'],
    ['a trailing dot after an address', '127.0.0.1.:PORT'],
    ['a name below localhost', 'evil.localhost:PORT'],
    ['an address that means the same, short', '127.1:PORT'],
    ['the same as one number', '2130706433:PORT'],
    ['the same in octal', '0177.0.0.1:PORT'],
    ['any address', '0.0.0.0:PORT'],
    ['IPv6 without brackets', '::1:PORT'],
    ['IPv6 without a port', '[::1]'],
    ['IPv6 in full', '[0:0:0:0:0:0:0:1]:PORT'],
    ['IPv4 in IPv6', '[::ffff:127.0.0.1]:PORT'],
    ['a user before it', 'user@127.0.0.1:PORT'],
    ['itself as the user of another', '127.0.0.1:PORT@evil.example'],
    ['a scheme before it', 'http://127.0.0.1:PORT'],
    ['a path behind it', '127.0.0.1:PORT/'],
    ['two in a list', '127.0.0.1:PORT, evil.example'],
    ['nothing in it', ''],
  ])('with %s', async (_title, name) => {
    // With an Origin that fits: whoever can choose the name chooses both.
    await expectRefusals([400, 421], ({ origin }) => ({
      hosts: [['host', name]],
      ...(origin && { origins: [['origin', `http://${name}`]] }),
    }));
  });

  it.each([
    ['that is missing', []],
    ['with a wrong one behind it', ['127.0.0.1:PORT', 'evil.example']],
    ['with a wrong one before it', ['evil.example', '127.0.0.1:PORT']],
    ['that is there twice', ['127.0.0.1:PORT', '127.0.0.1:PORT']],
  ])('%s', async (_title, names) => {
    await expectRefusals([400, 421], { hosts: names.map((name) => ['host', name] as const) });
  });

  it('that HTTP/1.0 leaves out', async () => {
    await expectRefusals([0, 421], ({ line }) => ({ line: line.replace('1.1', '1.0'), hosts: [] }));
  });
});

it.each([
  'http://127.0.0.1:PORT',
  'http://evil.example',
  'ws://127.0.0.1:PORT',
  'HTTP://127.0.0.1:PORT',
  '.',
  '@',
  '*',
])('a request target that begins with %s is refused at every door', async (before) => {
  await expectRefusals([0, 400], ({ line }) => ({ line: line.replace(' /', ` ${before}/`) }));
});

describe('an upgrade to something else', () => {
  const ask = (path: string, protocol: string, version = '1.1') =>
    askRaw(rig.port, {
      line: `GET ${path} HTTP/${version}`,
      headers: [
        ['host', `127.0.0.1:${rig.port}`],
        ['origin', rig.origin],
        ['cookie', rig.cookie],
        ['workbench-key', rig.key],
        ['connection', 'Upgrade, HTTP2-Settings'],
        ['upgrade', protocol],
        ['http2-settings', 'AAMAAABkAAQCAAAAAAIAAAAA'],
      ],
    });

  it.each(['/', '/sheets', '/healthz', '/targets', '/none.js', '//', '/channel/'])(
    'h2c on %s is refused with a body, not with silence',
    async (path) => {
      for (const protocol of ['h2c', 'websocket']) {
        const { status, head, body } = await ask(path, protocol);
        expect(status).toBe(400);
        expect(head).toContain('application/json');
        expect(JSON.parse(body)).toEqual({ problem: expect.stringContaining('Upgrade') as string });
      }
    },
  );

  it('h2c on the path of channels is refused', async () => {
    expect((await ask('/channel', 'h2c')).status).toBe(400);
  });
});

describe('a channel', () => {
  const handshake = (line: string, more: Headers = []) =>
    askRaw(rig.port, {
      line,
      headers: [
        ['host', `127.0.0.1:${rig.port}`],
        ['origin', rig.origin],
        ['cookie', rig.cookie],
        ['workbench-key', rig.key],
        ...UPGRADE,
        ...more,
      ],
    });

  it('is not opened by HTTP/1.0', async () => {
    expect((await handshake('GET /channel HTTP/1.1')).status).toBe(101);
    expect((await handshake('GET /channel HTTP/1.0')).status).toBe(400);
  });

  it('agrees to no subprotocol', async () => {
    const { status, head } = await handshake('GET /channel HTTP/1.1', [['sec-websocket-protocol', 'chat, superchat']]);
    expect(status).toBe(101);
    expect(head).not.toMatch(/sec-websocket-protocol/i);
  });
});

it.each(['OPTIONS * HTTP/1.1', 'CONNECT 127.0.0.1:22 HTTP/1.1', 'TRACE / HTTP/1.1'])('%s is refused', async (line) => {
  const { status } = await askRaw(rig.port, fill(`${line}\r\nhost: 127.0.0.1:PORT\r\nconnection: close\r\n\r\n`));
  expect([0, 400, 403]).toContain(status);
});

describe('an Origin is refused at every door', () => {
  it.each([
    ['null', 'null'],
    ['nothing in it', ''],
    ['another site', 'http://evil.example'],
    ['another port', 'http://127.0.0.1:1'],
    ['no port', 'http://127.0.0.1'],
    ['another scheme', 'https://127.0.0.1:PORT'],
    ["the socket's scheme", 'ws://127.0.0.1:PORT'],
    ['a file', 'file://'],
    ['an extension', 'chrome-extension://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'],
    ['another of the own names', 'http://localhost:PORT'],
    ['the own name in IPv6', 'http://[::1]:PORT'],
    ['upper case', 'HTTP://127.0.0.1:PORT'],
    ['a trailing slash', 'http://127.0.0.1:PORT/'],
    ['a trailing dot', 'http://127.0.0.1.:PORT'],
    ['itself as the beginning of another', 'http://127.0.0.1:PORT.evil.example'],
    ['itself as the user of another', 'http://127.0.0.1:PORT@evil.example'],
    ['a user before it', 'http://user@127.0.0.1:PORT'],
    ['a line of two', 'http://127.0.0.1:PORT http://evil.example'],
  ])('with %s', async (_title, origin) => {
    await expectRefusals([403], { origins: [['origin', origin]] });
  });

  it('that is there twice', async () => {
    const origins = ['http://127.0.0.1:PORT', 'http://evil.example'].map((value) => ['origin', value] as const);
    await expectRefusals([403], { origins });
    await expectRefusals([403], { origins: origins.toReversed() });
  });

  it('that is missing where a browser sends one', async () => {
    const doors = DOORS.filter(({ origin }) => origin);
    expect(doors.length).toBeGreaterThan(3);
    await expectRefusals([403], { origins: [] }, doors);
  });
});

describe('keys', () => {
  const doors = DOORS.filter(({ name }) => /device|trusting|channel/.test(name));

  it.each([
    ['none', () => []],
    ['an empty one', () => [['workbench-key', '']]],
    ['the secret of the cookie', () => [['workbench-key', rig.cookie.replace(/^.*=/, '')]]],
    ['one cut short', () => [['workbench-key', rig.key.slice(0, -1)]]],
    ['one a letter too long', () => [['workbench-key', `${rig.key}A`]]],
    ["another person's", async () => [['workbench-key', (await rig.signInAgain())['workbench-key'] ?? '']]],
    [
      'the right one beside a wrong one',
      () => [
        ['workbench-key', rig.key],
        ['workbench-key', 'A'.repeat(43)],
      ],
    ],
    ['the right one as a subprotocol by another name', () => [['sec-websocket-protocol', rig.key]]],
  ] satisfies [string, () => Headers | Promise<Headers>][])(
    '%s: a cookie alone lets nobody in',
    async (_title, key) => {
      await expectRefusals([401], { key: await key() }, doors);
    },
  );

  it('as a subprotocol opens a channel, and is not said back', async () => {
    const channel = DOORS.find(({ upgrade }) => upgrade);
    if (!channel) throw new Error('one door is a channel');
    const key: Headers = [['sec-websocket-protocol', `crostini-workbench, key.${rig.key}`]];
    const { status, head } = await knock(channel, { key });
    expect(status).toBe(101);
    expect(head).toMatch(/sec-websocket-protocol: crostini-workbench(?:\r\n|$)/i);
    expect(head).not.toContain(rig.key);
  });
});

describe('cookies', () => {
  const secret = (): string => rig.cookie.replace(/^.*=/, '');
  const swapped = (text: string): string => `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`;
  const CASES: readonly (readonly [string, () => string | Promise<string>])[] = [
    ['none', () => ''],
    ['empty', () => `crostini-workbench-${rig.port}=`],
    ['guessed', () => `crostini-workbench-${rig.port}=${'A'.repeat(43)}`],
    ['cut short', () => rig.cookie.slice(0, -1)],
    ['a letter too long', () => `${rig.cookie}A`],
    ['one letter wrong', () => `crostini-workbench-${rig.port}=${swapped(secret())}`],
    ['in quotes', () => `crostini-workbench-${rig.port}="${secret()}"`],
    ["under another relay's name", () => `crostini-workbench-${rig.port + 1}=${secret()}`],
    ['under a name in upper case', () => `CROSTINI-WORKBENCH-${rig.port}=${secret()}`],
    ['under the name that https has', () => `__Host-crostini-workbench-${rig.port}=${secret()}`],
    ['under a longer name', () => `x-crostini-workbench-${rig.port}=${secret()}`],
    ['a token instead', () => `crostini-workbench-${rig.port}=${rig.newToken()}`],
    ['what the relay keeps of it', () => `crostini-workbench-${rig.port}=${hashOf(secret())}`],
    ['the name of its principal', () => `crostini-workbench-${rig.port}=${hashOf(secret()).slice(0, 16)}`],
  ];

  it.each(CASES)('%s: not signed in', async (_title, cookie) => {
    const doors = DOORS.filter(({ line }) => / \/(targets|channel)/.test(line));
    expect(doors.length).toBeGreaterThan(4);
    await expectRefusals([401], { cookie: await cookie() }, doors);
  });

  it.each(['before', 'behind'])(
    'one of the same name %s it, from another port of this machine, signs nobody out',
    async (where) => {
      const other = `crostini-workbench-${rig.port}=${'A'.repeat(43)}`;
      const cookie = (where === 'before' ? [other, rig.cookie] : [rig.cookie, other]).join('; ');
      for (const door of DOORS) expect((await knock(door, { cookie })).status, door.name).toBe(door.status);
    },
  );

  it('a sign-in that was not used for 30 days is none', async () => {
    const file = join(rig.stateDirectory, 'old-sessions.json');
    const used = Date.now() - 30 * 24 * 60 * 60_000;
    await writeFile(
      file,
      JSON.stringify([
        { hash: hashOf('old'), keyHash: hashOf('key'), used },
        { hash: hashOf('not so old'), keyHash: hashOf('key'), used: used + 60_000 },
        { hash: hashOf('of a relay without keys'), used: Date.now() },
      ]),
    );
    const sessions = new Sessions(file, () => undefined);
    expect(sessions.principalOf('old')).toBeUndefined();
    expect(sessions.principalOf('not so old')).toBeDefined();
    expect(sessions.principalOf('of a relay without keys')).toBeUndefined();
  });
});

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('tokens', () => {
  const exchange = (body: string) => rig.fetch('/session', { method: 'POST', body });
  const CASES: readonly (readonly [string, () => string])[] = [
    ['a guess', () => JSON.stringify({ token: 'A'.repeat(43) })],
    ['the oldest of nine', () => JSON.stringify({ token: Array.from({ length: 9 }, () => rig.newToken())[0] })],
    ['one with a letter missing', () => JSON.stringify({ token: rig.newToken().slice(0, -1) })],
    ['one with a letter more', () => JSON.stringify({ token: `${rig.newToken()}A` })],
    ['one with a blank', () => JSON.stringify({ token: `${rig.newToken()} ` })],
    ['one in a list', () => JSON.stringify({ token: [rig.newToken()] })],
    ['one under another name', () => JSON.stringify({ Token: rig.newToken() })],
    ["a session's secret", () => JSON.stringify({ token: rig.cookie.replace(/^.*=/, '') })],
    ['its own hash', () => JSON.stringify({ token: hashOf(rig.newToken()) })],
    ['a number', () => '{"token":1}'],
    ['null', () => 'null'],
    ['nothing', () => ''],
    ['half a JSON', () => `{"token":"${rig.newToken()}"`],
    ['more than fits', () => `${' '.repeat(16 * 1024)}${JSON.stringify({ token: rig.newToken() })}`],
  ];

  it.each(CASES)('%s signs nobody in', async (_title, body) => {
    const response = await exchange(body());
    expect(response.status).toBe(401);
    expect(response.headers.get('set-cookie')).toBeNull();
  });

  it('one has 256 bits, works once, and a failed try does not spend it', async () => {
    const token = rig.newToken();
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    expect((await exchange(JSON.stringify({ token: 'A'.repeat(43) }))).status).toBe(401);
    const signedIn = await exchange(JSON.stringify({ token }));
    expect(signedIn.headers.get('set-cookie')).toMatch(
      new RegExp(`^crostini-workbench-${rig.port}=[\\w-]{43}; HttpOnly; SameSite=Strict; Path=/; Max-Age=\\d+$`),
    );
    expect((await exchange(JSON.stringify({ token }))).status).toBe(401);
  });

  it('of two requests with the same one, one is signed in', async () => {
    const body = JSON.stringify({ token: rig.newToken() });
    const statuses = await Promise.all([1, 2, 3].map(async () => (await exchange(body)).status));
    expect(statuses.toSorted()).toEqual([200, 401, 401]);
  });
});

describe('ids', () => {
  /** All that a socket gets to hear for its first message, until it is closed. */
  const say = (first: object, headers?: Record<string, string>): Promise<string[]> =>
    new Promise((resolve) => {
      const heard: string[] = [];
      const socket = rig.rawSocket(headers);
      socket.on('open', () => socket.send(JSON.stringify(first)));
      socket.on('message', (data: Buffer) => heard.push(data.toString()));
      socket.on('close', (code) => resolve([...heard, String(code)]));
    });
  const open = (target: unknown): Promise<string[]> => say({ type: 'open', target, command: 'true', pty: null });
  const resume = (channel: unknown, headers?: Record<string, string>): Promise<string[]> =>
    say({ type: 'resume', channel, received: 0 }, headers);

  it.each(['nobody', '__proto__', 'constructor', 'practice-x86', 'device-AAAAAAAAAAAAAAAA', 'localhost'])(
    'the target %s is unknown',
    async (target) => {
      expect((await open(target))[0]).toContain('"code":"target-unknown"');
    },
  );

  it.each([
    ['a host and port', '127.0.0.1:22'],
    ['an address', 'root@192.0.2.7'],
    ['a path', '../targets.json'],
    ['an option', '-oProxyCommand=x y'],
    ['nothing', ''],
    ['a name that is too long', 'a'.repeat(65)],
    ['a number', 1],
    ['null', null],
    ['an object', { id: 'x' }],
  ])('as a target, %s is malformed', async (_title, target) => {
    expect((await open(target))[0]).toContain('"code":"malformed-message"');
  });

  it.each(['', 'a b', 'a'.repeat(65), 1, null, ['x']])('as a channel, %j is malformed', async (channel) => {
    expect((await resume(channel))[0]).toContain('"code":"malformed-message"');
  });

  it('a channel of another principal is like one that never was, ended or not, and nobody notices the try', async () => {
    const mine = rig.open({ target: host.target, command: 'cat', pty: null });
    mine.write('one\n');
    await mine.until('one\n');
    const id = mine.channel.id ?? '';
    expect(id).toMatch(/^[\w-]{22}$/);
    const stranger = await rig.signInAgain();
    const never = await resume('A'.repeat(22), stranger);
    expect(never[0]).toContain('"code":"channel-unknown"');
    expect(await resume(id, stranger)).toEqual(never);
    expect(await say({ type: 'resume', channel: id, received: 1e9 }, stranger)).toEqual(never);
    mine.write('two\n');
    expect(await mine.until('two\n')).toBe('one\ntwo\n');
    mine.channel.close();
    await expect.poll(() => resume(id)).toEqual(never);
    expect(await resume(id, stranger)).toEqual(never);
  });
});
