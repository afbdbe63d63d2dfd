import { once, setMaxListeners } from 'node:events';
import { type Server, type Socket, createServer } from 'node:net';
import { type Duplex, Readable, Writable } from 'node:stream';
import type { ForwardReport } from '#lib/protocol/forward.ts';
import { FORWARD_CONNECTIONS_MAX, FORWARD_REPORT_MS } from '#lib/protocol/limits.ts';
import type { ForwardMessage } from '#lib/protocol/messages.ts';
import type { Problem } from '#lib/protocol/problem.ts';
import type { ExecResult, Process, ProcessEnd, Prompter, Transport, TransportTarget, Tunnel } from './transport.ts';

/** The one address that a forward listens on: whoever is on another machine does not reach it. */
const LOOPBACK = '127.0.0.1';

/** A number of connections through forwards: of all, or of one principal's, which is a part of those. */
export class ForwardShare {
  readonly max: number;
  readonly #whole: ForwardShare | undefined;
  #open = 0;

  constructor(max: number, whole?: ForwardShare) {
    this.max = max;
    this.#whole = whole;
  }

  /** Why there is no place for one more, as a sentence; undefined when it has one, which `give` gives back. */
  take(): string | undefined {
    if (this.#open >= this.max)
      return this.#whole
        ? `${this.max} connections are open through all of your forwards, the limit.`
        : `${this.max} connections are open through everybody's forwards, the limit of this relay.`;
    const refused = this.#whole?.take();
    if (refused === undefined) this.#open++;
    return refused;
  }

  give(): void {
    this.#open--;
    this.#whole?.give();
  }

  /** True when nobody has anything of it. */
  get isEmpty(): boolean {
    return this.#open === 0;
  }
}

/**
 * Forwards a port of this machine to `host:port` of the device, as `ssh -L` does. For its channel it is a command like
 * any other: its output are reports (protocol/forward), it takes no input, and it ends when it is killed or its
 * connection to the device is lost; with it the port and every connection through it.
 */
export async function startForward(
  transport: Transport,
  target: TransportTarget,
  request: ForwardMessage,
  prompter: Prompter,
  signal: AbortSignal,
  share: ForwardShare,
): Promise<ExecResult> {
  const result = await transport.tunnel(target, prompter, signal);
  if ('problem' in result) return result;
  const { tunnel } = result;
  const listening = await listen(request.localPort);
  if ('server' in listening)
    return { process: new Forward(listening.server, listening.localPort, tunnel, request, share) };
  tunnel.close();
  return listening;
}

async function listen(
  port: number,
): Promise<{ readonly server: Server; readonly localPort: number } | { readonly problem: Problem }> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true });
  try {
    server.listen(port, LOOPBACK);
    await once(server, 'listening');
  } catch (error) {
    return { problem: { code: 'port-unavailable', message: `Port ${port} of ${LOOPBACK}: ${reasonOf(error)}.` } };
  }
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has a port.');
  return { server, localPort: address.port };
}

/** Why a port cannot be listened on; codes: `bind(2)`. */
function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return 'a program listens there already, perhaps another forward of yours';
  if (code === 'EACCES') return 'ports below 1024 are for root';
  return error instanceof Error ? error.message : String(error);
}

/** A port that listens. Holds at most FORWARD_CONNECTIONS_MAX connections, each with what its two streams buffer. */
class Forward implements Process {
  /** There is nothing to say to it; what is said all the same is taken and dropped. */
  readonly stdin = new Writable({ write: (_chunk, _encoding, done) => done() });
  readonly stdout: Reports;
  readonly stderr = Readable.from([]);
  readonly ended: Promise<ProcessEnd>;
  readonly #server: Server;
  readonly #tunnel: Tunnel;
  readonly #request: ForwardMessage;
  readonly #share: ForwardShare;
  readonly #sockets = new Set<Socket>();
  readonly #abort = new AbortController();
  readonly #report: { -readonly [Field in keyof ForwardReport]: ForwardReport[Field] };
  #settle: (end: ProcessEnd) => void = () => undefined;

  constructor(server: Server, localPort: number, tunnel: Tunnel, request: ForwardMessage, share: ForwardShare) {
    this.#server = server;
    this.#tunnel = tunnel;
    this.#request = request;
    this.#share = share;
    this.#report = { localPort, open: 0, accepted: 0, toDevice: 0, fromDevice: 0, problem: null };
    this.stdout = new Reports(() => JSON.stringify(this.#report));
    this.ended = new Promise((resolve) => (this.#settle = resolve));
    for (const stream of [this.stdin, this.stdout, this.stderr]) stream.on('error', () => undefined);
    setMaxListeners(FORWARD_CONNECTIONS_MAX, this.#abort.signal);
    server.maxConnections = FORWARD_CONNECTIONS_MAX;
    server.on('connection', (socket) => void this.#serve(socket));
    server.on('drop', () =>
      this.#fail({
        code: 'forward-refused',
        message: `${FORWARD_CONNECTIONS_MAX} connections are open through this forward, its limit.`,
      }),
    );
    // Too many open files: those who wait are taken when there is room again.
    server.on('error', (error) =>
      this.#fail({ code: 'port-unavailable', message: `Port ${localPort}: ${error.message}` }),
    );
    void tunnel.lost.then((problem) => this.#end({ code: null, signal: null, problem }));
  }

  resize(): void {
    // It has no terminal.
  }

  signal(): void {
    // And no process on the device.
  }

  kill(): void {
    this.#end({ code: null, signal: null, problem: null });
  }

  #end(end: ProcessEnd): void {
    this.#abort.abort();
    this.#server.close();
    for (const socket of this.#sockets) socket.resetAndDestroy();
    this.#tunnel.close();
    this.stdout.destroy();
    this.#settle(end);
  }

  async #serve(socket: Socket): Promise<void> {
    socket.on('error', () => undefined);
    const refused = this.#share.take();
    if (refused !== undefined) {
      this.#fail({ code: 'forward-refused', message: refused });
      socket.resetAndDestroy();
      return;
    }
    this.#sockets.add(socket);
    this.#report.open++;
    this.#report.accepted++;
    this.stdout.changed();
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#share.give();
      this.#report.open--;
      this.stdout.changed();
    });
    // Until then nothing is read: what the client sends waits in the kernel.
    const result = await this.#tunnel.connect(this.#request.host, this.#request.port, this.#abort.signal);
    if ('problem' in result) {
      this.#fail(result.problem);
      socket.resetAndDestroy();
      return;
    }
    this.#report.problem = null;
    this.#join(socket, result.stream);
  }

  /** Carries bytes both ways, each as fast as its reader, and each end for itself. */
  #join(socket: Socket, stream: Duplex): void {
    if (socket.destroyed) return void stream.destroy();
    stream.on('error', () => undefined);
    // Whatever is cut off is seen to be: a reset, not an end.
    stream.once('close', () => (stream.errored ? socket.resetAndDestroy() : socket.destroySoon()));
    socket.once('close', () => stream.destroy());
    socket.on('data', (bytes) => this.#count('toDevice', bytes)).pipe(stream);
    stream.on('data', (bytes: Buffer) => this.#count('fromDevice', bytes)).pipe(socket);
  }

  #count(direction: 'toDevice' | 'fromDevice', bytes: Buffer): void {
    this.#report[direction] += bytes.length;
    this.stdout.changed();
  }

  #fail(problem: Problem): void {
    this.#report.problem = problem;
    this.stdout.changed();
  }
}

/** The reports as a stream of lines. Made when they are read: while nobody does, one that is old does not wait. */
class Reports extends Readable {
  readonly #make: () => string;
  #wanted = false;
  #due = true;
  /** The first is said at once. */
  #delay = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(make: () => string) {
    super({ highWaterMark: 1 });
    this.#make = make;
  }

  /** There is something new to say. */
  changed(): void {
    this.#due = true;
    this.#schedule();
  }

  override _read(): void {
    this.#wanted = true;
    this.#schedule();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    clearTimeout(this.#timer);
    callback(error);
  }

  #schedule(): void {
    if (this.#wanted && this.#due && !this.destroyed) this.#timer ??= setTimeout(() => this.#say(), this.#delay);
  }

  #say(): void {
    this.#timer = undefined;
    this.#delay = FORWARD_REPORT_MS;
    this.#wanted = false;
    this.#due = false;
    this.push(`${this.#make()}\n`);
  }
}
