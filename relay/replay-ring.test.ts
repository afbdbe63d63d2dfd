import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ReplayRing } from './replay-ring.ts';

it('holds the newest bytes, at most its capacity, and replays them exactly from any offset that it holds', () => {
  const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 30 }), { maxLength: 40 });
  fc.assert(
    fc.property(chunks, fc.integer({ min: 30, max: 200 }), fc.nat(), (list, capacity, seed) => {
      const ring = new ReplayRing(capacity);
      for (const [index, bytes] of list.entries()) ring.append(index % 3 ? 'stdout' : 'stderr', bytes);
      const all = Buffer.concat(list);
      expect(ring.end).toBe(all.length);
      expect(ring.end - ring.start).toBeLessThanOrEqual(capacity);
      const from = ring.start + (seed % (ring.end - ring.start + 1));
      const replayed = ring.from(from);
      expect(Buffer.concat(replayed.map((record) => record.bytes)).equals(all.subarray(from))).toBe(true);
      expect(replayed[0]?.offset ?? from).toBe(from);
    }),
  );
});
