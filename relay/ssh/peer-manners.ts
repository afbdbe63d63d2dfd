import type { Duplex } from 'node:stream';
import { Budget } from '../budget.ts';
import type { SshClient } from './client.ts';

/**
 * Requests that a server may make of its client: global ones and channels that it opens. sshd makes one when a login is
 * done (hostkeys-00@openssh.com) and one for each keepalive (ClientAliveInterval, a second at least).
 */
const REQUESTS = { burst: 64, perSecond: 4 } as const;

/** Key exchanges, which cost 2 ms each. sshd begins one for every RekeyLimit that it sends: 16 MiB at 64 MB/s. */
const EXCHANGES = { burst: 256, perSecond: 4 } as const;

/** How long one connection may be read without a break, in ms: a key of another one waits no longer for it. */
const SLICE_MS = 4;

/**
 * After a slice the costly connections rest for so many times as long: together they have a third of the time. At most for
 * REST_MAX_MS: a process that was stopped during a slice finds a long one, which is no device's fault.
 */
const REST = 2;
const REST_MAX_MS = 40;

/** What is read of a costly connection before the clock is looked at, in bytes: 60 packets of one byte, half a ms. */
const STEP = 2 * 1024;

/** Bytes that take a millisecond and a half in packets of one byte, and a tenth of one in packets of 32 KiB. */
const MUCH = 8 * 1024;

/**
 * Packets that may wait for the end of a key exchange that the server began: they never come to the outbox. 64 MiB at most,
 * of 32 KiB each; an exchange takes 50 ms.
 */
const QUEUE_MAX = 2048;

interface HandlerInternals {
  readonly _protocol: { readonly _handlers: Record<string, ((...parameters: unknown[]) => void) | undefined> };
}

interface Protocol {
  requestSuccess(): void;
}

interface ParserInternals {
  readonly _protocol: {
    /** What waits for the end of a key exchange. */
    readonly _queue?: readonly unknown[];
    parse: (chunk: Buffer, from: number, length: number) => void;
  };
}

/**
 * Ends a connection whose server asks without end, and leaves out what ssh2 does for nobody: for each announcement of host
 * keys it asks for a proof, and keeps waiting for the answer.
 */
export function boundRequests(client: SshClient, onTooMany: () => void): void {
  const { _handlers: handlers } = (client as unknown as HandlerInternals)._protocol;
  const budget = new Budget(REQUESTS);
  for (const name of ['GLOBAL_REQUEST', 'CHANNEL_OPEN']) {
    const handle = handlers[name];
    if (!handle) throw new Error(`ssh2 handles ${name}`);
    handlers[name] = (protocol, what, wantReply, ...rest) => {
      if (!budget.take()) onTooMany();
      else if (what !== 'hostkeys-00@openssh.com') handle(protocol, what, wantReply, ...rest);
      else if (wantReply === true) (protocol as Protocol).requestSuccess();
    };
  }
  const exchanges = new Budget(EXCHANGES);
  client.on('handshake', () => {
    if (!exchanges.take()) onTooMany();
  });
}

/** Connections that used up their slice, of all devices. One of them is read at a time, and then all of them rest. */
const costly: (() => number)[] = [];
let isResting = false;

/** Runs `read` after those that wait already. It returns how long it took, in ms. */
function readLater(read: () => number, spent: number): void {
  costly.push(read);
  if (!isResting) rest(spent);
}

function rest(spent: number): void {
  isResting = true;
  setTimeout(
    () => {
      isResting = false;
      const taken = costly.shift()?.() ?? 0;
      if (costly.length > 0 && !isResting) rest(taken);
    },
    Math.min(REST_MAX_MS, spent * REST),
  );
}

/**
 * Lets other connections be read after SLICE_MS. Node reads a socket up to 32 times in a row, 64 KiB each; in packets of one
 * byte that is half a second of work. A connection is read in steps until it has shown that much of it is cheap; then it is
 * bulk, and read in whole chunks, for a slice a turn, until one of them takes longer than that. A chunk that was read to its
 * end waits for the next turn at most, so a pause of this machine costs nobody a place behind the costly ones.
 */
export function takeTurns(client: SshClient, stream: Duplex): void {
  const { _protocol: protocol } = client as unknown as ParserInternals;
  const { parse } = protocol;
  /** What was read and waits for the next slice: a chunk or two, for the stream is paused then. */
  const waiting: Buffer[] = [];
  let isCostly = true;
  let waits = false;
  /** Reads for a slice, or all that waits. Returns how long it took, in ms. */
  const readSlice = (): number => {
    const begun = performance.now();
    let spent = 0;
    let bytes = 0;
    for (let chunk = waiting.shift(); chunk && !stream.destroyed; chunk = waiting.shift()) {
      const step = isCostly ? Math.min(STEP, chunk.length) : chunk.length;
      // ssh2 takes a chunk's own length for its end in places.
      parse.call(protocol, chunk.subarray(0, step), 0, step);
      if ((protocol._queue?.length ?? 0) > QUEUE_MAX) throw new Error('it begins a key exchange and does not end it');
      bytes += step;
      if (step < chunk.length) waiting.unshift(chunk.subarray(step));
      spent = performance.now() - begun;
      if (spent > SLICE_MS) break;
    }
    if (spent > SLICE_MS) isCostly = true;
    else if (bytes >= MUCH && spent < SLICE_MS / 4) isCostly = false;
    return spent;
  };
  const readOn = (): number => {
    let spent = 0;
    waits = false;
    try {
      spent = readSlice();
    } catch (error) {
      // As ssh2 does with what its own listener throws.
      client.emit('error', error instanceof Error ? error : new Error(String(error)));
      stream.destroy();
    }
    if (waiting.length > 0 && !stream.destroyed) wait(spent);
    else stream.resume();
    return spent;
  };
  const wait = (spent: number): void => {
    waits = true;
    stream.pause();
    readLater(readOn, spent);
  };
  /** How long bulk was read in this turn of the event loop, in ms. */
  let spentInTurn = 0;
  const nextTurn = (): void => {
    const wasLong = spentInTurn > SLICE_MS;
    spentInTurn = 0;
    if (wasLong && !waits) stream.resume();
  };
  protocol.parse = (chunk, from, length) => {
    waiting.push(chunk.subarray(from, length));
    if (waits) return;
    const spent = readSlice();
    if (waiting.length > 0 && !stream.destroyed) return wait(spent);
    if (spentInTurn === 0) setImmediate(nextTurn);
    spentInTurn += spent;
    if (spentInTurn > SLICE_MS) stream.pause();
  };
}
