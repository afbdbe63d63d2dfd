import type { ChannelEnd } from '#lib/client/channel.ts';

/** How a command ended, in words. */
export function endingWords(end: ChannelEnd | undefined): string | undefined {
  if (!end) return undefined;
  if ('problem' in end) return end.problem.message.replace(/\.$/, '');
  const { code, signal } = end.exit;
  if (signal !== null) return `Ended by signal ${signal}`;
  return code === null ? 'The device closed the channel without a status' : `Exited with code ${code}`;
}
