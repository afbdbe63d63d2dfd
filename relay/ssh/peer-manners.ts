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

interface HandlerInternals {
  readonly _protocol: { readonly _handlers: Record<string, ((...parameters: unknown[]) => void) | undefined> };
}

interface ParserInternals {
  readonly _protocol: { parse: (chunk: Buffer, from: number, length: number) => void };
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
    handlers[name] = (protocol, what, ...rest) => {
      if (!budget.take()) return onTooMany();
      if (what !== 'hostkeys-00@openssh.com') handle(protocol, what, ...rest);
    };
  }
}

/**
 * Lets other connections be read after SLICE_MS. Node reads a socket up to 32 times in a row, 2 MiB; in packets of one byte
 * that is half a second.
 */
export function takeTurns(client: SshClient, stream: Duplex): void {
  const { _protocol: protocol } = client as unknown as ParserInternals;
  const { parse } = protocol;
  let spent = 0;
  protocol.parse = (...chunk) => {
    const begun = performance.now();
    try {
      parse.apply(protocol, chunk);
    } finally {
      spent += performance.now() - begun;
      if (spent > SLICE_MS) {
        spent = 0;
        stream.pause();
        setImmediate(() => stream.resume());
      }
    }
  };
}
