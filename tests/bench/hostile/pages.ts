import { readFile } from 'node:fs/promises';
import { INPUT_FRAME_MAX, INPUT_UNTAKEN_MAX } from '../../../src/lib/protocol/limits.ts';
import { startSshd } from '../../integration/sshd.ts';
import { type NullPage, firstMessage } from '../relay/null-page.ts';
import { BINARY, type NullSocket, PING, TEXT } from '../relay/null-socket.ts';
import type { Attacker, HostileCase, Outcome } from './case.ts';
import { manyOf, padded, pour, put } from './frames.ts';
import { openMany, pause, persist, storm } from './persistence.ts';
import type { Person } from './person.ts';
import { randomBytesOf } from './random.ts';
import { Tally } from './tally.ts';

/** What a signed-in page can do to its relay. */

/** A command that reads nothing, and outlives the attack by little. */
const READS_NOTHING = 'exec sleep 60';

/** Terminals on one connection to a device (CHANNELS_PER_CONNECTION of the relay). */
const TERMINALS = 8;

/** Somebody who is signed in, and has a device. */
async function signInWithDevice(attacker: Attacker): Promise<{ person: Person; target: string }> {
  const person = await attacker.signIn();
  return { person, target: await person.addDevice(attacker.device.address) };
}

/** The same frames again and again, on one channel. */
function floodOf(frames: (socket: NullSocket) => readonly Buffer[], deaf = false): HostileCase['attack'] {
  return async (attacker) => {
    const { person, target } = await signInWithDevice(attacker);
    return persist(
      attacker,
      1,
      () => person.open(target, READS_NOTHING),
      (page) => {
        if (deaf) page.socket.onCloseFrame = () => undefined;
        return pour(attacker, page.socket, manyOf(...frames(page.socket)));
      },
    );
  };
}

const messageFrames = (socket: NullSocket, ...texts: readonly string[]): Buffer[] =>
  texts.map((text) => socket.frame(TEXT, Buffer.from(text)));

/** Messages for a device that hangs, so that what they ask of it piles up; on one terminal after the other. */
function floodFrozenDevice(...messages: readonly object[]): HostileCase['attack'] {
  return async (attacker) => {
    const publicKey = await readFile(`${attacker.device.keyFile}.pub`, 'utf8');
    const sshd = await startSshd({ authorizedKeys: [publicKey.trim()] });
    attacker.atEnd(() => sshd.stop());
    const person = await attacker.signIn();
    const target = await person.addDevice(sshd.address, sshd.hostKeyFingerprint);
    const pages = await openMany(TERMINALS, () => person.openTerminal(target, READS_NOTHING));
    await attacker.ready();
    attacker.atEnd(await sshd.freezeConnections());
    const tally = new Tally(attacker);
    for (const { socket, closed } of pages) {
      const texts = messages.map((message) => JSON.stringify(message));
      await pour(attacker, socket, manyOf(...messageFrames(socket, ...texts)));
      if (socket.isClosed) tally.add((await closed) ?? 'closed');
    }
    return tally.outcome();
  };
}

/** Until nothing has been taken for so long, in ms, the way to the command is not full. */
const FULL_AFTER_MS = 300;

/** Input waits on the way to a command that reads none, and no more of it is taken. */
async function fillTheWay(page: NullPage): Promise<number> {
  const frame = page.socket.frame(BINARY, Buffer.alloc(INPUT_FRAME_MAX));
  let sent = 0;
  for (let since = performance.now(); performance.now() - since < FULL_AFTER_MS && !page.socket.isClosed;) {
    if (page.taken === sent) {
      await page.socket.sendAll(frame);
      sent += INPUT_FRAME_MAX;
      since = performance.now();
    } else await pause(1);
  }
  return sent;
}

/** Single bytes on eight channels, each of which stays just below its bound of bytes. */
async function singleBytes(attacker: Attacker): Promise<Outcome> {
  const { person, target } = await signInWithDevice(attacker);
  const filled = new Map<NullPage, number>();
  const open = async (): Promise<NullPage> => {
    const page = await person.open(target, READS_NOTHING);
    filled.set(page, await fillTheWay(page));
    return page;
  };
  return persist(attacker, TERMINALS, open, async (page) => {
    const { socket } = page;
    const few = Buffer.concat(Array.from({ length: 4096 }, () => socket.frame(BINARY, Buffer.of(120))));
    for (let sent = filled.get(page) ?? 0; attacker.goesOn() && !socket.isClosed;) {
      if (sent - page.taken + 4096 < INPUT_UNTAKEN_MAX) {
        await put(attacker, socket, few);
        sent += 4096;
      } else await pause(20);
    }
  });
}

/** Windows that take the same terminal from each other. */
async function takeOvers(attacker: Attacker): Promise<Outcome> {
  const { person, target } = await signInWithDevice(attacker);
  const page = await person.openTerminal(target, READS_NOTHING);
  page.stall();
  return storm(attacker, 16, async () => {
    const socket = await person.openSocket();
    socket.sendText(firstMessage({ type: 'resume', channel: page.channel, received: 0 }));
    const said = await new Promise<string>((resolve) => {
      socket.onText = resolve;
      socket.onClose = () => resolve('the relay closed the socket');
    });
    socket.close();
    return said.includes('"ready"') ? null : said.slice(0, 60);
  });
}

/** Says one thing on a socket of its own, and goes when the relay does. */
async function sayOnce(person: Person, say: (socket: NullSocket) => Promise<void> | void): Promise<string | null> {
  const socket = await person.openSocket();
  let code: string | undefined;
  socket.onText = (text) => (code ??= /"code":"([a-z-]+)"/.exec(text)?.[1]);
  const closed = new Promise<void>((resolve) => (socket.onClose = resolve));
  await say(socket);
  await closed;
  return code ?? 'the relay closed the socket';
}

export const PAGES: readonly HostileCase[] = [
  {
    id: 'empty_frames',
    title: 'page: empty frames to a command that reads nothing',
    seconds: 6,
    quickSeconds: 1.2,
    mustEnd: true,
    attack: floodOf((socket) => [socket.frame(BINARY, Buffer.alloc(0))]),
  },
  {
    id: 'empty_frames_deaf',
    title: 'page: the same, and it stays when told to close',
    seconds: 4,
    mustEnd: true,
    attack: floodOf((socket) => [socket.frame(BINARY, Buffer.alloc(0))], true),
  },
  {
    id: 'single_bytes',
    title: 'page: frames of 1 byte on 8 channels, below their bound',
    seconds: 6,
    quickSeconds: 1.5,
    mustEnd: true,
    attack: singleBytes,
  },
  {
    id: 'resizes_frozen',
    title: 'page: resize messages while the device hangs',
    seconds: 6,
    quickSeconds: 1.5,
    mustEnd: true,
    attack: floodFrozenDevice({ type: 'resize', columns: 80, rows: 24 }, { type: 'resize', columns: 120, rows: 40 }),
  },
  {
    id: 'signals_frozen',
    title: 'page: signal messages while the device hangs',
    seconds: 6,
    mustEnd: true,
    attack: floodFrozenDevice({ type: 'signal', signal: 'USR1' }),
  },
  {
    id: 'padded_acks',
    title: 'page: ack messages padded to 1 MiB',
    seconds: 5,
    quickSeconds: 1.2,
    mustEnd: true,
    attack: floodOf((socket) => messageFrames(socket, ...padded({ type: 'ack', received: 0 }))),
  },
  {
    id: 'acks',
    title: 'page: ack messages',
    seconds: 3,
    mustEnd: true,
    attack: floodOf((socket) => messageFrames(socket, '{"type":"ack","received":0}')),
  },
  {
    id: 'pings',
    title: 'page: pings',
    seconds: 4,
    mustEnd: true,
    attack: floodOf((socket) => [socket.frame(PING, Buffer.alloc(125))]),
  },
  {
    id: 'garbage',
    title: 'page: random bytes instead of frames',
    seconds: 3,
    mustEnd: true,
    attack: async (attacker) => {
      const person = await attacker.signIn();
      const say = (socket: NullSocket) => socket.sendAll(randomBytesOf(attacker.random, 16 * 1024));
      return storm(attacker, 8, () => sayOnce(person, say));
    },
  },
  {
    id: 'padded_opens',
    title: 'page: open messages of 1 MiB',
    seconds: 4,
    mustEnd: true,
    attack: async (attacker) => {
      const person = await attacker.signIn();
      const request = { type: 'open', target: 'nowhere', command: 'true', pty: null } as const;
      const texts = padded({ ...(JSON.parse(firstMessage(request)) as object) });
      let next = 0;
      return storm(attacker, 8, () => sayOnce(person, (socket) => socket.sendText(texts[next++ % texts.length] ?? '')));
    },
  },
  {
    id: 'socket_storm',
    title: 'page: WebSockets opened and closed',
    seconds: 4,
    attack: async (attacker) => {
      const person = await attacker.signIn();
      return storm(attacker, 32, async () => {
        (await person.openSocket()).close();
        return null;
      });
    },
  },
  {
    id: 'take_overs',
    title: 'page: one terminal, taken over again and again',
    seconds: 4,
    attack: takeOvers,
  },
];
