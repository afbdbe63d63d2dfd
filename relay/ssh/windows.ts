/**
 * What a server may have on its way in one channel, in bytes. 2 MiB is ssh2's own number: 68 MB/s over 20 ms. A terminal's
 * is less, because after Ctrl-C a person waits for all of it (web-terminals.md 3.4: 4.4 MB or 0.9): 11 MB/s over 20 ms. The
 * least is one packet.
 */
export const WINDOW = { stream: 2 * 1024 * 1024, terminal: 256 * 1024, least: 32 * 1024 } as const;

/** What a device may have on its way in all of its channels, in bytes, but for the least of each. */
const WINDOWS_MAX = 16 * 1024 * 1024;

/** Shares WINDOWS_MAX out to the channels of one device: the first get what they want, later ones an eighth of the rest. */
export class Windows {
  #left = WINDOWS_MAX;

  /** The window of a new channel. @param wanted in bytes */
  take(wanted: number): number {
    const window = Math.max(WINDOW.least, Math.min(wanted, Math.floor(this.#left / 8)));
    this.#left -= window;
    return window;
  }

  /** A channel is gone. @param window what `take` gave it */
  give(window: number): void {
    this.#left += window;
  }
}
