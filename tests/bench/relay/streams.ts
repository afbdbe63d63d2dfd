import { createHash } from 'node:crypto';
import { quoteWord } from '../../../src/lib/domain/quote.ts';
import { type Way, until } from './session.ts';

/** A file that is streamed, and what must arrive of it. */
export interface Sample {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface StreamCost {
  /** Seconds from the word to go to the last byte. */
  readonly wall: number;
  /** CPU seconds of what stands between server and client. */
  readonly cpu: number;
}

/**
 * Streams a sample. The clock runs between the word to go and the last byte, so that no way pays for its login.
 * @param verify also compares the hash, which costs time of its own: such a run is no measurement
 * @throws when bytes are lost, doubled or changed
 */
export async function stream(way: Way, sample: Sample, pty: boolean, verify: boolean): Promise<StreamCost> {
  // The marker is not in the line itself: a shell with a terminal echoes that.
  const raw = pty ? 'stty raw -echo; ' : '';
  const command = `${raw}printf 'READY%d' 7; read -r go; cat ${quoteWord(sample.path)}; read -r stop`;
  const session = await way.open(command, pty);
  await until(session, 'READY7');
  const hash = createHash('sha256');
  let received = 0;
  const cpuBefore = way.cpuSeconds(session);
  const begun = performance.now();
  await new Promise<void>((resolve, reject) => {
    session.onData = (chunk) => {
      received += chunk.length;
      if (verify) hash.update(chunk);
      if (received >= sample.bytes) resolve();
    };
    session.ended.then(() => reject(new Error(`${way.name}: the end after ${received} bytes`)), reject);
    session.write('go\n');
  });
  const wall = (performance.now() - begun) / 1000;
  const cpu = way.cpuSeconds(session) - cpuBefore;
  session.write('stop\n');
  await session.ended;
  if (received !== sample.bytes) throw new Error(`${way.name}: ${received} bytes came of ${sample.bytes}`);
  if (verify && hash.digest('hex') !== sample.sha256) throw new Error(`${way.name}: the bytes are others`);
  return { wall, cpu };
}
