import { Duplex } from 'node:stream';
import { expect, it } from 'vitest';
import type { SshChannel } from './client.ts';
import { Outbox, UNSENT_MAX, outboxOf } from './outbox.ts';
import { requestOn } from './ssh2-repairs.ts';

/** A stream to a peer that takes nothing until `take` is called, and then all. */
function slowPeer() {
  const taken: Buffer[] = [];
  let reads = false;
  let release: () => void = () => undefined;
  const stream = new Duplex({
    highWaterMark: 16 * 1024,
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      const finish = (): void => {
        taken.push(chunk);
        done();
      };
      if (reads) finish();
      else release = finish;
    },
  });
  const take = async (): Promise<void> => {
    reads = true;
    const finish = release;
    release = () => undefined;
    finish();
    // At least one turn: what one turn may send is bounded, too.
    do await new Promise((resolve) => setImmediate(resolve));
    while (stream.writableLength > 0);
    reads = false;
  };
  return { stream, taken, take };
}

it('sends at once while little waits, then in turn when there is room again', async () => {
  const { stream, take } = slowPeer();
  const outbox = new Outbox({}, stream, () => expect.unreachable());
  const sent: number[] = [];
  const send = (number: number) => outbox.whenClear(() => (sent.push(number), stream.write(Buffer.alloc(100_000))));
  const callOffs = [1, 2, 3, 4, 5, 6].map(send);
  expect(sent).toEqual([1, 2, 3]);
  callOffs[4]?.();
  await take();
  await take();
  expect(sent).toEqual([1, 2, 3, 4, 6]);
});

it.each([
  ['bytes', 1024 * 1024, 4],
  ['packets', 1, UNSENT_MAX / 257],
])('counts %s that wait, and says when they are too many', async (_title, size, count) => {
  const { stream, take } = slowPeer();
  let overflows = 0;
  new Outbox({}, stream, () => overflows++);
  for (let packet = 0; packet < count - 1; packet++) stream.write(Buffer.alloc(size));
  expect(overflows).toBe(0);
  await take();
  for (let packet = 0; packet < count + 1; packet++) stream.write(Buffer.alloc(size));
  expect(overflows).toBeGreaterThan(0);
});

it('keeps one size and one signal of each name for a device that takes nothing', async () => {
  const { stream, take } = slowPeer();
  const asked: unknown[] = [];
  const client = {
    _protocol: {
      windowChange: (_id: number, rows: number, columns: number) => asked.push({ columns, rows }),
      signal: (_id: number, name: string) => asked.push(name),
    },
  };
  new Outbox(client, stream, () => expect.unreachable());
  const channel = { outgoing: { id: 7, state: 'open' }, _client: client } as unknown as SshChannel;
  const requests = requestOn(channel);
  requests.resize(80, 24);
  expect(asked).toEqual([{ columns: 80, rows: 24 }]);
  stream.write(Buffer.alloc(300_000));
  for (let columns = 100; columns <= 900; columns++) {
    requests.resize(columns, 50);
    requests.signal(columns % 2 === 0 ? 'INT' : 'TERM');
  }
  expect(asked).toHaveLength(1);
  await take();
  expect(asked.slice(1)).toEqual([{ columns: 900, rows: 50 }, 'INT', 'TERM']);
  expect(outboxOf(client)).toBeDefined();
});

it('holds back what would wait inside ssh2 for the end of a key exchange', async () => {
  const { stream, take } = slowPeer();
  /** As Protocol.js has it: packets in an exchange, and undefined outside of one. */
  const client: { _protocol: { _queue: Buffer[] | undefined } } = { _protocol: { _queue: undefined } };
  const outbox = new Outbox(client, stream, () => expect.unreachable());
  const send = (): void => {
    const { _queue: queue } = client._protocol;
    if (queue) queue.push(Buffer.alloc(32_000));
    else stream.write(Buffer.alloc(1));
  };
  const sent: number[] = [];
  client._protocol._queue = [];
  for (let number = 0; number < 20; number++) outbox.whenClear(() => (sent.push(number), send()));
  expect(sent).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  const { _queue: queued } = client._protocol;
  client._protocol._queue = undefined;
  for (const packet of queued) stream.write(packet);
  await take();
  expect(sent).toEqual(Array.from({ length: 20 }, (_, index) => index));
});
