import type { Readable } from 'node:stream';

/** Longest line, in bytes: a start with eight host keys has 6 kB. */
export const LINE_MAX = 64 * 1024;

/**
 * Reads messages of one JSON line each. Node's own IPC channel would read a line without a bound, and whoever is at the
 * other end might have been taken over. Calls `onBroken` for a line that is too long or no JSON, and reads no further.
 */
export function readMessages(stream: Readable, onMessage: (message: unknown) => void, onBroken: () => void): void {
  let line = '';
  const stop = (): void => {
    stream.removeListener('data', take);
    stream.destroy();
    onBroken();
  };
  const take = (chunk: string): void => {
    const lines = (line + chunk).split('\n');
    line = lines.pop() ?? '';
    for (const text of lines) {
      let message: unknown;
      try {
        message = JSON.parse(text);
      } catch {
        return stop();
      }
      onMessage(message);
      if (stream.destroyed) return;
    }
    if (line.length > LINE_MAX) stop();
  };
  stream.setEncoding('latin1');
  stream.on('data', take);
}

/** One message as a line, in ASCII: what comes in two chunks then needs no decoder. */
export function lineOf(message: object): string {
  const text = JSON.stringify(message);
  return `${text.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}
