import type { LinkQuality } from './cable.ts';

const KEYS: Readonly<Record<string, keyof LinkQuality>> = { delay: 'delayMs', loss: 'lossPercent', rate: 'rateKbit' };

/** The most of each that makes sense: a minute, every packet, ten gigabits. */
const MOST: Readonly<Record<keyof LinkQuality, number>> = { delayMs: 60_000, lossPercent: 100, rateKbit: 10_000_000 };

/**
 * Reads the words of `link`: delay=MS, loss=PERCENT, rate=KBIT, each at most once.
 * @returns the quality, or what is wrong with a word
 */
export function parseLinkQuality(words: readonly string[]): LinkQuality | { readonly problem: string } {
  const quality: { -readonly [key in keyof LinkQuality]: LinkQuality[key] } = {};
  for (const word of words) {
    const [, key = '', value = ''] = /^(\w+)=(\d+(?:\.\d+)?)$/.exec(word) ?? [];
    const name = KEYS[key];
    if (name === undefined || Number(value) > MOST[name])
      return {
        problem: `"${word}" is none of delay=MILLISECONDS, loss=PERCENT, rate=KBIT; without any the link is good again.`,
      };
    quality[name] = Number(value);
  }
  return quality;
}
