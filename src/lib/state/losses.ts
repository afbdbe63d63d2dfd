import type { ChannelEnd } from '#lib/client/channel.ts';
import type { LinkNews } from '#lib/domain/link-news.ts';

/** From when to when something of a device was open, in ms of `performance.now()`. */
export interface Span {
  openedAt?: number;
  endedAt?: number;
}

/** A device's connection ended. */
export interface Loss {
  /** When, in ms of `performance.now()`. */
  readonly at: number;
  /** What the boot id said that was read first after it; undefined until then, and for good where none was read. */
  readonly news: LinkNews | undefined;
}

/** The relay closes all that went over one connection in one turn; the page reads of it socket by socket. */
const SAME_MS = 5_000;

/** Losses kept of a device; what ended with an older one only loses its explanation. */
const KEPT_MAX = 50;

/** The losses with one more. */
export function addLoss(losses: readonly Loss[], at: number): readonly Loss[] {
  return [...losses, { at, news: undefined }].slice(-KEPT_MAX);
}

/**
 * The loss that something ended with: the first after it was opened, for it went over that connection. Undefined if it
 * ended long before that, as what is found ended after a reload: nobody knows what that ended with.
 */
export function lossOf(losses: readonly Loss[], { openedAt, endedAt }: Span): Loss | undefined {
  if (openedAt === undefined || endedAt === undefined) return undefined;
  const loss = losses.find(({ at }) => at > openedAt);
  return loss && endedAt > loss.at - SAME_MS ? loss : undefined;
}

/** It did not end by itself, but with the connection to its device. */
export function endedWithDevice(end: ChannelEnd | undefined): boolean {
  return end !== undefined && 'problem' in end && end.problem.code === 'connection-lost';
}
