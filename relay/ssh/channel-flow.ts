import type { SshChannel, SshClient } from './client.ts';
import { Inflow } from './inflow.ts';
import type { Windows } from './windows.ts';

/** ssh2 1.17.0, lib/client.js, lib/Channel.js and lib/utils.js, as far as flow control needs them. */
interface ClientInternals {
  readonly _protocol: {
    session: (id: number, window: number, packetSize: number) => void;
    directTcpip: (id: number, window: number, packetSize: number, options: unknown) => void;
    channelWindowAdjust(id: number, bytes: number): void;
  };
  readonly _chanMgr: { update: (id: number, channel: unknown) => void; remove: (id: number) => void };
}

interface ChannelInternals {
  incoming: { readonly id: number; readonly packetSize: number; state: string; window: number };
  readonly outgoing: { readonly id: number; readonly state: 'open' | 'eof' | 'closing' | 'closed' };
}

/** The incoming streams of a channel. */
export interface Inflows {
  readonly stdout: Inflow;
  readonly stderr: Inflow;
}

const INFLOWS = new WeakMap<object, Inflows>();
const FLOWS = new WeakMap<object, ChannelFlow>();

/** What comes in on a channel that `boundChannels` watches over. */
export function inflowsOf(channel: SshChannel): Inflows {
  const inflows = INFLOWS.get(channel);
  if (!inflows) throw new Error('A channel has its inflows from the moment it is open.');
  return inflows;
}

/** Makes the channel that `open` asks for have a window of at most `bytes`. */
export function withWindow(client: SshClient, bytes: number, open: () => void): void {
  const flow = FLOWS.get(client);
  if (!flow) throw new Error('A client has its channels bounded from its start.');
  flow.wanted = bytes;
  open();
}

/** Takes flow control of a client's channels out of ssh2's hands, from each channel's first byte on. */
export function boundChannels(client: SshClient, windows: Windows): void {
  FLOWS.set(client, new ChannelFlow(client, windows));
}

/**
 * ssh2 grants each channel 2 MiB and buffers without limit what comes beyond (mscdex/ssh2#1505); it grants as much again
 * when half is used, read or not: in bursts of 1 MiB, which a keystroke of another channel waits for. Here a channel
 * gets its share of what its device may send, more only as it is read, and a peer that sends more loses the connection.
 */
class ChannelFlow {
  /** For the next channel, in bytes. */
  wanted = 0;
  readonly #client: SshClient;
  readonly #protocol: ClientInternals['_protocol'];
  /** By the channel's own number. */
  readonly #shares = new Map<number, Share>();

  constructor(client: SshClient, windows: Windows) {
    this.#client = client;
    const { _protocol: protocol, _chanMgr: channels } = client as unknown as ClientInternals;
    this.#protocol = protocol;
    const { session, directTcpip } = protocol;
    const grant = (id: number): number => {
      const share = new Share(windows, this.wanted);
      this.#shares.set(id, share);
      return share.bytes;
    };
    protocol.session = (id, _window, packetSize) => session.call(protocol, id, grant(id), packetSize);
    protocol.directTcpip = (id, _window, packetSize, options) =>
      directTcpip.call(protocol, id, grant(id), packetSize, options);
    const { update, remove } = channels;
    // The peer has confirmed it, and may send at once.
    channels.update = (id, channel) => {
      const share = this.#shares.get(id);
      if (!share) throw new Error('The relay opened every channel itself.');
      this.#watch(channel as SshChannel, share);
      update.call(channels, id, channel);
    };
    channels.remove = (id) => {
      this.#shares.get(id)?.end();
      this.#shares.delete(id);
      remove.call(channels, id);
    };
    client.once('close', () => {
      for (const share of this.#shares.values()) share.end();
      this.#shares.clear();
    });
  }

  #watch(channel: SshChannel, share: Share): void {
    const { bytes } = share;
    const internals = channel as unknown as ChannelInternals;
    const { outgoing } = internals;
    const incoming = new Incoming(internals.incoming, bytes);
    internals.incoming = incoming;
    const grant = (): void => {
      const unread = stdout.length + stderr.length;
      share.unread = unread;
      const more = Math.floor(bytes - unread - incoming.left);
      // After our own close the peer may know the channel no more.
      if (more < bytes / 4 || (outgoing.state !== 'open' && outgoing.state !== 'eof')) return;
      incoming.left += more;
      this.#protocol.channelWindowAdjust(outgoing.id, more);
    };
    const stdout = new Inflow(grant);
    const stderr = new Inflow(grant);
    for (const [stream, inflow] of [
      [channel, stdout],
      [channel.stderr, stderr],
    ] as const) {
      const push = stream.push.bind(stream);
      stream.push = (chunk: Buffer | null) => {
        if (chunk === null) return push(null);
        if (incoming.left >= 0) {
          inflow.add(chunk);
          share.unread = stdout.length + stderr.length;
        }
        // No honest server sends more than it was granted.
        else this.#client.destroy();
        // ssh2 would grant more by itself after a push that found room.
        return false;
      };
      stream._read = () => undefined;
      // A write that crosses the channel's end; whoever has the channel learns of that end in another way.
      stream.on('error', () => undefined);
      // Not at once: whether the connection was lost is known by then.
      stream.once('end', () => inflow.end());
      // ssh2 closes a channel when its streams have ended, and unread ones never end (mscdex/ssh2#412).
      stream.resume();
    }
    INFLOWS.set(channel, { stdout, stderr });
  }
}

/** A channel's share of its device's windows: until the channel is gone, and what came on it is read. */
class Share {
  /** In bytes. */
  readonly bytes: number;
  readonly #windows: Windows;
  #unread = 0;
  #isEnded = false;
  #isGiven = false;

  constructor(windows: Windows, wanted: number) {
    this.#windows = windows;
    this.bytes = windows.take(wanted);
  }

  /** What came and nobody has read yet, in bytes. */
  set unread(bytes: number) {
    this.#unread = bytes;
    this.#giveBack();
  }

  /** The channel is gone. */
  end(): void {
    this.#isEnded = true;
    this.#giveBack();
  }

  #giveBack(): void {
    if (!this.#isEnded || this.#unread > 0 || this.#isGiven) return;
    this.#isGiven = true;
    this.#windows.give(this.bytes);
  }
}

/**
 * ssh2's record of what may come in on a channel. ssh2 throws away what comes when nothing is left, and counts down before
 * it passes bytes on; so nothing looks like next to nothing. (An accessor put on each record instead would cost the
 * process a hidden class for each channel that ever was.)
 */
class Incoming {
  readonly id: number;
  readonly packetSize: number;
  state: string;
  /** What the peer may still send, in bytes; negative when it has sent more. */
  left: number;

  constructor({ id, packetSize, state }: ChannelInternals['incoming'], left: number) {
    this.id = id;
    this.packetSize = packetSize;
    this.state = state;
    this.left = left;
  }

  get window(): number {
    return this.left || Number.MIN_VALUE;
  }

  set window(bytes: number) {
    this.left = bytes;
  }
}
