import type { Connection, ServerChannel } from 'ssh2';
import { sshNumber, sshString } from '../../relay/ssh/wire.ts';

/** Messages that ssh2's server does not send, put together by hand and sent through its private parts. */

interface Protocol {
  readonly _packetRW: { readonly write: { alloc(size: number, force: true): Buffer; readonly allocStartKEX: number } };
  readonly _cipher: { encrypt(packet: Buffer): void };
  rekey(): void;
}

/** Sends a payload at once, also where SSH lets nobody send it: in the middle of a key exchange. */
export function sendRaw(peer: Connection | ServerChannel, ...parts: readonly (Buffer | number)[]): void {
  const payload = Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.from([part]) : part)));
  const { _packetRW: packets, _cipher: cipher } = protocolOf(peer);
  const packet = packets.write.alloc(payload.length, true);
  packet.set(payload, packets.write.allocStartKEX);
  cipher.encrypt(packet);
}

/** Begins another key exchange; the answer comes later. */
export function rekey(channel: ServerChannel): void {
  protocolOf(channel).rekey();
}

function protocolOf(peer: Connection | ServerChannel): Protocol {
  const connection = '_client' in peer ? peer._client : peer;
  return (connection as { readonly _protocol: Protocol })._protocol;
}

/** The client's number of a channel, as a message has it. */
export function numberOf(channel: ServerChannel): Buffer {
  return sshNumber((channel as unknown as { readonly outgoing: { readonly id: number } }).outgoing.id);
}

/** Messages by their numbers (RFC 4250 section 4.1.2). */
export const MESSAGE = {
  disconnect: 1,
  ignore: 2,
  serviceAccept: 6,
  loginRequest: 50,
  loginFailure: 51,
  banner: 53,
  globalRequest: 80,
  channelOpen: 90,
  data: 94,
  extendedData: 95,
  end: 96,
  request: 98,
} as const;

/** A channel request from its name on, with what belongs to it. */
export function request(name: string, wantReply: boolean, ...rest: readonly Buffer[]): Buffer {
  return Buffer.concat([sshString(name), Buffer.from([wantReply ? 1 : 0]), ...rest]);
}
