import { FRAME_MAX } from '#lib/protocol/limits.ts';
import type { Stream } from '#lib/protocol/messages.ts';

/** From this many bytes on a chunk is worth a frame of its own: to copy it would cost more than a frame does. */
export const JOINED_BELOW = 16 * 1024;

/** A run of output bytes of one stream. */
export interface Chunk {
  readonly stream: Stream;
  readonly bytes: Uint8Array;
}

/**
 * Chunks of one event-loop turn as the frames to send: in order, each of one stream and at most FRAME_MAX bytes.
 * Small neighbours are joined, which copies them once; large chunks are not copied.
 */
export function framesOf(chunks: readonly Chunk[]): Chunk[] {
  const frames: Chunk[] = [];
  let parts: Uint8Array[] = [];
  let stream: Stream = 'stdout';
  let length = 0;
  const close = (): void => {
    const [first] = parts;
    if (first) frames.push({ stream, bytes: parts.length === 1 ? first : Buffer.concat(parts, length) });
    parts = [];
    length = 0;
  };
  for (const chunk of chunks) {
    const isLarge = chunk.bytes.length >= JOINED_BELOW;
    if (chunk.stream !== stream || isLarge || length + chunk.bytes.length > FRAME_MAX) close();
    ({ stream } = chunk);
    for (let from = 0; from < chunk.bytes.length; from += FRAME_MAX) {
      if (from > 0) close();
      const part = chunk.bytes.subarray(from, from + FRAME_MAX);
      parts.push(part);
      length += part.length;
      if (part.length >= JOINED_BELOW) close();
    }
  }
  close();
  return frames;
}
