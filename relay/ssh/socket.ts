import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Problem } from '#lib/protocol/problem.ts';
import { problemOf, socketProblem } from './problems.ts';

/**
 * Opens a TCP connection. `where`: the endpoint as a person knows it. `deadline`: in ms, name lookup included.
 * Aborting closes the socket at once. The socket has no listeners when it is handed over.
 */
export function openSocket(
  endpoint: { readonly host: string; readonly port: number },
  where: string,
  deadline: number,
  signal: AbortSignal,
): Promise<{ readonly socket: Socket } | { readonly problem: Problem }> {
  return new Promise((resolve) => {
    const socket = connect({ host: endpoint.host, port: endpoint.port, noDelay: true });
    const settle = (problem: Problem | null) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.off('connect', onConnect).off('error', onError);
      if (!problem) return resolve({ socket });
      socket.on('error', () => undefined).destroy();
      resolve({ problem });
    };
    const onConnect = () => settle(null);
    const onError = (error: Error) => settle(socketProblem(error, where));
    const onAbort = () => settle(givenUp(where));
    const timer = setTimeout(() => settle(timedOut(where, deadline)), deadline);
    socket.on('connect', onConnect).on('error', onError);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
}

/** Nobody waits for this connection any more. */
export function givenUp(where: string): Problem {
  return problemOf('connection-lost', `${where}: the attempt was given up before it came about.`);
}

export function timedOut(where: string, deadline: number): Problem {
  return problemOf('connection-timeout', `${where}: no answer within ${deadline / 1000} s.`);
}

/** Destroys a stream and waits until it is closed. */
export async function closeStream(stream: Duplex): Promise<void> {
  if (stream.closed) return;
  const closed = once(stream, 'close').catch(() => undefined);
  stream.destroy();
  await closed;
}
