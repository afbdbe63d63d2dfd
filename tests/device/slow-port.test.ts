import { once } from 'node:events';
import { type Socket, connect, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { HELD_MAX, SlowPort } from './slow-port.ts';

const DELAY_MS = 20;

it('holds a bounded number of bytes for a peer that does not read, and loses none', async () => {
  const peers: Socket[] = [];
  // The first connection is not read; the second is a clock: each turn of it takes twice the delay.
  const server = createServer((socket) => {
    if (peers.push(socket) > 1) socket.pipe(socket);
    else socket.pause();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const slow = await SlowPort.open({ host: '127.0.0.1', port: (address as { port: number }).port }, DELAY_MS);
  const stuck = connect(slow.port, '127.0.0.1');
  await once(stuck, 'connect');
  while (peers.length < 1) await new Promise((resolve) => setImmediate(resolve));
  const clock = connect(slow.port, '127.0.0.1');
  const size = 20 * HELD_MAX;
  let isWritten = false;
  stuck.write(Buffer.alloc(size), () => (isWritten = true));
  for (let turn = 0; turn < 30; turn++) {
    clock.write('tick');
    await once(clock, 'data');
  }
  expect(isWritten).toBe(false);
  let received = 0;
  const [reader] = peers;
  reader?.on('data', (bytes) => (received += bytes.length)).resume();
  stuck.end();
  if (reader) await once(reader, 'end');
  expect(received).toBe(size);
  slow.close();
  for (const socket of [...peers, stuck, clock]) socket.destroy();
  server.close();
});
