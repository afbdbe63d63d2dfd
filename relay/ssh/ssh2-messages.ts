import { plainText } from './problems.ts';
import { ssh2File } from './ssh2.ts';
import { SshReader } from './wire.ts';

/**
 * How the relay's ssh2 reads a server's messages, where it would end the connection over one that OpenSSH's client
 * answers or skips, or believe one that only a client sends. ssh2-limits.md has the list.
 */

/** The part of ssh2's protocol object that answers. */
interface Protocol {
  readonly _handlers: {
    readonly GLOBAL_REQUEST: (protocol: Protocol, name: string, wantReply: boolean, data: Buffer) => void;
    readonly CHANNEL_OPEN: (protocol: Protocol, info: ChannelOpen) => void;
    readonly CHANNEL_REQUEST: ChannelRequestHandler;
  };
  readonly _authsQueue: readonly string[];
  requestSuccess(): void;
}

interface ChannelOpen {
  readonly type: string;
  readonly sender: number;
  readonly window: number;
  readonly packetSize: number;
  /** What belongs to the type; the relay asks for no channel of a server, so nothing of it is read. */
  readonly data: object;
}

/** How ssh2's client is told of a channel request. */
export type ChannelRequestHandler = (
  protocol: unknown,
  recipient: number,
  type: string,
  wantReply: boolean,
  data: ExitSignal | number | null,
) => void;

interface ExitSignal {
  readonly signal: string;
  readonly coreDumped: boolean;
  readonly errorMessage: string;
}

/** What ssh2 does with a payload; a result tells its decipher to stop. */
type MessageHandler = (protocol: Protocol, payload: Buffer) => unknown;

/** Message numbers (RFC 4250 section 4.1.2). */
const SERVICE_REQUEST = 5;
const USERAUTH_REQUEST = 50;
const USERAUTH_FAILURE = 51;
const USERAUTH_INFO_RESPONSE = 61;
const GLOBAL_REQUEST = 80;
const CHANNEL_OPEN = 90;
const CHANNEL_REQUEST = 98;

/** Longest name of a request that is looked at, in bytes: RFC 4250 section 4.6.1 has 64. */
const NAME_MAX = 64;

/** RFC 4254 section 6.10 has short names and `name@domain`. Another one would fill audit log and page. */
const SIGNAL = /^[A-Za-z0-9@.-]{1,32}$/;
const UNKNOWN_SIGNAL = 'UNKNOWN';

/** Longest text that a server may give to an exit signal, in characters. */
const SIGNAL_TEXT_MAX = 500;

const handlers = ssh2File('lib/protocol/handlers.js') as MessageHandler[];

/** Puts `read` before ssh2's own handler, which it gets as `malformed`: that ends the connection, as OpenSSH does. */
function readBy(message: number, read: (protocol: Protocol, payload: Buffer, malformed: () => unknown) => unknown) {
  const own = handlers[message];
  if (!own) throw new Error(`ssh2 has no handler for message ${message}.`);
  handlers[message] = (protocol, payload) => read(protocol, payload, () => own(protocol, payload));
}

// A client's messages: ssh2 would keep the method of each USERAUTH_REQUEST for ever.
for (const message of [SERVICE_REQUEST, USERAUTH_REQUEST, USERAUTH_INFO_RESPONSE]) readBy(message, () => undefined);

// An answer to nothing: each would begin another step of the login beside the one that is on its way.
readBy(USERAUTH_FAILURE, (protocol, _payload, own) => (protocol._authsQueue.length > 0 ? own() : undefined));

// OpenSSH clientloop.c, client_input_global_request. What belongs to the request is not read: ssh2 would end the
// connection over what it cannot read of `hostkeys-00@openssh.com`, and else ask for a proof that nobody wants here.
readBy(GLOBAL_REQUEST, (protocol, payload, malformed) => {
  const reader = new SshReader(payload, 1);
  const name = nameOf(reader.string());
  const wantReply = reader.byte();
  if (name === undefined || wantReply === undefined) return malformed();
  protocol._handlers.GLOBAL_REQUEST(protocol, name, wantReply !== 0, payload.subarray(reader.offset));
});

// OpenSSH clientloop.c, client_input_channel_open: what it cannot read of a type is refused like any other channel.
readBy(CHANNEL_OPEN, (protocol, payload, malformed) => {
  const reader = new SshReader(payload, 1);
  const type = nameOf(reader.string());
  const [sender, window, packetSize] = [reader.number(), reader.number(), reader.number()];
  if (type === undefined || sender === undefined || window === undefined || packetSize === undefined)
    return malformed();
  protocol._handlers.CHANNEL_OPEN(protocol, { type, sender, window, packetSize, data: {} });
});

// OpenSSH clientloop.c, client_input_channel_req: a request that it does not know is refused, not read.
readBy(CHANNEL_REQUEST, (protocol, payload, malformed) => {
  const reader = new SshReader(payload, 1);
  const recipient = reader.number();
  const type = nameOf(reader.string());
  const wantReply = reader.byte();
  if (recipient === undefined || type === undefined || wantReply === undefined) return malformed();
  const data = type === 'exit-signal' ? exitSignal(reader) : type === 'exit-status' ? reader.number() : undefined;
  protocol._handlers.CHANNEL_REQUEST(protocol, recipient, type, wantReply !== 0, data ?? null);
});

function nameOf(bytes: Buffer | undefined): string | undefined {
  return bytes?.toString('latin1', 0, NAME_MAX);
}

/** Servers that end it after the name are believed as far as they go. */
function exitSignal(reader: SshReader): ExitSignal {
  const name = reader.string()?.toString('latin1') ?? '';
  const coreDumped = (reader.byte() ?? 0) !== 0;
  const text = reader.string()?.toString('utf8', 0, 4 * SIGNAL_TEXT_MAX) ?? '';
  return {
    signal: SIGNAL.test(name) ? name : UNKNOWN_SIGNAL,
    coreDumped,
    errorMessage: plainText(text, SIGNAL_TEXT_MAX),
  };
}
