import { NullPage } from './null-page.ts';
import { forgetPeak, peakBytes, residentBytes } from './process-cost.ts';
import { PTY, type RelayServer } from './server.ts';

/** A terminal that is flooded. */
const FLOOD = `stty -echo; exec yes ${'x'.repeat(69)}`;

const CTRL_C = Buffer.from('\x03');

const MB = 1_000_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export interface Stall {
  /** How much memory the relay takes more while the reader stalls, at its highest. */
  readonly growthMb: number;
  /** What arrives between Ctrl-C and the end of the command. */
  readonly backlogMb: number;
}

/** A page that hangs for a while under a flood, and then types Ctrl-C. */
export async function stallUnderFlood(relay: RelayServer, stallMs: number): Promise<Stall> {
  const page = await NullPage.open(relay.endpoint, { target: relay.target, command: FLOOD, pty: PTY });
  // The memory that a stream needs is not what is measured.
  await arrives(page, 64 * MB);
  page.stall();
  forgetPeak(relay.pid);
  const before = residentBytes(relay.pid);
  await pause(stallMs);
  const growth = peakBytes(relay.pid) - before;
  const received = page.received;
  page.socket.sendBytes(CTRL_C);
  page.goOn();
  const problem = await page.closed;
  if (problem !== null) throw new Error(`the flood ended with ${problem}`);
  return { growthMb: growth / MB, backlogMb: (page.received - received) / MB };
}

function arrives(page: NullPage, bytes: number): Promise<void> {
  return new Promise((resolve) => {
    const check = (): void => {
      if (page.received >= bytes) resolve();
    };
    page.onData = check;
    check();
  });
}

/** Opens login shells with a terminal, and leaves them alone. @returns bytes of memory that each costs the relay */
export async function idleTerminals(relay: RelayServer, count: number): Promise<number> {
  const pages: NullPage[] = [];
  const open = async (): Promise<void> => {
    const page = await NullPage.open(relay.endpoint, { target: relay.target, command: null, pty: PTY });
    pages.push(page);
    await arrives(page, 1);
  };
  await open();
  await pause(SETTLE_MS);
  const before = residentBytes(relay.pid);
  // As many at a time as OpenSSH lets log in without losing some (MaxStartups).
  for (let opened = 0; opened < count; opened += 8)
    await Promise.all(Array.from({ length: Math.min(8, count - opened) }, open));
  await pause(SETTLE_MS);
  const after = residentBytes(relay.pid);
  for (const page of pages) page.close();
  await Promise.all(pages.map(({ closed }) => closed));
  return (after - before) / count;
}

/** The last prompts arrive. In ms. */
const SETTLE_MS = 1_000;

/** A stream has its memory when this share of it is through; what counts is whether more is taken then. */
const WARM_UP = 0.02;

/** How much memory the relay takes more the longer a stream of `bytes` gets, at its highest; in bytes. */
export async function download(relay: RelayServer, bytes: number): Promise<number> {
  const command = `head -c ${bytes} /dev/zero`;
  const page = await NullPage.open(relay.endpoint, { target: relay.target, command, pty: null });
  await arrives(page, bytes * WARM_UP);
  forgetPeak(relay.pid);
  const before = residentBytes(relay.pid);
  const problem = await page.closed;
  if (problem !== null || page.received !== bytes) throw new Error(`${page.received} bytes came, and ${problem}`);
  return peakBytes(relay.pid) - before;
}

/** The same the other way; the server counts what arrives. */
export async function upload(relay: RelayServer, bytes: number): Promise<number> {
  const page = await NullPage.open(relay.endpoint, { target: relay.target, command: 'wc -c', pty: null });
  let said = '';
  page.onData = (part) => (said += part.toString());
  await page.sendZeros(bytes * WARM_UP);
  forgetPeak(relay.pid);
  const before = residentBytes(relay.pid);
  await page.sendZeros(bytes * (1 - WARM_UP));
  page.end();
  const problem = await page.closed;
  if (problem !== null || Number(said) !== bytes) throw new Error(`${said} bytes of ${bytes} arrived, and ${problem}`);
  return peakBytes(relay.pid) - before;
}
