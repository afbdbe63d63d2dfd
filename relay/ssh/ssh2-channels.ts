import type { SshClient } from './client.ts';
import type { ChannelRequestHandler } from './ssh2-messages.ts';

/**
 * Smallest packet that a channel must take of the relay, in bytes. ssh2 cuts what it writes into such pieces before
 * anything else runs, for ever where a piece has none; RFC 4253 section 6.1 has servers take 32,768.
 */
const PACKET_MIN = 256;

/** A channel of ssh2, as far as its messages need it. */
interface Channel {
  readonly incoming: { readonly state: State };
  readonly outgoing: { readonly id: number; readonly state: State };
  readonly _exit: { readonly code?: number | null };
}

type State = 'open' | 'eof' | 'closing' | 'closed';
/** In place of a channel that the server has not confirmed. */
type Opening = (error: Error) => void;

interface Protocol {
  channelClose(id: number): void;
  channelFailure(id: number): void;
  channelSuccess(id: number): void;
}

type DataHandler = (protocol: Protocol, recipient: number, data: Buffer, type?: number) => void;
interface Confirmation {
  readonly recipient: number;
  readonly sender: number;
  readonly packetSize: number;
}

interface ClientInternals {
  readonly _chanMgr: { get(id: number): Channel | Opening | undefined; remove(id: number): void };
  readonly _protocol: {
    readonly _handlers: {
      CHANNEL_OPEN_CONFIRMATION: (protocol: Protocol, info: Confirmation) => void;
      CHANNEL_DATA: DataHandler;
      CHANNEL_EXTENDED_DATA: DataHandler;
      CHANNEL_REQUEST: ChannelRequestHandler;
    };
  };
}

/** ssh2 throws for this number, which it never gives to a channel. */
const NO_CHANNEL = 2 ** 32 - 1;

/** What a server says of one channel costs that channel at most; to be called when the client has begun to connect. */
export function containChannels(client: SshClient): void {
  const { _chanMgr: channels, _protocol } = client as unknown as ClientInternals;
  const { _handlers: handlers } = _protocol;
  const { CHANNEL_OPEN_CONFIRMATION: confirm, CHANNEL_REQUEST: request } = handlers;
  const find = (id: number) => (id === NO_CHANNEL ? undefined : channels.get(id));
  const findOpen = (id: number) => {
    const channel = find(id);
    return typeof channel === 'object' ? channel : undefined;
  };

  handlers.CHANNEL_OPEN_CONFIRMATION = (protocol, info) => {
    const opening = find(info.recipient);
    if (info.packetSize >= PACKET_MIN || typeof opening !== 'function') return confirm(protocol, info);
    channels.remove(info.recipient);
    protocol.channelClose(info.sender);
    opening(new Error(`its packets hold ${info.packetSize} bytes; ${PACKET_MIN} is the least that will do`));
  };

  // After the end of its data a stream takes none: it fails, and stderr with nobody listening ends the process.
  // OpenSSH skips data then (channels.c, channel_input_data).
  const untilEnd = (handle: DataHandler): DataHandler => {
    return (protocol, recipient, data, type) => {
      if (findOpen(recipient)?.incoming.state === 'open') handle(protocol, recipient, data, type);
    };
  };
  handlers.CHANNEL_DATA = untilEnd(handlers.CHANNEL_DATA);
  handlers.CHANNEL_EXTENDED_DATA = untilEnd(handlers.CHANNEL_EXTENDED_DATA);

  // ssh2 answers no request after the exit status; sshd asks its first channel whether the client is there, and ends
  // the connection when it does not say (serverloop.c, client_alive_check).
  handlers.CHANNEL_REQUEST = (protocol, recipient, type, wantReply, data) => {
    const channel = findOpen(recipient);
    if (!channel) return;
    const isExit = data !== null && channel._exit.code === undefined;
    if (isExit) request(protocol, recipient, type, false, data);
    if (!wantReply || (channel.outgoing.state !== 'open' && channel.outgoing.state !== 'eof')) return;
    if (isExit) (protocol as Protocol).channelSuccess(channel.outgoing.id);
    else (protocol as Protocol).channelFailure(channel.outgoing.id);
  };
}
