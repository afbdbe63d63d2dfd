import type { NullPage } from '../relay/null-page.ts';
import type { NullSocket } from '../relay/null-socket.ts';
import type { Attacker, Outcome } from './case.ts';
import type { Person } from './person.ts';
import { Tally } from './tally.ts';

/** About how many bytes go to the kernel at once. */
const PIECE_BYTES = 128 * 1024;

/** Before one who was refused tries again, in ms. */
const RETRY_MS = 50;

/** A command that reads nothing and outlives its attack by little. */
export const READS_NOTHING = 'exec sleep 60';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Frames one after the other, often enough that a call of the kernel is worth it. */
export function manyOf(...frames: readonly Buffer[]): Buffer {
  const round = Buffer.concat(frames);
  return Buffer.concat(Array.from({ length: Math.ceil(PIECE_BYTES / round.length) }, () => round));
}

/** Sends the same bytes as fast as the relay takes them, until the socket is closed or the time is over. */
export async function pour(attacker: Attacker, socket: NullSocket, bytes: Buffer): Promise<void> {
  while (attacker.goesOn() && !socket.isClosed) await socket.sendAll(bytes);
}

/**
 * Opens a channel and does its worst on it; one who is cut off opens the next, until the time is over.
 * @param open prepares a channel
 */
export async function persist(
  attacker: Attacker,
  open: () => Promise<NullPage>,
  flood: (page: NullPage) => Promise<void>,
): Promise<Outcome> {
  const tally = new Tally();
  let page = await open();
  await attacker.ready();
  while (attacker.goesOn()) {
    const isOver = page.closed.then((problem) => problem ?? 'closed');
    await flood(page);
    if (!attacker.goesOn() && !page.socket.isClosed) break;
    tally.add(await isOver);
    while (attacker.goesOn()) {
      try {
        page = await open();
        break;
      } catch (error) {
        tally.add(error instanceof Error ? error.message : String(error));
        await pause(RETRY_MS);
      }
    }
  }
  return tally.outcome();
}

/** As `persist`, with a command that reads nothing, and the same frames again and again. */
export async function floodOnChannel(
  attacker: Attacker,
  person: Person,
  target: string,
  frames: (socket: NullSocket) => Buffer,
): Promise<Outcome> {
  return persist(
    attacker,
    () => person.open(target, READS_NOTHING),
    (page) => pour(attacker, page.socket, frames(page.socket)),
  );
}
