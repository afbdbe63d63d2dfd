import { Duplex } from 'node:stream';
import { ChannelWrite } from './channel-write.ts';
import type { SshChannel } from './client.ts';

/** It holds this many bytes in each direction; behind it stands ssh2's window of 2 MiB (MAX_WINDOW). */
const STREAM_BYTES = 64 * 1024;

/**
 * A TCP connection on an SSH channel, as a stream like any other. Not the channel itself: writes to that never call back
 * once it is closed, its `destroy` is another, and a connection that was lost looks as if the other side had ended.
 * To be made in the turn in which the channel was opened.
 */
export class TcpStream extends Duplex {
  readonly #channel: SshChannel;
  #closed = false;
  readonly #writing: ChannelWrite;

  /** @param isLost whether the connection below is gone; asked when the channel ends */
  constructor(channel: SshChannel, isLost: () => boolean) {
    super({ highWaterMark: STREAM_BYTES });
    this.#channel = channel;
    this.#writing = new ChannelWrite(channel);
    const endOrFail = (end: () => void) => (isLost() ? this.destroy(new Error('the connection was lost')) : end());
    channel.on('data', (chunk: Buffer) => {
      if (!this.destroyed && !this.push(chunk)) channel.pause();
    });
    channel.once('end', () => endOrFail(() => this.push(null)));
    // A write that crosses the channel's end.
    channel.on('error', () => undefined);
    channel.once('close', () => {
      this.#closed = true;
      this.#writing.settle();
      // Nobody takes what is written any more; what came before the end is still to be read.
      endOrFail(() => (this.readableEnded ? this.destroy() : this.once('end', () => this.destroy())));
    });
  }

  override _read(): void {
    this.#channel.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    if (this.#closed) return callback();
    this.#writing.start(chunk, callback);
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#channel.end();
    callback();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#channel.end();
    this.#channel.close();
    // Unread, it would never be done (mscdex/ssh2#412).
    this.#channel.resume();
    this.#writing.settle();
    callback(error);
  }
}
