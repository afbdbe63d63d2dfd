import fc from 'fast-check';
import { expect, it } from 'vitest';
import { INPUT_WINDOW } from '#lib/protocol/limits.ts';
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
    fc.property(events, fc.nat({ max: 500_000 }), (list, base) => {
      // A reloaded page: its channel had input before.
      const queue = new InputQueue();
      queue.startAt(base);
      const added: number[] = [];
      let relay: number[] = []; // what the relay has got
      let acknowledged = 0;
      let confirmed = 0; // what `ready` said that the relay has: it cannot be lost again
      for (const event of list) {
        if ('add' in event && queue.add(event.add)) added.push(...event.add);
        else if ('take' in event) relay.push(...(queue.take() ?? []));
        else if ('acknowledge' in event) {
          acknowledged += Math.floor((relay.length - acknowledged) * event.acknowledge);
          expect(queue.acknowledge(base + acknowledged)).toBe(true);
        } else if ('drop' in event) {
          // The last bytes never arrived.
          const kept = Math.max(acknowledged, confirmed);
          relay = relay.slice(0, kept + Math.floor((relay.length - kept) * event.drop));
          confirmed = relay.length;
          expect(queue.rewind(base + relay.length)).toBe(true);
        }
      }
      for (;;) {
        const next = queue.take();
        relay.push(...(next ?? []));
        queue.acknowledge(base + relay.length);
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

it('keeps what was typed before the relay said where a reloaded page goes on', () => {
  const queue = new InputQueue();
  queue.add(new TextEncoder().encode('ls -l\n'));
  queue.startAt(50);
  expect(new TextDecoder().decode(queue.take())).toBe('ls -l\n');
  expect(queue.rewind(50)).toBe(true);
  expect(new TextDecoder().decode(queue.take())).toBe('ls -l\n');
});

it('refuses an acknowledgement of what was never sent', () => {
  const queue = new InputQueue();
  queue.add(new Uint8Array(10));
  expect(queue.acknowledge(1)).toBe(false);
  queue.take();
  expect(queue.acknowledge(10)).toBe(true);
  expect(queue.rewind(9)).toBe(false);
});

it('sends keys that were typed while nothing could be sent in few frames', () => {
  const queue = new InputQueue();
  for (let key = 0; key < 20_000; key++) queue.add(Uint8Array.of(key % 251));
  const frames: Uint8Array[] = [];
  for (let next = queue.take(); next; next = queue.take()) frames.push(next);
  const typed = Uint8Array.from({ length: 20_000 }, (_, key) => key % 251);
  expect(Buffer.concat(frames).equals(typed)).toBe(true);
  expect(frames.length).toBeLessThan(10);
  // One that is on its way stays as it was sent.
  queue.add(Uint8Array.of(1));
  expect(queue.take()).toEqual(Uint8Array.of(1));
  expect(INPUT_WINDOW).toBeGreaterThan(20_001);
});
