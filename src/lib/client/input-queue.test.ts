import fc from 'fast-check';
import { expect, it } from 'vitest';
import { INPUT_MAX, InputQueue } from './input-queue.ts';

it('delivers every byte once and in order, whatever is acknowledged and wherever the socket drops', () => {
  const events = fc.array(
    fc.oneof(
      fc.record({ add: fc.uint8Array({ maxLength: 100_000 }) }),
      fc.constant({ take: true }),
      fc.record({ acknowledge: fc.double({ min: 0, max: 1, noNaN: true }) }),
      fc.record({ drop: fc.double({ min: 0, max: 1, noNaN: true }) }),
    ),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(events, (list) => {
      const queue = new InputQueue();
      const added: number[] = [];
      let relay: number[] = []; // what the relay has got
      let acknowledged = 0;
      for (const event of list) {
        if ('add' in event && queue.add(event.add)) added.push(...event.add);
        else if ('take' in event) relay.push(...(queue.take() ?? []));
        else if ('acknowledge' in event) {
          acknowledged += Math.floor((relay.length - acknowledged) * event.acknowledge);
          queue.acknowledge(acknowledged);
        } else if ('drop' in event) {
          // The last bytes never arrived.
          relay = relay.slice(0, acknowledged + Math.floor((relay.length - acknowledged) * event.drop));
          queue.rewind(relay.length);
          acknowledged = relay.length;
        }
      }
      for (;;) {
        const next = queue.take();
        relay.push(...(next ?? []));
        queue.acknowledge(relay.length);
        if (!next && queue.allTaken) break;
      }
      expect(Buffer.from(relay).equals(Buffer.from(added))).toBe(true);
    }),
    { numRuns: 50 },
  );
});

it('refuses whole what would pass its bound, and takes more after an acknowledgement', () => {
  const queue = new InputQueue();
  expect(queue.add(new Uint8Array(INPUT_MAX))).toBe(true);
  expect(queue.add(new Uint8Array(1))).toBe(false);
  for (let sent = 0; sent < INPUT_MAX;) {
    sent += queue.take()?.length ?? 0;
    queue.acknowledge(sent);
  }
  expect(queue.add(new Uint8Array(1))).toBe(true);
});
