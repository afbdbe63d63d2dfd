import fc from 'fast-check';
import { expect, it } from 'vitest';
import { JoinedBytes } from './joined-bytes.ts';

/** Pieces that are added, and in between how many bytes are taken. */
const steps = fc.array(
  fc.oneof(
    fc.record({ add: fc.oneof(fc.nat(3), fc.nat(6000), fc.constant(4096)) }),
    fc.record({ take: fc.oneof(fc.integer({ min: 1, max: 40_000 }), fc.constant(Infinity)) }),
  ),
  { maxLength: 80 },
);

it('gives what was added, in order, and counts it', () => {
  fc.assert(
    fc.property(steps, (list) => {
      const joined = new JoinedBytes();
      let [added, taken] = [0, 0];
      const check = (piece: Buffer): void => {
        const wanted = Buffer.from(Uint8Array.from(piece, (_, index) => (taken + index) % 251));
        expect(piece.equals(wanted)).toBe(true);
        taken += piece.length;
      };
      for (const step of list) {
        if ('add' in step) {
          joined.add(Uint8Array.from({ length: step.add }, (_, index) => (added + index) % 251));
          added += step.add;
        } else {
          const piece = joined.take(step.take);
          expect(piece === undefined).toBe(added === taken);
          if (piece) expect(piece.length).toBeLessThanOrEqual(step.take);
          check(piece ?? Buffer.alloc(0));
        }
        expect(joined.length).toBe(added - taken);
      }
      for (let piece = joined.take(); piece; piece = joined.take()) check(piece);
      expect(taken).toBe(added);
    }),
  );
});

it('holds bytes that come one by one in few pieces, and none of what they came in', () => {
  const joined = new JoinedBytes();
  const packet = new Uint8Array(64 * 1024);
  for (let count = 0; count < 1_000_000; count++) joined.add(packet.subarray(count % 1000, (count % 1000) + 1));
  let pieces = 0;
  for (let piece = joined.take(); piece; piece = joined.take()) {
    pieces++;
    expect(piece.buffer.byteLength).toBeLessThanOrEqual(16 * 1024);
  }
  expect(pieces).toBeLessThan(100);
});

it('holds little more than a few bytes that wait', () => {
  const joined = new JoinedBytes();
  for (let key = 0; key < 100; key++) joined.add(Uint8Array.of(key));
  // Node's pool for small buffers at most.
  expect(joined.take()?.buffer.byteLength).toBeLessThanOrEqual(Buffer.poolSize);
});
