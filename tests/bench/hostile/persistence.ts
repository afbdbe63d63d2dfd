import type { NullPage } from '../relay/null-page.ts';
import type { Attacker, Outcome } from './case.ts';
import { Tally } from './tally.ts';

/** Before one who was refused tries again, in ms. */
const RETRY_MS = 50;

/** Attempts of a device to log in at the same time: OpenSSH and the relay take more, but not at once. */
const AT_ONCE = 8;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Opens several channels, some of them at once. */
export async function openMany(count: number, open: () => Promise<NullPage>): Promise<NullPage[]> {
  const pages: NullPage[] = [];
  while (pages.length < count)
    pages.push(...(await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - pages.length) }, open))));
  return pages;
}

/**
 * Opens channels and does its worst on each; one who is cut off opens the next, until the time is over.
 * @param open prepares a channel @param misbehave ends when the time is over, or the channel is
 */
export async function persist(
  attacker: Attacker,
  channels: number,
  open: () => Promise<NullPage>,
  misbehave: (page: NullPage) => Promise<void>,
): Promise<Outcome> {
  const tally = new Tally(attacker);
  const first = await openMany(channels, open);
  await attacker.ready();
  await Promise.all(
    first.map(async (opened) => {
      for (let page: NullPage | null = opened; page !== null; page = await reopen(attacker, open, tally)) {
        const { closed, socket } = page;
        await misbehave(page);
        if (attacker.goesOn() || socket.isClosed) tally.add((await closed) ?? 'closed');
      }
    }),
  );
  return tally.outcome();
}

/** Tries until it is let in; null when the time is over. */
async function reopen(attacker: Attacker, open: () => Promise<NullPage>, tally: Tally): Promise<NullPage | null> {
  while (attacker.goesOn()) {
    try {
      // A relay that does not answer at all must not keep the attack from its end.
      return await Promise.race([open(), attacker.timeUp.then(() => null)]);
    } catch (error) {
      tally.add(error instanceof Error ? error.message : String(error));
      await pause(RETRY_MS);
    }
  }
  return null;
}

/** Does something again and again, several at a time, until the time is over. @param attempt gives why it was refused, if it was */
export async function storm(
  attacker: Attacker,
  atOnce: number,
  attempt: () => Promise<string | null>,
): Promise<Outcome> {
  const tally = new Tally(attacker);
  let attempts = 0;
  await attacker.ready();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (; attacker.goesOn(); attempts++) {
        const refused = await attempt().catch((error: unknown) =>
          error instanceof Error ? error.message : String(error),
        );
        if (refused !== null) tally.add(refused);
      }
    }),
  );
  const { text, ended } = tally.outcome();
  return { text: `${attempts} times: ${text}`, ended };
}
