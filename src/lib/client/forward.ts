import { LineSplitter } from '#lib/domain/line-splitter.ts';
import { type ForwardReport, parseForwardReport } from '#lib/protocol/forward.ts';
import { Channel, type ChannelHandlers, type ChannelOptions, type ForwardRequest } from './channel.ts';

export interface ForwardHandlers extends Pick<ChannelHandlers, 'onPrompt' | 'onState' | 'onEnd'> {
  /** How it is now. */
  onReport(report: ForwardReport): void;
}

/** Opens a port forward, or goes on with that of an earlier page load. Whoever opens it closes its channel. */
export function openForward(
  wanted: ForwardRequest | { readonly channel: string },
  handlers: ForwardHandlers,
  options: ChannelOptions,
): Channel {
  const decoder = new TextDecoder();
  const lines = new LineSplitter();
  const all: ChannelHandlers = {
    ...handlers,
    onData(bytes) {
      channel.consumed(bytes.length);
      for (const { text } of lines.push(decoder.decode(bytes, { stream: true }))) {
        const report = parseForwardReport(text);
        if (report) handlers.onReport(report);
      }
    },
  };
  const channel =
    'channel' in wanted ? Channel.resume(wanted.channel, all, options) : Channel.forward(wanted, all, options);
  return channel;
}
