import { withoutDirections } from '#lib/domain/direction.ts';
import type { HostKey, Problem, ProblemCode } from '#lib/protocol/problem.ts';

/** Longest text of a Problem, in characters; the wire's schema refuses more (protocol/problem). */
const MESSAGE_MAX = 1000;

/** A Problem whose text fits the wire and has no control characters: part of it may come from a device. */
export function problemOf(
  code: ProblemCode,
  message: string,
  hostKey?: { readonly offered: HostKey; readonly pinned?: HostKey },
): Problem {
  return { code, message: plainText(message, MESSAGE_MAX), ...(hostKey && { hostKey }) };
}

/** A login's question that the person did not answer. */
export function unanswered(where: string): Problem {
  const why = 'it was cancelled, waited too long, or was asked where no page can answer';
  return problemOf('prompt-cancelled', `${where}: the login ended at a question that nobody answered: ${why}.`);
}

/**
 * Text of a device made harmless for a line of a dialog: no control characters, nothing that turns its direction, at most
 * `max` characters.
 */
export function plainText(text: string, max: number): string {
  // eslint-disable-next-line no-control-regex -- control characters are what this removes
  const clean = withoutDirections(text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, ''));
  return clean.length > max ? `${clean.slice(0, max - 1)}…` : clean;
}

/** `user@host:port`, with brackets around an IPv6 address. */
export function endpointName(endpoint: {
  readonly user: string;
  readonly host: string;
  readonly port: number;
}): string {
  const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host;
  return `${endpoint.user}@${host}:${endpoint.port}`;
}

/** What the system calls of a TCP connection report, as Problems. Codes: Node's `errors` page, `getaddrinfo(3)`, `connect(2)`. */
const SOCKET_PROBLEMS: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  ENOTFOUND: ['name-not-found', 'the name does not resolve'],
  EAI_AGAIN: ['name-not-found', 'the name server does not answer'],
  EAI_NODATA: ['name-not-found', 'the name has no address'],
  ECONNREFUSED: ['connection-refused', 'the connection was refused'],
  ETIMEDOUT: ['connection-timeout', 'no answer'],
  EHOSTUNREACH: ['host-unreachable', 'no route to the host'],
  EHOSTDOWN: ['host-unreachable', 'the host is down'],
  ENETUNREACH: ['host-unreachable', 'the network is unreachable'],
  ENETDOWN: ['host-unreachable', 'the network is down'],
  EADDRNOTAVAIL: ['host-unreachable', 'the address cannot be reached from here'],
  ECONNRESET: ['not-ssh', 'the connection was reset before an SSH server answered'],
  EPIPE: ['not-ssh', 'the connection was closed before an SSH server answered'],
};

/** The Problem of a TCP connection that did not come about. `where`: what was tried, as `endpointName` says it. */
export function socketProblem(error: unknown, where: string): Problem {
  const code = errorCode(error);
  const known = code === undefined ? undefined : SOCKET_PROBLEMS[code];
  if (known) return problemOf(known[0], `${where}: ${known[1]} (${code}).`);
  return problemOf('host-unreachable', `${where}: ${error instanceof Error ? error.message : String(error)}.`);
}

/** Several addresses of one name fail together as an AggregateError; its first member says why. */
function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error instanceof AggregateError ? errorCode(error.errors[0]) : undefined;
}

/** What a jump host's sshd says when it cannot reach the next host (its `strerror` and `gai_strerror` texts). */
const FORWARD_PROBLEMS: readonly (readonly [RegExp, ProblemCode])[] = [
  [/refused/i, 'connection-refused'],
  [/timed out/i, 'connection-timeout'],
  [/name or service|not known|resolution|no address/i, 'name-not-found'],
];

/** The Problem of a jump host that does not open the way to the next host. */
export function forwardProblem(error: Error, where: string, jump: string): Problem {
  const reason = error.message.replace(/^\(SSH\) Channel open failure: /, '');
  const code = FORWARD_PROBLEMS.find(([pattern]) => pattern.test(reason))?.[1] ?? 'host-unreachable';
  return problemOf(code, `${where}: the jump host ${jump} could not connect (${reason}).`);
}

/** The Problem of a connection that a device did not make for a port forward. `where`: the device. */
export function tunnelProblem(error: Error, isProhibited: boolean, where: string, host: string, port: number): Problem {
  const end = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  const reason = error.message.replace(/^\(SSH\) Channel open failure: /, '') || 'no reason given';
  return isProhibited
    ? problemOf('forward-prohibited', `${where} may not be used to reach ${end} (${reason}).`)
    : problemOf('forward-refused', `${where} could not connect to ${end} (${reason}).`);
}

/** The Problem of a peer that fails between the TCP connection and the end of the key exchange. */
export function handshakeProblem(
  error: Error | null,
  where: string,
  sawBanner: boolean,
  oldAlgorithms: boolean,
): Problem {
  const missing = /no matching (.*)$/i.exec(error?.message ?? '')?.[1];
  if (missing !== undefined) return noCommonAlgorithm(where, `no ${missing} in common`, oldAlgorithms);
  if (sawBanner)
    return problemOf('connection-lost', `${where}: the connection ended during the key exchange${reasonOf(error)}.`);
  return problemOf('not-ssh', `${where}: what answers is no SSH server, or one that closes at once${reasonOf(error)}.`);
}

/** The Problem of a server that takes only what the relay does not give. `reason`: what that is. */
export function noCommonAlgorithm(where: string, reason: string, oldAlgorithms: boolean): Problem {
  const also = oldAlgorithms ? ', although SHA-1 and CBC are allowed for this device' : '';
  return problemOf('no-common-algorithm', `${where}: an SSH server, but ${reason}${also}.`);
}

function reasonOf(error: Error | null): string {
  return error ? ` (${error.message})` : '';
}
