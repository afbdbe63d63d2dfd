import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RECORD_COST } from '#lib/protocol/limits.ts';
import type { Size } from '#lib/protocol/messages.ts';
import { type ReplayRecord, ReplayRing } from './replay-ring.ts';

const size = fc.record({ columns: fc.integer({ min: 1, max: 1000 }), rows: fc.integer({ min: 1, max: 1000 }) });
const step = fc.oneof(
  fc.record({ bytes: fc.uint8Array({ minLength: 1, maxLength: 30 }), stream: fc.constantFrom('stdout', 'stderr') }),
  fc.record({ bytes: fc.uint8Array({ minLength: 3000, maxLength: 9000 }), stream: fc.constant('stdout' as const) }),
  fc.record({ size }),
);

/** Every byte with its stream and the size that it was made for. */
interface Printed {
  readonly byte: number;
  readonly stream: string;
  readonly size: Size | null;
}

function printed(records: readonly ReplayRecord[]): Printed[] {
  let at: Size | null = null;
  return records.flatMap((record) => {
    if ('size' in record) at = record.size;
    return 'bytes' in record ? [...record.bytes].map((byte) => ({ byte, stream: record.stream, size: at })) : [];
  });
}

describe('the replay ring', () => {
  it('replays the newest bytes from any offset that it holds, each with its stream and the size it was made for', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), size, fc.integer({ min: 0, max: 40_000 }), fc.nat(), (...run) => {
        const [steps, firstSize, capacity, seed] = run;
        const ring = new ReplayRing(capacity, firstSize);
        const all: Printed[] = [];
        let current = firstSize;
        for (const one of steps) {
          if ('size' in one) ring.resize((current = one.size));
          else {
            ring.append(one.stream, one.bytes);
            for (const byte of one.bytes) all.push({ byte, stream: one.stream, size: current });
          }
        }
        expect(ring.end).toBe(all.length);
        const from = ring.start + (seed % (ring.end - ring.start + 1));
        expect(printed(ring.from(from))).toEqual(all.slice(from));
        expect(ring.from(from)[0]?.offset ?? from).toBe(from);
      }),
    );
  });

  it('counts every record for its bound: bytes, streams that take turns, and sizes', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 0, max: 20_000 }), (steps, capacity) => {
        const ring = new ReplayRing(capacity, { columns: 80, rows: 24 });
        for (const one of steps) {
          if ('size' in one) ring.resize(one.size);
          else ring.append(one.stream, one.bytes);
          const kept = ring.from(ring.start);
          // The first size needs no record.
          const cost = kept
            .slice(1)
            .reduce((sum, record) => sum + RECORD_COST + ('bytes' in record ? record.bytes.length : 0), 0);
          expect(cost).toBeLessThanOrEqual(capacity);
        }
      }),
    );
  });

  it('holds its whole capacity of output that trickles in byte by byte', () => {
    const ring = new ReplayRing(64 * 1024, null);
    for (let index = 0; index < 200_000; index++) ring.append('stdout', Uint8Array.of(index));
    expect(ring.end - ring.start).toBeGreaterThan(56 * 1024);
  });

  it('copies nothing large, and keeps no large packet alive for a small part of it', () => {
    const ring = new ReplayRing(1024 * 1024, null);
    const large = new Uint8Array(32 * 1024);
    ring.append('stdout', large);
    ring.append('stdout', new Uint8Array(64 * 1024).subarray(0, 5000));
    const [first, second] = ring.from(0).map((record) => ('bytes' in record ? record.bytes : new Uint8Array()));
    expect(first?.buffer).toBe(large.buffer);
    expect(second?.buffer.byteLength).toBe(5000);
  });

  it('replays no size without output, and none without a terminal', () => {
    const ring = new ReplayRing(1000, { columns: 80, rows: 24 });
    ring.resize({ columns: 90, rows: 30 });
    expect(ring.from(0)).toEqual([]);
    ring.append('stdout', Uint8Array.of(1));
    ring.resize({ columns: 100, rows: 40 });
    expect(ring.from(0)).toMatchObject([{ size: { columns: 90, rows: 30 } }, { offset: 0 }]);
    const plain = new ReplayRing(1000, null);
    plain.append('stdout', Uint8Array.of(1));
    expect(plain.from(0)).toMatchObject([{ offset: 0, stream: 'stdout' }]);
  });
});
