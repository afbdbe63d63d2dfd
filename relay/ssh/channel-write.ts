import type { SshChannel } from './client.ts';
import { outboxOf } from './outbox.ts';

type Callback = (error?: Error | null) => void;

/** The one write of a stream that is on its way into a channel; ssh2 never calls back for one on a closed channel. */
export class ChannelWrite {
  readonly #channel: SshChannel;
  #pending: Callback | null = null;
  #callOff: () => void = () => undefined;

  constructor(channel: SshChannel) {
    this.#channel = channel;
  }

  /** @param callback called once, when the channel's window has taken the chunk or `settle` is called */
  start(chunk: Buffer, callback: Callback): void {
    this.#pending = callback;
    const { _client: client } = this.#channel as unknown as { readonly _client: object };
    this.#callOff = outboxOf(client).whenClear(() => this.#channel.write(chunk, () => this.settle()));
  }

  /** Nothing more is taken. */
  settle(): void {
    const callback = this.#pending;
    this.#pending = null;
    this.#callOff();
    callback?.();
  }
}
