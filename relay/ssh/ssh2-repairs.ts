import { createRequire } from 'node:module';
import { type Certificate, nameSignature } from './certificate.ts';
import type { SshChannel, SshClient, SshKey } from './client.ts';

/** What ssh2 does wrong or leaves out, put right in its private parts. Facts: ssh2 1.17.0, lib/client.js. */

/** What a server said to the last authentication request that it did not accept, or not as the only one. */
export interface LoginAnswer {
  readonly methodsLeft: readonly string[];
  readonly partialSuccess: boolean;
}

interface HandlerInternals {
  readonly _protocol: {
    readonly _handlers: {
      USERAUTH_FAILURE: (protocol: unknown, methodsLeft: readonly string[], partialSuccess: boolean) => void;
    };
  };
}

/** After an agent's key ssh2 tells its authHandler what the server said before that, so that a second factor is missed. */
export function watchAnswers(client: SshClient, onAnswer: (answer: LoginAnswer) => void): void {
  const { _handlers: handlers } = (client as unknown as HandlerInternals)._protocol;
  const { USERAUTH_FAILURE: handle } = handlers;
  handlers.USERAUTH_FAILURE = (protocol, methodsLeft, partialSuccess) => {
    onAnswer({ methodsLeft, partialSuccess });
    handle(protocol, methodsLeft, partialSuccess);
  };
}

interface WriterInternals {
  readonly _protocol: { readonly _packetRW: { readonly write: PacketWriter } };
}

interface PacketWriter {
  readonly allocStart: number;
  alloc(payloadSize: number): Buffer;
  finalize: (packet: Buffer) => Buffer;
}

/** Puts the name of the signature right in the one request that `send` writes; see `nameSignature`. */
export function withSignatureNamed(client: SshClient, certificate: Certificate, send: () => void): void {
  const { write } = (client as unknown as WriterInternals)._protocol._packetRW;
  const { finalize } = write;
  write.finalize = (packet) => {
    const payload = nameSignature(packet.subarray(write.allocStart), certificate);
    if (!payload) return finalize.call(write, packet);
    const named = write.alloc(payload.length);
    named.set(payload, write.allocStart);
    return finalize.call(write, named);
  };
  try {
    send();
  } finally {
    write.finalize = finalize;
  }
}

/** ssh2 turns OpenSSL's ECDSA signatures into SSH's as it sends them, if it knows the type of the key. */
export function signatureAsSent(key: SshKey, signature: Buffer): Buffer {
  const { convertSignature } = createRequire(import.meta.url)('ssh2/lib/protocol/utils.js') as {
    readonly convertSignature: (signature: Buffer, type: string) => Buffer | false;
  };
  const converted = convertSignature(signature, key.type);
  if (converted === false) throw new Error('a signature that is none');
  return converted;
}

interface ChannelInternals {
  readonly incoming: { window: number };
  readonly outgoing: { readonly id: number; readonly state: 'open' | 'eof' | 'closing' | 'closed' };
  readonly _client: {
    readonly _protocol: {
      channelWindowAdjust(id: number, bytes: number): void;
      signal(id: number, name: string): void;
      windowChange(id: number, rows: number, columns: number, height: number, width: number): void;
    };
  };
}

/**
 * ssh2 buffers without limit what a server sends beyond the window it was granted (mscdex/ssh2#1505), and, when exactly
 * nothing is left of it, throws it away. No honest server does either, so the first such packet ends the connection.
 * ssh2 counts the window down before it pushes the data.
 */
export function endOnOverrun(client: Pick<SshClient, 'destroy'>, channel: SshChannel): void {
  const { incoming } = channel as unknown as { readonly incoming: { window: number } };
  // Next to nothing instead of nothing: then such a packet is pushed like any other.
  let { window } = incoming;
  Object.defineProperty(incoming, 'window', {
    get: () => window || Number.MIN_VALUE,
    set: (bytes: number) => (window = bytes),
  });
  for (const stream of [channel, channel.stderr]) {
    const push = stream.push.bind(stream);
    stream.push = (chunk: unknown, encoding?: BufferEncoding) => {
      // The end (null) must get through, or who reads would wait for it for ever.
      if (window >= 0 || chunk === null) return push(chunk, encoding);
      client.destroy();
      return false;
    };
  }
}

/**
 * What a server may have on its way, in bytes. 2 MiB is ssh2's own number: 68 MB/s over 20 ms. A terminal's is less,
 * because after Ctrl-C a person waits for all of it (web-terminals.md 3.4: 4.4 MB or 0.9): 11 MB/s over 20 ms.
 */
export const WINDOW = { stream: 2 * 1024 * 1024, terminal: 256 * 1024 } as const;

/**
 * Lets the server send no more than `bytes` beyond what was read here, once it has used the 2 MiB that ssh2 grants at
 * the start. ssh2 would grant as much again when half is used, read or not: in bursts of 1 MiB, which a keystroke of
 * another channel has to wait for. It leaves the window to `_read` after a push that found no room; and that to us.
 */
export function keepWindow(channel: SshChannel, bytes: number): void {
  const { incoming, outgoing, _client } = channel as unknown as ChannelInternals;
  const grant = (): void => {
    const more = Math.floor(bytes - channel.readableLength - channel.stderr.readableLength - incoming.window);
    if (more < bytes / 4 || outgoing.state === 'closed') return;
    incoming.window += more;
    _client._protocol.channelWindowAdjust(outgoing.id, more);
  };
  for (const stream of [channel, channel.stderr]) {
    const push = stream.push.bind(stream);
    stream.push = (chunk: unknown, encoding?: BufferEncoding) => {
      push(chunk, encoding);
      return false;
    };
    stream._read = () => undefined;
    stream.on('data', grant);
  }
}

/**
 * Requests on a channel whose stdin may have ended. `channel.signal` and `channel.setWindow` then silently do
 * nothing, though EOF closes only the data direction (RFC 4254 section 5.3); so the protocol object is asked itself.
 */
export function requestOn(channel: SshChannel) {
  const { outgoing, _client } = channel as unknown as ChannelInternals;
  const isOpen = () => outgoing.state === 'open' || outgoing.state === 'eof';
  return {
    signal: (name: string) => isOpen() && _client._protocol.signal(outgoing.id, name),
    resize: (columns: number, rows: number) =>
      isOpen() && _client._protocol.windowChange(outgoing.id, rows, columns, 0, 0),
  };
}
