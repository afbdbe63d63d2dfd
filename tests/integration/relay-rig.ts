import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { WebSocket as NodeWebSocket } from 'ws';
import {
  Channel,
  type ChannelEnd,
  type ChannelHandlers,
  type ForwardRequest,
  type OpenRequest,
} from '#lib/client/channel.ts';
import type { BackOff } from '#lib/client/back-off.ts';
import { runCommand } from '#lib/client/command.ts';
import { signedInSchema, targetSchema } from '#lib/protocol/http.ts';
import type { Prompt, Size, Stream } from '#lib/protocol/messages.ts';
import { parse } from 'valibot';
import { originsOf } from '../../relay/flags.ts';
import { listen } from '../../relay/listen.ts';
import { type RelayOptions, createRelay } from '../../relay/relay.ts';

/** A relay on a port of its own with a signed-in client, in one process. Whoever started it closes it. */
export interface RelayRig {
  readonly server: Server;
  readonly port: number;
  readonly cookie: string;
  /** What its page shows beside the cookie. */
  readonly key: string;
  readonly origin: string;
  readonly stateDirectory: string;
  /** Its home: `.ssh` in it is the relay's. */
  readonly home: string;
  fetch(path: string, init?: RequestInit & { headers?: Record<string, string> }): Promise<Response>;
  addTarget(address: string): Promise<string>;
  trust(target: string, fingerprint: string): Promise<Response>;
  /** Opens a channel with the app's own client. */
  open(request: OpenRequest, handlers?: Partial<ChannelHandlers>, way?: Way): TestChannel;
  /** Opens a port forward with the app's own client; its text is the reports. */
  forward(request: ForwardRequest, handlers?: Partial<ChannelHandlers>): TestChannel;
  resume(id: string, handlers?: Partial<ChannelHandlers>): TestChannel;
  /** Runs a command to its end with the app's own client. */
  run(
    target: string,
    command: string,
    more?: { stdin?: string; answer?: (prompt: Prompt) => string[] | null },
  ): ReturnType<typeof runCommand>;
  /** A bare socket that speaks whatever the test says. */
  rawSocket(headers?: Record<string, string>): NodeWebSocket;
  /** Another person's sign-in, as the headers of their requests. */
  signInAgain(): Promise<Record<string, string>>;
  newToken(): string;
  close(): Promise<void>;
}

/** How a client gets to the relay, if not straight. */
export interface Way {
  /** A port of this machine that leads to the relay's. */
  readonly port?: number;
  readonly backOff?: BackOff;
}

/** Of the relay; what the rig has itself aside. `app` is the folder of a built app to serve. */
export type RigOptions = Partial<Omit<RelayOptions, 'home' | 'stateDirectory'>> & { readonly app?: string };

/** A channel whose output is collected, and which a test can wait on. */
export interface TestChannel {
  readonly channel: Channel;
  /** What has arrived, as text or bytes. */
  text(stream?: Stream): string;
  bytes(): Buffer;
  readonly gaps: readonly [number, number][];
  /** The sizes that output was made for, with the count of bytes that came before; null: this page's own. */
  readonly sizes: readonly (readonly [number, Size | null])[];
  /** Resolves when the text holds `what`. */
  until(what: string | RegExp): Promise<string>;
  readonly ended: Promise<ChannelEnd>;
  /** Breaks the TCP connection under the channel, without a closing handshake. */
  cut(): void;
  /** Goes away for good, as a page that is reloaded: its socket breaks and it never comes back. */
  leave(): void;
  write(text: string): void;
}

export async function startRelayRig(options: RigOptions = {}): Promise<RelayRig> {
  const stateDirectory = await mkdtemp(join(tmpdir(), 'workbench-state-'));
  const home = await mkdtemp(join(tmpdir(), 'workbench-home-'));
  const host = '127.0.0.1';
  const relay = createRelay({ log: pino({ level: 'silent' }), ...options, stateDirectory, home });
  const { server, port } = await listen(relay, {
    port: 0,
    host,
    ...(options.app !== undefined && { app: options.app }),
  });
  relay.gate.allow(originsOf({ host, proxy: undefined }, port));
  const origin = `http://127.0.0.1:${port}`;
  const newToken = (): string => relay.newLink().replace(/^.*token=/, '');
  const signIn = async (): Promise<Record<'cookie' | 'workbench-key', string>> => {
    const signedIn = await fetch(`${origin}/session`, {
      method: 'POST',
      headers: { origin },
      body: JSON.stringify({ token: newToken() }),
    });
    const { key } = parse(signedInSchema, await signedIn.json());
    return { cookie: (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '', 'workbench-key': key };
  };
  const mine = await signIn();

  const sockets = new Set<NodeWebSocket>();
  const rawSocket = (headers: Record<string, string> = { ...mine, origin }, through = port): NodeWebSocket => {
    const address = `ws://127.0.0.1:${through}/channel`;
    const socket = new NodeWebSocket(address, { headers: { host: `127.0.0.1:${port}`, ...headers } });
    sockets.add(socket);
    // The client looks at `close` only, as a page does; without a listener Node would take it for a crash.
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    return socket;
  };
  const rigFetch: RelayRig['fetch'] = (path, init = {}) =>
    fetch(`${origin}${path}`, { ...init, headers: { origin, ...mine, ...init.headers } });

  const collect = (
    start: (handlers: ChannelHandlers, createSocket: () => WebSocket) => Channel,
    handlers: Partial<ChannelHandlers>,
    through?: number,
  ) => {
    const chunks: { stream: Stream; bytes: Buffer }[] = [];
    const gaps: [number, number][] = [];
    const sizes: [number, Size | null][] = [];
    let count = 0;
    const waiters = new Set<() => void>();
    let current: NodeWebSocket | undefined;
    let gone = false;
    const silent = { readyState: 3, send: () => undefined, close: () => undefined } as unknown as WebSocket;
    let resolveEnd: (end: ChannelEnd) => void = () => undefined;
    const ended = new Promise<ChannelEnd>((resolve) => (resolveEnd = resolve));
    const channel = start(
      {
        onData: (bytes, stream) => {
          chunks.push({ stream, bytes: Buffer.from(bytes) });
          count += bytes.length;
          channel.consumed(bytes.length);
          for (const check of waiters) check();
        },
        onGap: (from, to) => gaps.push([from, to]),
        onSize: (size) => sizes.push([count, size]),
        onEnd: (end) => resolveEnd(end),
        ...handlers,
      },
      () => (gone ? silent : ((current = rawSocket(undefined, through)) as unknown as WebSocket)),
    );
    const bytes = (stream?: Stream): Buffer =>
      Buffer.concat(chunks.filter((chunk) => !stream || chunk.stream === stream).map((chunk) => chunk.bytes));
    const text = (stream?: Stream): string => bytes(stream).toString('utf8');
    return {
      channel,
      text,
      bytes: () => bytes(),
      gaps,
      sizes,
      ended,
      cut: () => current?.terminate(),
      leave: () => {
        gone = true;
        current?.terminate();
      },
      write: (input: string) => void channel.write(new TextEncoder().encode(input)),
      until: (what: string | RegExp) =>
        new Promise<string>((resolve, reject) => {
          const check = (): void => {
            const all = text();
            if (typeof what === 'string' ? !all.includes(what) : !what.test(all)) return;
            waiters.delete(check);
            resolve(all);
          };
          waiters.add(check);
          void ended.then((end) => {
            check();
            reject(new Error(`ended (${JSON.stringify(end)}) before ${what} came; got: ${text().slice(-2000)}`));
          });
          check();
        }),
    };
  };
  const explain = () => Promise.resolve({ code: 'relay-unreachable', message: 'socket refused' } as const);

  return {
    server,
    port,
    cookie: mine.cookie,
    key: mine['workbench-key'],
    origin,
    stateDirectory,
    home,
    fetch: rigFetch,
    rawSocket,
    newToken,
    signInAgain: async () => ({ ...(await signIn()), origin }),
    addTarget: async (text) => {
      const response = await rigFetch('/targets', { method: 'POST', body: JSON.stringify({ address: text }) });
      return parse(targetSchema, await response.json()).id;
    },
    trust: (target, fingerprint) =>
      rigFetch(`/targets/${target}/host-key`, { method: 'PUT', body: JSON.stringify({ fingerprint }) }),
    open: (request, handlers = {}, { port: through, backOff } = {}) =>
      collect(
        (all, createSocket) => Channel.open(request, all, { createSocket, explain, ...(backOff && { backOff }) }),
        handlers,
        through,
      ),
    forward: (request, handlers = {}) =>
      collect((all, createSocket) => Channel.forward(request, all, { createSocket, explain }), handlers),
    resume: (id, handlers = {}) =>
      collect((all, createSocket) => Channel.resume(id, all, { createSocket, explain }), handlers),
    run: (target, command, { stdin, answer } = {}) =>
      runCommand(
        {
          target,
          command,
          ...(stdin !== undefined && { stdin }),
          onPrompt: (prompt, reply) => reply(answer?.(prompt) ?? null),
        },
        { createSocket: () => rawSocket() as unknown as WebSocket, explain },
      ),
    close: async () => {
      for (const socket of sockets) socket.terminate();
      await relay.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await Promise.all([stateDirectory, home].map((directory) => rm(directory, { recursive: true, force: true })));
    },
  };
}
