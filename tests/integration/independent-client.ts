import { WebSocket } from 'ws';

/**
 * A client of the relay, written from src/lib/protocol/PROTOCOL.md alone: it imports nothing of the project, so what it
 * cannot do is missing in that text.
 */

export type Message = { readonly type: string } & Readonly<Record<string, unknown>>;

const INPUT_WINDOW = 262_144;
const ACK_EVERY = 65_536;

/** Signs in with a printed link; gives the headers of all that follows. */
export async function signIn(link: string): Promise<Record<string, string>> {
  const { origin, hash } = new URL(link);
  const response = await fetch(`${origin}/session`, {
    method: 'POST',
    headers: { origin },
    body: JSON.stringify({ token: hash.replace('#token=', '') }),
  });
  const answer = (await response.json()) as { problem: string } | { key: string };
  if ('problem' in answer) throw new Error(answer.problem);
  return { origin, 'workbench-key': answer.key, cookie: (response.headers.get('set-cookie') ?? '').replace(/;.*/, '') };
}

/** One channel, over as many sockets as it takes. */
export class IndependentChannel {
  /** Every message that came, in order. */
  readonly heard: Message[] = [];
  readonly output: Record<string, Buffer[]> = { stdout: [], stderr: [] };
  /** The sizes that output was made for, with the offset of its first byte. */
  readonly sizes: { offset: number; columns: number; rows: number }[] = [];
  /** Byte ranges of output that are gone. */
  readonly gaps: [number, number][] = [];
  readonly closed: Promise<Message>;
  /** While true, output is received and not dealt with. */
  stalled = false;
  answer: (prompt: Message) => readonly string[] | null = () => null;

  readonly #headers: Record<string, string>;
  #socket: WebSocket | undefined;
  #secret = '';
  #stream = 'stdout';
  #received = 0;
  #dealtWith = 0;
  #acknowledged = 0;
  /** Stdin from offset #kept on; the relay has what is below. */
  #input = Buffer.alloc(0);
  #kept = 0;
  #sent = 0;
  #taken = 0;
  #inputEnded = false;
  #endSaid = false;
  #begun = false;
  #isReady = false;
  readonly #watchers = new Set<() => void>();
  #resolveClosed: (message: Message) => void = () => undefined;

  constructor(headers: Record<string, string>) {
    this.#headers = headers;
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
  }

  /** Starts a command, or as another page goes on with a channel. */
  static async begin(
    headers: Record<string, string>,
    first: Message,
    answer?: (prompt: Message) => readonly string[] | null,
  ): Promise<IndependentChannel> {
    const channel = new IndependentChannel(headers);
    if (answer) channel.answer = answer;
    await channel.#connect(first);
    return channel;
  }

  get secret(): string {
    return this.#secret;
  }

  get received(): number {
    return this.#received;
  }

  text(stream = 'stdout'): string {
    return Buffer.concat(this.output[stream] ?? []).toString();
  }

  send(message: Message): void {
    this.#socket?.send(JSON.stringify(message));
  }

  /** A text frame as it is, to break the rules. */
  sendText(text: string): void {
    this.#socket?.send(text);
  }

  write(bytes: Buffer | string): void {
    this.#input = Buffer.concat([this.#input, Buffer.from(bytes)]);
    this.#sendInput();
  }

  end(): void {
    this.#inputEnded = true;
    this.#sendInput();
  }

  /** Deals with what was left lying. */
  goOn(): void {
    this.stalled = false;
    this.#dealtWith = this.#received;
    this.#acknowledge();
  }

  /** Breaks the socket, and comes back. */
  async comeBack(): Promise<void> {
    this.#isReady = false;
    this.#socket?.removeAllListeners();
    this.#socket?.on('error', () => undefined).terminate();
    await this.#connect({ type: 'resume', channel: this.#secret, received: this.#received });
    await this.until(() => this.#isReady);
  }

  /** Breaks the socket for good. */
  vanish(): void {
    this.#socket?.removeAllListeners();
    this.#socket?.on('error', () => undefined).terminate();
  }

  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!condition()) return;
        this.#watchers.delete(check);
        resolve();
      };
      this.#watchers.add(check);
      check();
    });
  }

  async #connect(first: Message): Promise<void> {
    const socket = new WebSocket(`${this.#headers['origin']?.replace('http', 'ws')}/channel`, {
      headers: this.#headers,
      perMessageDeflate: false,
    });
    this.#socket = socket;
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) this.#receiveBytes(data);
      else this.#receive(JSON.parse(data.toString()) as Message);
      for (const check of [...this.#watchers]) check();
    });
    this.send(first);
  }

  #receive(message: Message): void {
    this.heard.push(message);
    switch (message.type) {
      case 'ready': {
        const { channel, received, sent } = message as Message & { channel: string; received: number; sent: number };
        this.#secret = channel;
        if (sent > this.#received) {
          this.gaps.push([this.#received, sent]);
          this.#dealtWith += sent - this.#received;
        }
        this.#received = sent;
        this.#stream = 'stdout';
        // A page that was loaded anew begins where the one before was.
        if (!this.#begun) this.#kept = received;
        this.#begun = true;
        this.#forget(received);
        this.#sent = received;
        this.#endSaid = false;
        this.#isReady = true;
        if (received > 0 || sent > 0) this.#acknowledge();
        return this.#sendInput();
      }
      case 'data':
        this.#stream = String(message['stream']);
        return;
      case 'resize':
        this.sizes.push({
          offset: this.#received,
          columns: Number(message['columns']),
          rows: Number(message['rows']),
        });
        return;
      case 'ack':
        this.#taken = Number(message['received']);
        this.#forget(this.#taken);
        return this.#sendInput();
      case 'prompt':
        return this.send({ type: 'answer', prompt: message['prompt'], answers: this.answer(message) });
      case 'close':
        this.send({ type: 'close' });
        return this.#resolveClosed(message);
    }
  }

  #receiveBytes(bytes: Buffer): void {
    this.#received += bytes.length;
    this.output[this.#stream]?.push(bytes);
    if (this.stalled) return;
    this.#dealtWith = this.#received;
    if (this.#dealtWith - this.#acknowledged >= ACK_EVERY) return this.#acknowledge();
    // Whatever else came in this turn is dealt with first.
    setImmediate(() => {
      if (!this.stalled && this.#dealtWith === this.#received && this.#acknowledged < this.#received)
        this.#acknowledge();
    });
  }

  /** The relay has stdin up to here, for good. */
  #forget(offset: number): void {
    this.#input = this.#input.subarray(offset - this.#kept);
    this.#kept = offset;
  }

  #acknowledge(): void {
    this.#acknowledged = this.#dealtWith;
    if (this.#socket?.readyState === WebSocket.OPEN) this.send({ type: 'ack', received: this.#dealtWith });
  }

  #sendInput(): void {
    if (!this.#isReady || this.#socket?.readyState !== WebSocket.OPEN) return;
    const end = this.#kept + this.#input.length;
    while (this.#sent < end && this.#sent - this.#taken < INPUT_WINDOW) {
      const frame = this.#input.subarray(this.#sent - this.#kept, this.#sent - this.#kept + 32_768);
      this.#socket.send(frame);
      this.#sent += frame.length;
    }
    if (!this.#inputEnded || this.#endSaid || this.#sent < end) return;
    this.#endSaid = true;
    this.send({ type: 'end' });
  }
}
