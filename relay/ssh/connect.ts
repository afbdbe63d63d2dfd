import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Problem } from '#lib/protocol/problem.ts';
import { Authentication } from './authentication.ts';
import { openForward, type SshClient } from './client.ts';
import { Connection, endClients } from './connection.ts';
import type { HostKeys } from './host-keys.ts';
import { gatherIdentities } from './identities.ts';
import { logIn, Patience, type LoginResult } from './login.ts';
import type { Deadlines, SshTransportOptions } from './options.ts';
import { endpointName, forwardProblem, problemOf } from './problems.ts';
import type { Ask } from './questions.ts';
import type { Remains } from './remains.ts';
import type { Hop, Route } from './resolve.ts';
import { closeStream, givenUp, openSocket, timedOut } from './socket.ts';
import { TcpStream } from './tcp-stream.ts';
import { Windows } from './windows.ts';

/** Connections that one login may take (24 keys, five on each, and the questions on the last). */
const LOGINS_MAX = 6;

export interface Attempt {
  /** Who is asked to trust a host key. */
  readonly target: string;
  /** Tried at the target before anything is asked. */
  readonly password: string | null;
  /** Whether SHA-1 and CBC will do at the target; jump hosts are no old images. */
  readonly oldAlgorithms: boolean;
  readonly ask: Ask;
  readonly signal: AbortSignal;
  readonly hostKeys: HostKeys;
  readonly deadlines: Deadlines;
  readonly options: SshTransportOptions;
  /** What earlier channels of the target left behind. */
  readonly remains: Remains;
  /** What the target's channels may have on their way. */
  readonly windows: Windows;
}

export type ConnectResult =
  { readonly connection: Connection; readonly acceptedPassword: string | null } | { readonly problem: Problem };

/** Connects hop by hop; each hop's host key is checked before its login. A failure leaves nothing open. */
export async function connectRoute(route: Route, attempt: Attempt): Promise<ConnectResult> {
  const started = Date.now();
  const way = route.map(endpointName);
  const destination = way.at(-1) ?? '';
  const clients: SshClient[] = [];
  let socket: Socket | null = null;
  let acceptedPassword: string | null = null;
  for (const [index, hop] of route.entries()) {
    const isTarget = index === route.length - 1;
    const client = clients.at(-1);
    const jump = client ? { client, name: way[index - 1] ?? '' } : null;
    const result = await connectHop(hop, hopName(way, index), jump, isTarget, attempt);
    if ('problem' in result) {
      if (socket) await endClients(clients, socket);
      attempt.options.log(
        'info',
        { way, code: result.problem.code, ms: Date.now() - started },
        'ssh connection failed',
      );
      return result;
    }
    clients.push(result.client);
    socket ??= result.socket;
    acceptedPassword = result.acceptedPassword;
  }
  if (!socket) throw new Error('A route has a first hop, and that has a socket.');
  attempt.options.log('info', { way, ms: Date.now() - started }, 'ssh connected');
  const connection = new Connection(clients, socket, destination, attempt.deadlines.session, attempt.remains);
  return { connection, acceptedPassword };
}

/** How problems and prompts name a hop: the target with its way, a jump host with what it is for. */
function hopName(way: readonly string[], index: number): string {
  const name = way[index] ?? '';
  if (index < way.length - 1) return `${name} (jump host on the way to ${way.at(-1) ?? ''})`;
  return index === 0 ? name : `${name} (via ${way.slice(0, -1).join(', ')})`;
}

interface Jump {
  readonly client: SshClient;
  readonly name: string;
}

interface OpenHop {
  readonly client: SshClient;
  /** The TCP socket; null when the stream goes through a jump host. */
  readonly socket: Socket | null;
  readonly acceptedPassword: string | null;
}

async function connectHop(
  hop: Hop,
  where: string,
  jump: Jump | null,
  isTarget: boolean,
  attempt: Attempt,
): Promise<OpenHop | { readonly problem: Problem }> {
  const { options, deadlines, signal } = attempt;
  // One for each connection: an unanswered question of a lost one must not stop the clock of the next.
  let patience = new Patience();
  const ask: Ask = (question) => patience.during(() => attempt.ask(question));
  const identities = await gatherIdentities(hop, options);
  const oldAlgorithms = isTarget && attempt.oldAlgorithms;
  const authentication = new Authentication(
    where,
    identities,
    { password: isTarget ? attempt.password : null, oldAlgorithms },
    ask,
  );

  for (let logins = 0; logins < LOGINS_MAX; logins++) {
    if (signal.aborted) return { problem: givenUp(where) };
    const hostKey = await attempt.hostKeys.prepare(hop, attempt.target);
    if ('problem' in hostKey) return hostKey;

    patience = new Patience();
    const started = Date.now();
    const opened = jump
      ? await forward(jump, hop, where, deadlines.connect, signal)
      : await openSocket(hop, where, deadlines.connect, signal);
    if ('problem' in opened) return opened;
    const socket = 'socket' in opened ? opened.socket : null;
    const stream = 'socket' in opened ? opened.socket : opened.stream;
    const result: LoginResult = await logIn({
      stream,
      user: hop.user,
      where,
      hostKey: hostKey.check,
      oldAlgorithms,
      authentication,
      patience,
      deadlines,
      // A jump host carries one channel.
      windows: isTarget ? attempt.windows : new Windows(),
      handshakeMs: Math.max(1, deadlines.connect - (Date.now() - started)),
      signal,
      log: options.log,
    });
    if ('client' in result) return { client: result.client, socket, acceptedPassword: authentication.acceptedPassword };
    if (socket) await closeStream(socket);
    if ('problem' in result) return result;
  }
  return { problem: authentication.failure() };
}

/** A stream through a jump host, with the deadline and the abort of a direct one. */
async function forward(
  jump: Jump,
  hop: Hop,
  where: string,
  deadline: number,
  signal: AbortSignal,
): Promise<{ readonly stream: Duplex } | { readonly problem: Problem }> {
  return new Promise((resolve) => {
    let settled = false;
    const settle = (result: { readonly stream: Duplex } | { readonly problem: Problem }) => {
      settled = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      resolve(result);
    };
    const onAbort = () => settle({ problem: givenUp(where) });
    const timer = setTimeout(() => settle({ problem: timedOut(where, deadline) }), deadline);
    signal.addEventListener('abort', onAbort);
    openForward(jump.client, hop.host, hop.port, (channel) => new TcpStream(channel, () => false)).then(
      (stream) => {
        if (settled) stream.destroy();
        else settle({ stream });
      },
      (error: unknown) => {
        if (settled) return;
        if (error instanceof Error) settle({ problem: forwardProblem(error, where, jump.name) });
        else
          settle({ problem: problemOf('host-unreachable', `${where}: the jump host ${jump.name} did not connect.`) });
      },
    );
  });
}
