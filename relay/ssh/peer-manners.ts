import type { Duplex } from 'node:stream';
import { Budget } from '../budget.ts';
import type { SshClient } from './client.ts';

/**
 * Requests that a server may make of its client: global ones and channels that it opens. sshd makes one when a login is
 * done (hostkeys-00@openssh.com) and one for each keepalive (ClientAliveInterval, a second at least).
 */
const REQUESTS = { burst: 64, perSecond: 4 } as const;

/** How long one connection may be read without a break, in ms: a key of another one waits no longer for it. */
const SLICE_MS = 4;

/** A connection that used its slice rests for so many times as long: several of its kind leave time for the others. */
const REST = 2;

/** What is read of a costly connection before the clock is looked at, in bytes: 40 packets of one byte, 0.4 ms. */
const STEP = 2 * 1024;

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
}

/**
 * Lets other connections be read after SLICE_MS. Node reads a socket up to 32 times in a row, 64 KiB each; in packets of one
 * byte that is half a second of work. Bulk never uses up a slice, and is read in whole chunks, which need no copy.
 */
export function takeTurns(client: SshClient, stream: Duplex): void {
  const { _protocol: protocol } = client as unknown as ParserInternals;
  const { parse } = protocol;
  /** What was read and waits for the next slice: a chunk or two, for the stream is paused then. */
  const waiting: Buffer[] = [];
  let isCostly = false;
  let rests = false;
  const run = (): void => {
    const begun = performance.now();
    for (let chunk = waiting.shift(); chunk && !stream.destroyed; chunk = waiting.shift()) {
      const step = isCostly ? Math.min(STEP, chunk.length) : chunk.length;
      // ssh2 takes a chunk's own length for its end in places.
      parse.call(protocol, chunk.subarray(0, step), 0, step);
      if ((protocol._queue?.length ?? 0) > QUEUE_MAX) throw new Error('it begins a key exchange and does not end it');
      if (step < chunk.length) waiting.unshift(chunk.subarray(step));
      const spent = performance.now() - begun;
      isCostly = spent > (isCostly ? SLICE_MS / 4 : SLICE_MS);
      if (spent <= SLICE_MS) continue;
      rests = true;
      stream.pause();
      setTimeout(() => {
        rests = false;
        try {
          run();
        } catch (error) {
          // As ssh2 does with what its own listener throws.
          client.emit('error', error instanceof Error ? error : new Error(String(error)));
          stream.destroy();
        }
        if (!rests) stream.resume();
      }, spent * REST);
      return;
    }
  };
  protocol.parse = (chunk, from, length) => {
    waiting.push(chunk.subarray(from, length));
    if (!rests) run();
  };
}
