import type { Connection, PseudoTtyInfo, ServerChannel, Session } from 'ssh2';
import { Terminal } from '../terminal/terminal.ts';
import { ChannelSink, ChannelSource } from './channel-io.ts';

/** A command or shell that a client asked for. */
export interface SessionRequest {
  /** Null: a login shell. */
  readonly command: string | null;
  readonly terminal: Terminal | null;
  readonly environment: Readonly<Record<string, string>>;
  readonly stdin: ChannelSource;
  readonly stdout: ChannelSink;
  readonly stderr: ChannelSink;
  /** Aborted with a signal's name when the client sends a signal or is gone (HUP). */
  readonly signal: AbortSignal;
}

/** How the command ended; `lingering` settles when what it left in the background has ended. */
export interface SessionEnd {
  readonly status: number;
  readonly lingering: Promise<unknown>;
}

export type SessionRunner = (request: SessionRequest) => Promise<SessionEnd>;

/** Variables that a client may send, as ChromeOS's AcceptEnv; more than this many are refused. */
const ENVIRONMENT_LIMIT = 32;

let nextTerminal = 0;

/** Serves one session channel: collects its pty and environment, then runs one command or shell. */
export function serveSession(session: Session, connection: Connection, run: SessionRunner): void {
  const environment: Record<string, string> = {};
  const ended = new AbortController();
  let size: PseudoTtyInfo | null = null;
  let terminalType = 'xterm';
  let terminal: Terminal | null = null;

  session.on('error', () => undefined);
  session.on('env', (accept, reject, { key, val }) => {
    const allowed = /^(?:LANG|LC_\w+)$/.test(key) && Object.keys(environment).length < ENVIRONMENT_LIMIT;
    if (allowed) environment[key] = val.slice(0, 1024);
    (allowed ? (accept as (() => void) | undefined) : (reject as (() => void) | undefined))?.();
  });
  session.on('pty', (accept, _reject, info) => {
    size = info;
    const { term } = info as PseudoTtyInfo & { term?: unknown };
    if (typeof term === 'string' && term !== '') terminalType = term;
    (accept as (() => void) | undefined)?.();
  });
  session.on('window-change', (accept, _reject, info) => {
    terminal?.resize({ columns: info.cols, rows: info.rows });
    (accept as (() => void) | undefined)?.();
  });
  session.on('signal', (accept, _reject, { name }) => {
    // With a terminal the signal is for what runs there; without one it ends the command.
    if (terminal?.foreground) terminal.foreground.abort(name);
    else ended.abort(name);
    (accept as (() => void) | undefined)?.();
  });

  const begin = (channel: ServerChannel, command: string | null) => {
    const closed = new AbortController();
    const vanish = () => {
      closed.abort();
      ended.abort('HUP');
    };
    channel.on('error', vanish);
    channel.on('close', vanish);
    channel.stderr.on('error', () => undefined);
    connection.once('close', vanish);
    const stdin = new ChannelSource(channel);
    const stdout = new ChannelSink(channel, closed.signal);
    const stderr = new ChannelSink(channel.stderr, closed.signal);
    if (size) {
      const name = `pts/${String(nextTerminal++ % 64)}`;
      terminal = new Terminal({ columns: size.cols, rows: size.rows, name, type: terminalType, write: stdout });
      void pump(stdin, terminal, closed.signal);
    }
    const request = { command, terminal, environment, stdin, stdout, stderr, signal: ended.signal };
    void finish(channel, run(request), ended.signal, closed.signal).finally(() => connection.off('close', vanish));
  };
  session.on('exec', (accept, _reject, { command }) => begin(accept(), command));
  session.on('shell', (accept) => begin(accept(), null));
}

async function pump(source: ChannelSource, terminal: Terminal, closed: AbortSignal): Promise<void> {
  for (let chunk = await source.read(closed); chunk !== null; chunk = await source.read(closed))
    await terminal.feed(chunk);
  terminal.end();
}

/** The status goes first, then the end of output once background jobs let go of it, then the channel closes. */
async function finish(
  channel: ServerChannel,
  running: Promise<SessionEnd>,
  ended: AbortSignal,
  closed: AbortSignal,
): Promise<void> {
  let end: SessionEnd;
  try {
    end = await running;
  } catch {
    // A fault of the simulation ends its channel, never the relay.
    end = { status: 255, lingering: Promise.resolve() };
  }
  if (closed.aborted) return;
  const signal: unknown = ended.reason;
  if (ended.aborted && typeof signal === 'string') channel.exit(signal, false, '');
  else channel.exit(end.status & 255);
  await Promise.race([
    end.lingering,
    new Promise((resolve) => closed.addEventListener('abort', resolve, { once: true })),
  ]);
  if (!closed.aborted) channel.end();
}
