import type { ChannelEnd } from '#lib/client/channel.ts';

/** How a command ended, in words. `restarted`: its device is known to have booted again since. */
export function endingWords(end: ChannelEnd | undefined, restarted = false): string | undefined {
  if (!end) return undefined;
  if (restarted && endedWithDevice(end)) return 'The device restarted, and this ended with it';
  if ('problem' in end) return end.problem.message.replace(/\.$/, '');
  const { code, signal } = end.exit;
  if (signal !== null) return `Ended by signal ${signal}`;
  return code === null ? 'The device closed the channel without a status' : `Exited with code ${code}`;
}

/** It did not end by itself, but with the connection to its device. */
export function endedWithDevice(end: ChannelEnd | undefined): boolean {
  return end !== undefined && 'problem' in end && end.problem.code === 'connection-lost';
}
