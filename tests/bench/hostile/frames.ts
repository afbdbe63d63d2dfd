import type { NullSocket } from '../relay/null-socket.ts';
import type { Attacker } from './case.ts';

/** About how many bytes go to the kernel at once. */
const PIECE_BYTES = 128 * 1024;

/** Frames one after the other, so many that a call of the kernel is worth it. */
export function manyOf(...frames: readonly Buffer[]): Buffer {
  const round = Buffer.concat(frames);
  return Buffer.concat(Array.from({ length: Math.ceil(PIECE_BYTES / round.length) }, () => round));
}

/** Sends bytes. Resolves when the kernel has taken them, the socket is closed or the time is over. */
export async function put(attacker: Attacker, socket: NullSocket, bytes: Buffer): Promise<void> {
  await Promise.race([socket.sendAll(bytes), attacker.timeUp]);
}

/** Sends the same bytes as fast as the relay takes them, until the socket is closed or the time is over. */
export async function pour(attacker: Attacker, socket: NullSocket, bytes: Buffer): Promise<void> {
  while (attacker.goesOn() && !socket.isClosed) await put(attacker, socket, bytes);
}

/** About the largest message that the relay takes (PAYLOAD_MAX), in bytes. */
const LARGE = 1024 * 1024 - 1024;

/** A message that is as large as it may be, in two ways that cost the most to read: deeply nested, and with many names. */
export function padded(message: Readonly<Record<string, unknown>>): string[] {
  const beginning = JSON.stringify(message).slice(0, -1);
  const depth = Math.floor((LARGE - beginning.length) / 2);
  const names: string[] = [];
  for (let length = beginning.length; length < LARGE; length += names.at(-1)?.length ?? 0)
    names.push(`,"k${names.length}":0`);
  return [
    `${beginning},"k":${'['.repeat(depth)}${']'.repeat(depth)}}`,
    `${beginning}${names.join('').slice(0, LARGE)}}`,
  ];
}
