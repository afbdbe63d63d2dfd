import type { ChannelEnd } from '#lib/client/channel.ts';
import type { LinkNews } from '#lib/domain/link-news.ts';
import { ADVICE } from '#lib/protocol/problem.ts';
import { endedWithDevice } from '#lib/state/losses.ts';

/** How a command ended, in words. `news`: what is known of the loss of its device that it ended with. */
export function endingWords(end: ChannelEnd | undefined, news?: LinkNews): string | undefined {
  if (!end) return undefined;
  if (isRestart(news) && endedWithDevice(end)) return 'The device restarted, and this ended with it';
  if ('problem' in end) return end.problem.message.replace(/\.$/, '');
  const { code, signal } = end.exit;
  if (signal !== null) return `Ended by signal ${signal}`;
  return code === null ? 'The device closed the channel without a status' : `Exited with code ${code}`;
}

/** What to do about a terminal that ended. A restart is never guessed. */
export function endingAdvice(end: ChannelEnd | undefined, news?: LinkNews): string | undefined {
  if (!end || !('problem' in end)) return undefined;
  if (!endedWithDevice(end)) return ADVICE[end.problem.code].advice;
  const cause = isRestart(news)
    ? ''
    : news === 'back'
      ? 'The device did not restart. '
      : 'The device may have restarted, slept or left the network. ';
  return `${cause}Reconnect starts a new shell; what ran in the old one is gone.`;
}

function isRestart(news: LinkNews | undefined): boolean {
  return news === 'restarted' || news === 'crashed';
}
