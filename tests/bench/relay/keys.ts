import { NullPage } from './null-page.ts';
import { type RelayServer, relayWay } from './server.ts';
import { type Session, type Way, until } from './session.ts';

/** What a fast terminal deals with, in bytes per ms: 20 MB/s (web-terminals.md 3.7). */
const TERMINAL_SPEED = 20_000;

/** A program that gives back each byte at once: what is left is the way there and back. */
export const ECHO = "stty raw -echo; printf 'READY%d' 7; exec cat";

/** Types keys one after the other, each when the last has come back. @returns the time of each in ms */
export async function typeKeys(way: Way, count: number): Promise<number[]> {
  const session = await way.open(ECHO, true);
  await until(session, 'READY7');
  const times = await echoTimes(session, count);
  await session.close();
  return times;
}

/** Types keys while another channel of the same relay streams as fast as a terminal takes it. @returns as `typeKeys` */
export async function typeKeysUnderFlood(relay: RelayServer, count: number): Promise<number[]> {
  const request = { target: relay.target, command: 'exec cat /dev/zero', pty: null };
  const flood = await NullPage.open(relay.endpoint, request, TERMINAL_SPEED);
  flood.onData = () => undefined;
  const times = await typeKeys(relayWay(relay), count);
  const { received } = flood;
  flood.close();
  await flood.closed;
  if (received < TERMINAL_SPEED) throw new Error('the flood did not flow');
  return times;
}

function echoTimes(session: Session, count: number): Promise<number[]> {
  const times: number[] = [];
  const key = Buffer.from('k');
  return new Promise((resolve, reject) => {
    let begun = performance.now();
    session.onData = (chunk) => {
      if (chunk.length !== 1) return reject(new Error(`one key came back as ${chunk.length} bytes`));
      times.push(performance.now() - begun);
      if (times.length === count) return resolve(times);
      // Outside of the handler: what the client does after a byte is no part of the next key.
      setImmediate(() => {
        begun = performance.now();
        session.write(key);
      });
    };
    session.ended.then(() => reject(new Error('the end before the last key')), reject);
    session.write(key);
  });
}
