import { type Certificate, nameSignature } from './certificate.ts';
import type { SshChannel, SshClient, SshKey } from './client.ts';
import { outboxOf } from './outbox.ts';
import { ssh2File } from './ssh2.ts';

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
  const { convertSignature } = ssh2File('lib/protocol/utils.js') as {
    readonly convertSignature: (signature: Buffer, type: string) => Buffer | false;
  };
  const converted = convertSignature(signature, key.type);
  if (converted === false) throw new Error('a signature that is none');
  return converted;
}

interface ChannelInternals {
  readonly outgoing: { readonly id: number; readonly state: 'open' | 'eof' | 'closing' | 'closed' };
  readonly _client: {
    readonly _protocol: {
      signal(id: number, name: string): void;
      windowChange(id: number, rows: number, columns: number, height: number, width: number): void;
    };
  };
}

/**
 * Requests on a channel whose stdin may have ended. `channel.signal` and `channel.setWindow` then silently do
 * nothing, though EOF closes only the data direction (RFC 4254 section 5.3); so the protocol object is asked itself. While
 * the device takes nothing, the latest size and one signal of each name wait instead of every one.
 */
export function requestOn(channel: SshChannel) {
  const { outgoing, _client: client } = channel as unknown as ChannelInternals;
  const { _protocol: protocol } = client;
  let size: { readonly columns: number; readonly rows: number } | undefined;
  const signals = new Set<string>();
  let waits = false;
  const send = (): void => {
    waits = false;
    const isOpen = outgoing.state === 'open' || outgoing.state === 'eof';
    if (isOpen && size) protocol.windowChange(outgoing.id, size.rows, size.columns, 0, 0);
    size = undefined;
    if (isOpen) for (const name of signals) protocol.signal(outgoing.id, name);
    signals.clear();
  };
  const sendSoon = (): void => {
    if (waits) return;
    waits = true;
    outboxOf(client).whenClear(send);
  };
  return {
    /** Sends the signals that wait, and HUP, at once: the channel is about to be closed. */
    hangUp: (): void => {
      signals.add('HUP');
      send();
    },
    signal: (name: string): void => {
      signals.add(name);
      sendSoon();
    },
    resize: (columns: number, rows: number): void => {
      size = { columns, rows };
      sendSoon();
    },
  };
}
