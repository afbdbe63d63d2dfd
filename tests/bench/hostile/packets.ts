/** SSH's packets that no honest device sends so often, from their message number on. */

const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

const text = (value: string | Buffer): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([number(bytes.length), bytes]);
};

const byte = (value: number): Buffer => Buffer.of(value);

/** A request that concerns the connection (RFC 4254 section 4). */
export function globalRequest(name: string, wantsReply: boolean, data: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([byte(80), text(name), byte(wantsReply ? 1 : 0), data]);
}

/** The device opens a channel to the relay, as for a forwarded port (section 7.2). */
export function channelOpen(sender: number): Buffer {
  const to = [text('127.0.0.1'), number(22), text('127.0.0.1'), number(1024)];
  return Buffer.concat([byte(90), text('forwarded-tcpip'), number(sender), number(2 ** 21), number(2 ** 15), ...to]);
}

/** Output of a command (section 5.2). @param channel by the relay's number */
export function channelData(channel: number, data: Buffer): Buffer {
  return Buffer.concat([byte(94), number(channel), text(data)]);
}

/** The same on stderr. */
export function extendedData(channel: number, data: Buffer): Buffer {
  return Buffer.concat([byte(95), number(channel), number(1), text(data)]);
}

/** Nothing (RFC 4253 section 11.2). */
export function ignored(): Buffer {
  return Buffer.concat([byte(2), text('')]);
}

/** A signal ended the command (section 6.10). */
export function exitSignal(channel: number, name: string): Buffer {
  const request = [byte(98), number(channel), text('exit-signal'), byte(0)];
  return Buffer.concat([...request, text(name), byte(0), text(''), text('')]);
}

/** A key that the device says it has (OpenSSH's PROTOCOL, section 2.5). @param ed25519 its 32 bytes */
export function hostKeys(ed25519: Buffer): Buffer {
  const key = Buffer.concat([text('ssh-ed25519'), text(ed25519)]);
  return globalRequest('hostkeys-00@openssh.com', false, text(key));
}
