import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FRAME_MAX } from '#lib/protocol/limits.ts';
import { STREAMS } from '#lib/protocol/messages.ts';
import { type Chunk, JOINED_BELOW, framesOf } from './frames.ts';

const chunk = fc.record({
  stream: fc.constantFrom(...STREAMS),
  length: fc.oneof(
    fc.integer({ min: 1, max: 2 * JOINED_BELOW }),
    fc.integer({ min: FRAME_MAX / 2 - 1, max: 3 * FRAME_MAX }),
  ),
});

/** The streams with their bytes, in order, whatever the frames. */
function runsOf(frames: readonly Chunk[]): { stream: string; bytes: Buffer }[] {
  const runs: { stream: string; bytes: Buffer[] }[] = [];
  for (const { stream, bytes } of frames) {
    if (runs.at(-1)?.stream !== stream) runs.push({ stream, bytes: [] });
    runs.at(-1)?.bytes.push(Buffer.from(bytes));
  }
  return runs.map((run) => ({ stream: run.stream, bytes: Buffer.concat(run.bytes) }));
}

it('keeps every byte of both streams in order, in frames that are no larger than they may be and no more than needed', () => {
  let next = 0;
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 30 }), (list) => {
      const chunks = list.map(({ stream, length }) => ({ stream, bytes: new Uint8Array(length).fill(next++) }));
      const frames = framesOf(chunks);
      const [runs, wanted] = [runsOf(frames), runsOf(chunks)];
      expect(runs.map(({ stream }) => stream)).toEqual(wanted.map(({ stream }) => stream));
      for (const [index, { bytes }] of runs.entries())
        expect(bytes.equals(wanted[index]?.bytes ?? Buffer.alloc(0))).toBe(true);
      for (const [index, { stream, bytes }] of frames.entries()) {
        expect(bytes.length).toBeLessThanOrEqual(FRAME_MAX);
        expect(bytes.length).toBeGreaterThan(0);
        const after = frames[index + 1];
        // What fits into one frame is one frame, unless it is too large to be copied.
        if (after?.stream === stream && Math.max(bytes.length, after.bytes.length) < JOINED_BELOW)
          expect(bytes.length + after.bytes.length).toBeGreaterThan(FRAME_MAX);
      }
    }),
  );
});

it('sends a chunk that comes alone, or is large, as it is, without a copy', () => {
  const bytes = new Uint8Array(1000);
  expect(framesOf([{ stream: 'stderr', bytes }])[0]?.bytes.buffer).toBe(bytes.buffer);
  const large = new Uint8Array(FRAME_MAX * 2);
  expect(framesOf([{ stream: 'stdout', bytes: large }]).map((frame) => frame.bytes.buffer)).toEqual([
    large.buffer,
    large.buffer,
  ]);
  const packet = new Uint8Array(JOINED_BELOW);
  const list = [bytes, packet, packet, bytes].map((part) => ({ stream: 'stdout', bytes: part }) as const);
  expect(framesOf(list).map((frame) => frame.bytes.buffer)).toEqual(list.map((part) => part.bytes.buffer));
});
