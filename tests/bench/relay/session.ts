/** A command that runs on the server under test, seen through one of the ways that are compared. */
export interface Session {
  /** Gets all output; a chunk is good only until it returns. */
  set onData(listener: (chunk: Buffer) => void);
  write(bytes: Buffer | string): void;
  /** Settles when the command has ended and all output was handed over, or after `close`. Rejects for every other end. */
  readonly ended: Promise<void>;
  /** Ends the command. */
  close(): Promise<void>;
}

/** One of the ways that are compared. */
export interface Way {
  readonly name: string;
  /** Starts a command; `pty`: in a terminal. Resolves when it runs, or may do so. */
  open(command: string, pty: boolean): Promise<Session>;
  /** Seconds of CPU that what stands between server and client has used so far for this session. */
  cpuSeconds(session: Session): number;
}

/** Terminals are as large as people's. */
export const COLUMNS = 120;
export const ROWS = 40;

/** Resolves when the output holds `marker`, which output from before this call does not count for. */
export function until(session: Session, marker: string): Promise<void> {
  let tail = '';
  return new Promise((resolve, reject) => {
    session.onData = (chunk) => {
      tail = (tail + chunk.toString('latin1')).slice(-4096);
      if (tail.includes(marker)) resolve();
    };
    session.ended.then(() => reject(new Error(`it ended before "${marker}"; it said: ${tail}`)), reject);
  });
}
