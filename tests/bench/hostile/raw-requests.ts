import { type Socket, connect } from 'node:net';
import type { Attacker } from './case.ts';

/** Connections to the relay that belong to no browser. */

/** A connection; errors are its end, which `closed` tells. Whoever opened it destroys it. */
export interface RawSocket {
  readonly socket: Socket;
  readonly closed: Promise<void>;
}

/** @param port of this machine */
export function openRaw(port: number): RawSocket {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  socket.on('error', () => undefined);
  return { socket, closed: new Promise((resolve) => socket.once('close', () => resolve())) };
}

/** A request as text, with the headers that the relay wants of everybody. */
export function requestOf(
  { relay }: Attacker,
  line: string,
  headers: Readonly<Record<string, string>> = {},
  body = '',
): string {
  const all = { host: `127.0.0.1:${relay.port}`, origin: relay.origin, ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${line} HTTP/1.1\r\n${lines.join('')}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/**
 * Sends the requests again and again on some connections, as fast as they are answered, until the time is over.
 * @param ahead requests that a connection sends at once: HTTP lets a client send the next before the answer
 * @returns how often each status came
 */
export async function askOften(
  attacker: Attacker,
  connections: number,
  requests: readonly string[],
  ahead = 1,
): Promise<Map<string, number>> {
  const statuses = new Map<string, number>();
  let next = 0;
  const one = async (): Promise<void> => {
    const { socket, closed } = openRaw(attacker.relay.port);
    let answers = 0;
    let onAnswers: () => void = () => undefined;
    socket.setEncoding('latin1').on('data', (text: string) => {
      for (const [, status = ''] of text.matchAll(/HTTP\/1\.1 (\d+)/g)) {
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        answers++;
      }
      onAnswers();
    });
    for (let asked = 0; attacker.goesOn() && !socket.destroyed;) {
      socket.write(Array.from({ length: ahead }, () => requests[next++ % requests.length]).join(''));
      asked += ahead;
      const answered = new Promise<void>((resolve) => (onAnswers = () => answers >= asked && resolve()));
      await Promise.race([answered, closed, attacker.timeUp]);
    }
    if (attacker.goesOn()) attacker.wasEnded();
    socket.destroy();
  };
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (attacker.goesOn()) await one();
    }),
  );
  return statuses;
}
