import { Duplex } from 'node:stream';
import { inflowsOf } from './channel-flow.ts';
import { ChannelWrite } from './channel-write.ts';
import type { SshChannel } from './client.ts';
import type { Inflow, InflowReader } from './inflow.ts';

/** It holds this many bytes on their way to the device; on their way back the window of windows.ts is the bound. */
const STREAM_BYTES = 32 * 1024;

/**
 * A TCP connection on an SSH channel, as a stream like any other. Not the channel itself: writes to that never call back
 * once it is closed, its `destroy` is another, and a connection that was lost looks as if the other side had ended.
 * To be made in the turn in which the channel was opened.
 */
export class TcpStream extends Duplex implements InflowReader {
  readonly #channel: SshChannel;
  readonly #inflow: Inflow;
  /** The connection was lost before the channel had ended. */
  #lost = false;
  wantsMore = false;
  #closed = false;
  readonly #writing: ChannelWrite;

  /** @param isLost whether the connection below is gone; asked when the channel ends */
  constructor(channel: SshChannel, isLost: () => boolean) {
    // What comes in waits in the inflow, where small pieces are joined and the window counts them.
    super({ readableHighWaterMark: 1, writableHighWaterMark: STREAM_BYTES });
    this.#channel = channel;
    this.#writing = new ChannelWrite(channel);
    const { stdout, stderr } = inflowsOf(channel);
    this.#inflow = stdout;
    stderr.discard();
    // A connection that was lost looks as if the other side had ended. Known when the end comes, not when it is read: what
    // came whole is read to its end, even if the connection is lost meanwhile.
    channel.prependOnceListener('end', () => (this.#lost = isLost()));
    stdout.readWith(this);
    channel.once('close', () => {
      this.#closed = true;
      this.#writing.settle();
      // Nobody takes what is written any more; what came before the end is still to be read.
      if (this.#lost) this.destroy(new Error('the connection was lost'));
      else if (this.readableEnded) this.destroy();
      else this.once('end', () => this.destroy());
    });
  }

  onArrival(): void {
    if (this.wantsMore) this._read();
  }

  override _read(): void {
    const bytes = this.#inflow.take();
    this.wantsMore = bytes === undefined;
    if (bytes === null && this.#lost) this.destroy(new Error('the connection was lost'));
    else if (bytes !== undefined) this.push(bytes);
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
    this.#inflow.discard();
    this.#writing.settle();
    callback(error);
  }
}
