import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PAYLOAD_MAX } from '#lib/protocol/limits.ts';
import { STALL_DEADLINE_MS } from '../../relay/limits.ts';
import { type RawConnection, UPGRADE, askRaw, makeApp, openRaw, textOf } from './raw-http.ts';
import { type RelayRig, startRelayRig } from './relay-rig.ts';

/** Who holds connections open, says too little or takes too much keeps nobody out, and is let go. */

let app: string;

beforeAll(async () => {
  app = await makeApp();
});

afterAll(() => rm(app, { recursive: true, force: true }));

/** What an honest page does, on connections of its own; throws where it is kept out. */
async function expectService(rig: RelayRig, headers?: Record<string, string>): Promise<void> {
  const host = ['host', `127.0.0.1:${rig.port}`] as const;
  const page = await askRaw(rig.port, { line: 'GET / HTTP/1.1', headers: [host, ['connection', 'close']] });
  expect(page.body).toContain('the app');
  expect((await rig.fetch('/targets', headers && { headers })).status).toBe(200);
  const socket = rig.rawSocket(headers);
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'open', target: 'nobody', command: null, pty: null }));
  const [answer] = (await once(socket, 'message')) as [Buffer];
  expect(answer.toString()).toContain('target-unknown');
  await once(socket, 'close');
}

/** Says a text a byte at a time until the other side has had enough. */
async function dribble({ socket }: RawConnection, text: string): Promise<void> {
  for (const byte of text) {
    if (socket.destroyed) return;
    socket.write(byte);
    await after(100);
  }
}

/** Asks for more than fits in between, and does not take it. */
async function readNothing({ port }: RelayRig, { socket, until }: RawConnection): Promise<void> {
  socket.write(`GET /large.js HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`);
  await until('HTTP/1.1 200');
  socket.pause();
}

describe('slow', () => {
  let rig: RelayRig;
  const open: RawConnection[] = [];
  /** All of them begin at once, so that they wait together. */
  const begun = new Map<string, Promise<RawConnection[]>>();

  beforeAll(async () => {
    rig = await startRelayRig({ app });
    for (let i = 0; i < 4; i++) await readNothing(rig, connect());
    // The app is read once: a page that takes a file slowly holds no descriptor beside its connection.
    expect(openFiles()).toBe(0);
    for (const [title, begin] of Object.entries(SLOW))
      begun.set(title, Promise.all(Array.from({ length: 4 }, async () => begin())));
    await Promise.all(begun.values());
  });

  afterAll(async () => {
    for (const { socket } of open) socket.destroy();
    await rig.close();
  });

  const connect = (allowHalfOpen = false): RawConnection => {
    const connection = openRaw(rig.port, allowHalfOpen);
    open.push(connection);
    return connection;
  };
  const lines = (line: string, ...more: (readonly [string, string])[]): string =>
    textOf({
      line,
      headers: [
        ['host', `127.0.0.1:${rig.port}`],
        ['origin', rig.origin],
        ['cookie', rig.cookie],
        ['workbench-key', rig.key],
        ...more,
      ],
    });
  /** A socket of a signed-in page, past its handshake. */
  const upgrade = async (): Promise<RawConnection> => {
    const connection = connect();
    connection.socket.write(lines('GET /channel HTTP/1.1', ...UPGRADE));
    await connection.until('\r\n\r\n');
    return connection;
  };

  /** Each begins; what comes of it is looked at while all others wait, too. */
  const SLOW: Record<string, () => Promise<RawConnection> | RawConnection> = {
    'says nothing': () => connect(),
    'says its headers byte by byte': () => {
      const connection = connect();
      void dribble(connection, lines('GET / HTTP/1.1', ['x-long', 'x'.repeat(2000)]));
      return connection;
    },
    'says half of its headers': () => {
      const connection = connect();
      connection.socket.write(`GET / HTTP/1.1\r\nhost: 127.0.0.1:${rig.port}\r\n`);
      return connection;
    },
    'says its body byte by byte': () => {
      const connection = connect();
      connection.socket.write(lines('POST /session HTTP/1.1', ['content-length', '2000']));
      void dribble(connection, ' '.repeat(2000));
      return connection;
    },
    'says half of its body, to a page that takes none': () => {
      const connection = connect();
      connection.socket.write(`${lines('POST / HTTP/1.1', ['content-length', '2000'])}{`);
      return connection;
    },
    'asks and says nothing more': async () => {
      const connection = connect();
      connection.socket.write(lines('GET /healthz HTTP/1.1'));
      await connection.until('"ok"');
      return connection;
    },
    'is refused an upgrade and keeps its half open': async () => {
      const connection = connect(true);
      connection.socket.write(lines('GET /channel HTTP/1.1', ...UPGRADE).replace(/cookie: .*\r\n/, ''));
      await connection.until('HTTP/1.1 401');
      // It learns that nobody is there any more only by going on.
      void dribble(connection, ' '.repeat(2000));
      return connection;
    },
    'upgrades and has no first message': upgrade,
    'says half of its first message': async () => {
      const connection = await upgrade();
      // The header of a masked text frame of 100 bytes, its mask, and the first bytes.
      connection.socket.write(Buffer.from([0x81, 0x80 | 100, 0, 0, 0, 0, ...Buffer.from('{"type":"open"')]));
      return connection;
    },
    'says its first message in pieces that never end': async () => {
      const connection = await upgrade();
      connection.socket.write(Buffer.from([0x01, 0x80 | 1, 0, 0, 0, 0, 0x7b]));
      return connection;
    },
  };

  it.each(Object.keys(SLOW))('who %s is let go, and keeps nobody out', async (title) => {
    await expectService(rig);
    const connections = (await begun.get(title)) ?? [];
    const texts = await Promise.all(connections.map(({ closed }) => closed));
    expect(texts).toHaveLength(4);
    if (title.includes('first message')) for (const text of texts) expect(text).toContain('"open-timeout"');
    await expectService(rig);
  });

  it('who reads nothing of a file is let go, and keeps nobody out', async () => {
    await expectService(rig);
    // As for the relay: a socket that is not read does not see its own end.
    await expect.poll(() => connectionsOf(rig), { timeout: 3 * STALL_DEADLINE_MS, interval: 500 }).toBe(0);
  });
});

/** How many connections the relay has. */
function connectionsOf({ server }: RelayRig): Promise<number> {
  return new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );
}

/** How many files of the app this process has open: the relay runs in it. */
function openFiles(): number {
  return readdirSync('/proc/self/fd').filter((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`).startsWith(app);
    } catch {
      return false;
    }
  }).length;
}

describe('many', () => {
  it('strangers: the oldest goes, an honest page comes in, and who is signed in stays', async () => {
    const rig = await startRelayRig({ app, limits: { strangers: 8 } });
    const strangers: RawConnection[] = [];
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = async (): Promise<unknown> => {
      const request = get({
        port: rig.port,
        host: '127.0.0.1',
        path: '/targets',
        agent,
        headers: { cookie: rig.cookie, 'workbench-key': rig.key },
      });
      const [response] = (await once(request, 'response')) as [NodeJS.ReadableStream];
      response.resume();
      await once(response, 'end');
      return request.reusedSocket;
    };
    try {
      const socket = rig.rawSocket();
      await once(socket, 'open');
      await ask();
      for (let i = 0; i < 40; i++) {
        strangers.push(openRaw(rig.port));
        await once(strangers.at(-1)?.socket ?? socket, 'connect');
      }
      await Promise.all(strangers.slice(0, 32).map(({ closed }) => closed));
      // On the connection that it had before.
      expect(await ask()).toBe(true);
      await expectService(rig);
      socket.send('{}');
      const [answer] = (await once(socket, 'message')) as [Buffer];
      expect(answer.toString()).toContain('malformed-message');
    } finally {
      agent.destroy();
      for (const { socket } of strangers) socket.destroy();
      await rig.close();
    }
  });

  it('signed-in pages: the one that asked last stays, and nobody else is kept out', async () => {
    const rig = await startRelayRig({ app, limits: { pages: 8 } });
    const host = ['host', `127.0.0.1:${rig.port}`] as const;
    const ask = textOf({
      line: 'GET /targets HTTP/1.1',
      headers: [host, ['cookie', rig.cookie], ['workbench-key', rig.key]],
    });
    const pages: RawConnection[] = [];
    try {
      const socket = rig.rawSocket();
      await once(socket, 'open');
      for (let i = 0; i < 40; i++) {
        const page = openRaw(rig.port);
        pages.push(page);
        page.socket.write(ask);
        await page.until('"targets"');
        // The first one keeps asking.
        if (i > 0) pages[0]?.socket.write(ask);
        await expect.poll(() => pages[0]?.received().match(/"targets"/g)).toHaveLength(i + 1);
      }
      await Promise.all(pages.slice(1, 32).map(({ closed }) => closed));
      expect(pages[0]?.socket.destroyed).toBe(false);
      await expectService(rig, await rig.signInAgain());
      expect(socket.readyState).toBe(socket.OPEN);
    } finally {
      for (const { socket } of pages) socket.destroy();
      await rig.close();
    }
  });

  it('requests: one before the answer to the last ends its connection, one after it does not', async () => {
    const rig = await startRelayRig({ app });
    const ask = textOf({ line: 'GET /healthz HTTP/1.1', headers: [['host', `127.0.0.1:${rig.port}`]] });
    const [hasty, patient] = [openRaw(rig.port), openRaw(rig.port)];
    try {
      await Promise.all([once(hasty.socket, 'connect'), once(patient.socket, 'connect')]);
      hasty.socket.write(ask.repeat(300));
      expect((await hasty.closed).split('"ok":true').length).toBeLessThan(3);
      for (let count = 1; count <= 3; count++) {
        patient.socket.write(ask);
        await expect.poll(() => patient.received().split('"ok":true').length).toBe(count + 1);
      }
    } finally {
      for (const { socket } of [hasty, patient]) socket.destroy();
      await rig.close();
    }
  });

  it('sockets: one principal has a share of them, and gives back what it closes', async () => {
    const rig = await startRelayRig({ app, limits: { sockets: 6, socketsPerPrincipal: 4 } });
    const other = await rig.signInAgain();
    const open = (headers?: Record<string, string>) =>
      new Promise<{ status: number; close: () => Promise<unknown> }>((resolve) => {
        const socket = rig.rawSocket(headers);
        const close = async () => {
          socket.close();
          await once(socket, 'close');
        };
        socket.on('open', () => resolve({ status: 101, close }));
        socket.on('unexpected-response', (_request, response) => {
          resolve({ status: response.statusCode ?? 0, close });
          response.destroy();
        });
      });
    try {
      const mine = await Promise.all(Array.from({ length: 6 }, () => open()));
      expect(mine.map(({ status }) => status).toSorted()).toEqual([101, 101, 101, 101, 503, 503]);
      await expectService(rig, other);
      const theirs = await Promise.all(Array.from({ length: 4 }, () => open(other)));
      expect(theirs.map(({ status }) => status).toSorted()).toEqual([101, 101, 503, 503]);
      await mine.find(({ status }) => status === 101)?.close();
      await expect.poll(async () => (await open(other)).status).toBe(101);
    } finally {
      await rig.close();
    }
  });
});

describe('large', () => {
  let rig: RelayRig;

  beforeAll(async () => {
    rig = await startRelayRig({ app });
  });

  afterAll(() => rig.close());

  /** What a socket gets to hear for these fragments of one message, and how it is closed. */
  const say = async (...fragments: Buffer[]): Promise<string> => {
    const socket = rig.rawSocket();
    await once(socket, 'open');
    let heard = '';
    socket.on('message', (data: Buffer) => (heard += data.toString()));
    for (const [index, bytes] of fragments.entries()) socket.send(bytes, { fin: index === fragments.length - 1 });
    const [code] = (await once(socket, 'close')) as [number];
    return `${heard}${code}`;
  };

  it('a message of 1 MiB is read, one of a byte more is not, in pieces or whole', async () => {
    const half = Buffer.alloc(PAYLOAD_MAX / 2);
    expect(await say(Buffer.alloc(PAYLOAD_MAX))).toMatch(/malformed-message.*1000$/);
    expect(await say(half, half)).toMatch(/malformed-message.*1000$/);
    expect(await say(Buffer.alloc(PAYLOAD_MAX + 1))).toBe('1009');
    expect(await say(half, half, Buffer.alloc(1))).toBe('1009');
    await expectService(rig);
  });

  it('compression is not agreed on', async () => {
    const socket = rig.rawSocket({
      cookie: rig.cookie,
      'workbench-key': rig.key,
      origin: rig.origin,
      'sec-websocket-extensions': 'permessage-deflate',
    });
    await once(socket, 'open');
    expect(socket.extensions).toBe('');
    socket.terminate();
  });

  it.each([
    ['a header', (host: string) => `GET / HTTP/1.1\r\nhost: ${host}\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['a request target', (host: string) => `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nhost: ${host}\r\n\r\n`, 431],
  ])('%s of 20 kB is refused', async (_title, text, status) => {
    expect((await askRaw(rig.port, text(`127.0.0.1:${rig.port}`))).status).toBe(status);
    await expectService(rig);
  });

  it('a body of 8 MB is answered, not kept', async () => {
    const response = await rig.fetch('/targets', { method: 'POST', body: 'x'.repeat(8 << 20) });
    expect(response.status).toBe(400);
    await expectService(rig);
  });

  it('a browser that goes away in the middle of a file leaves nothing behind', async () => {
    // Of tests before this one: fetch keeps its connections for a while.
    const before = await connectionsOf(rig);
    const readers = Array.from({ length: 8 }, () => openRaw(rig.port));
    for (const reader of readers) await readNothing(rig, reader);
    expect(openFiles()).toBe(0);
    expect(await connectionsOf(rig)).toBeGreaterThanOrEqual(8);
    for (const { socket } of readers) socket.destroy();
    await expect.poll(() => connectionsOf(rig)).toBeLessThanOrEqual(before);
  });
});
