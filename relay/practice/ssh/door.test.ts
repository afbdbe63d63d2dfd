import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Door, type Peer } from './door.ts';

let door: Door;
/** The connections that the door let through, in their order. */
let received: Socket[];
let onReceived: () => void;
const opened: Socket[] = [];

beforeEach(async () => {
  received = [];
  door = await Door.open(0, (socket) => {
    received.push(socket.resume());
    onReceived();
  });
});

afterEach(async () => {
  for (const socket of opened.splice(0)) socket.destroy();
  await door.close();
});

/** Connects, and resolves when the door has it. */
async function call(allowHalfOpen = false): Promise<Socket> {
  const arrived = new Promise<void>((resolve) => (onReceived = resolve));
  const socket = connect({ port: door.port, host: '127.0.0.1', allowHalfOpen }).on('error', () => undefined);
  opened.push(socket.resume());
  await Promise.all([arrived, once(socket, 'connect')]);
  return socket;
}

const peerOf = ({ localAddress, localPort }: Socket): Peer => ({ ip: localAddress ?? '', port: localPort ?? 0 });

test('of callers too many the oldest goes that has said least', async () => {
  const spoke = await call();
  spoke.write('SSH-2.0-relay\r\n');
  await expect.poll(() => received[0]?.bytesRead).toBe(15);
  const silent = await call();
  const gone = once(silent, 'close');
  const younger = await call();
  for (let more = 0; more < 30; more++) await call();
  await gone;
  expect([spoke.closed, younger.closed]).toEqual([false, false]);
});

test('32 callers that said something lock nobody out: the oldest goes for a newcomer', async () => {
  const spoke: Socket[] = [];
  for (let caller = 0; caller < 32; caller++) {
    const socket = await call();
    socket.write('SSH-2.0-x\r\n');
    spoke.push(socket);
  }
  await expect.poll(() => received.map(({ bytesRead }) => bytesRead)).toEqual(Array.from({ length: 32 }, () => 11));
  const gone = once(spoke[0] as Socket, 'close');
  const newcomer = await call();
  await gone;
  newcomer.write('SSH-2.0-relay\r\n');
  await expect.poll(() => received.at(-1)?.bytesRead).toBe(15);
  expect(newcomer.closed).toBe(false);
});

test('guests do not go for callers, and are bounded themselves', async () => {
  const guests: Socket[] = [];
  for (let guest = 0; guest < 64; guest++) {
    guests.push(await call());
    expect(door.admit(peerOf(guests[guest] as Socket))).toBe(true);
  }
  const late = await call();
  const gone = once(late, 'close');
  expect(door.admit(peerOf(late))).toBe(false);
  await gone;
  for (let caller = 0; caller < 40; caller++) await call();
  expect(guests.filter(({ closed }) => closed)).toEqual([]);
});

test('a peer that does not close its side is gone all the same', async () => {
  const socket = await call(true);
  door.drop(peerOf(socket));
  await expect.poll(() => received[0]?.closed).toBe(true);
});
