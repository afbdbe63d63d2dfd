import type { IncomingMessage } from 'node:http';
import { KEY_HEADER, KEY_SUBPROTOCOL } from '#lib/protocol/key.ts';
import type { Sessions } from './sessions.ts';
import type { Callers } from './callers.ts';

/** Why a request is refused before anything looks at it. */
export interface Refusal {
  readonly status: 400 | 403 | 421;
  readonly problem: string;
}

/** The path of a request. Not by `new URL`, which throws on what a stranger may send, such as `//`. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').replace(/[?#][^]*$/, '');
}

/** The key that a page shows: a header, or a subprotocol of a WebSocket. */
function keyOf({ headers }: IncomingMessage): string {
  const header = headers[KEY_HEADER];
  if (typeof header === 'string' || headers.upgrade === undefined) return header?.toString() ?? '';
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  return offered.find((name) => name.startsWith(KEY_SUBPROTOCOL))?.slice(KEY_SUBPROTOCOL.length) ?? '';
}

/**
 * The one place that decides who may talk to the relay. It runs before any route, any file of the app and any upgrade:
 * Host (against DNS rebinding), Origin (against other sites' pages: a WebSocket has no same-origin policy), then the
 * session's cookie and key. Exact matches only; a missing or `null` Origin is refused wherever a browser sends one.
 */
export class Gate {
  readonly #sessions: Sessions;
  readonly #callers: Callers;
  /** The one Origin of each Host. The first label of either may be `*`. */
  #origins = new Map<string, string>();
  #cookie = { name: '', attributes: '' };

  constructor(sessions: Sessions, callers: Callers) {
    this.#sessions = sessions;
    this.#callers = callers;
  }

  /**
   * The origins under which browsers find the relay, and no others. Called once the port is known. They share scheme
   * and port: the first one's are the cookie's. `https://*.lab.example` stands for any one label, as in a certificate.
   */
  allow(origins: readonly [string, ...string[]]): void {
    this.#origins = new Map(origins.map((text) => new URL(text)).map(({ host, origin }) => [host, origin]));
    const { protocol, port } = new URL(origins[0]);
    const secure = protocol === 'https:';
    // Cookies do not know ports: two relays on one host must not share one. `__Host-` keeps it from being set by a
    // neighbour in the same domain; browsers take it only with Secure.
    const name = `crostini-workbench-${port || (secure ? '443' : '80')}`;
    this.#cookie = {
      name: secure ? `__Host-${name}` : name,
      attributes: `HttpOnly; SameSite=Strict; Path=/${secure ? '; Secure' : ''}`,
    };
  }

  /** The Set-Cookie of a new session. @param age in seconds */
  cookieOf(secret: string, age: number): string {
    return `${this.#cookie.name}=${secret}; ${this.#cookie.attributes}; Max-Age=${age}`;
  }

  /** Checks the request target, Host, and Origin where it is there or a browser sends it. */
  checkSource(request: IncomingMessage, isUpgrade = false): Refusal | undefined {
    // A target with a host of its own overrides Host (RFC 9112 section 3.2.2); browsers send it to proxies only.
    if (!request.url?.startsWith('/')) return { status: 400, problem: 'The relay is no proxy: ask for a path.' };
    const hosts = request.headersDistinct['host'] ?? [];
    const expected = hosts.length === 1 ? this.#originOf(hosts[0]?.toLowerCase() ?? '') : undefined;
    if (expected === undefined)
      return {
        status: 421,
        problem:
          'This name or port does not belong to the relay. Open the address that npm start printed; a tunnel must have the same port at both ends.',
      };
    const { origin } = request.headers;
    const needsOrigin = isUpgrade || (request.method !== 'GET' && request.method !== 'HEAD');
    if (origin === undefined ? needsOrigin : origin !== expected)
      return { status: 403, problem: 'Only pages that the relay itself served may use it.' };
    return undefined;
  }

  /** Who sends this request, by its cookie and key. With a cookie the connection is no stranger's: the app's files need no more. */
  principalOf(request: IncomingMessage): string | undefined {
    const cookies = (request.headers.cookie ?? '').split(';').map((part) => part.trim());
    const prefix = `${this.#cookie.name}=`;
    // Who serves another port of this host may have set one of the same name, which must not sign anybody out.
    for (const cookie of cookies.filter((part) => part.startsWith(prefix))) {
      const principal = this.#sessions.principalOf(cookie.slice(prefix.length));
      if (principal === undefined) continue;
      this.#callers.know(request.socket);
      if (this.#sessions.isKey(principal, keyOf(request))) return principal;
    }
    return undefined;
  }

  /** The one Origin that may come with a Host; undefined for a Host that is not the relay's. */
  #originOf(host: string): string | undefined {
    // The name of a wildcard is a pattern, and nobody's own name.
    if (host.includes('*')) return undefined;
    const [label = ''] = host.split('.', 1);
    // RFC 9525 section 6.3: the wildcard is one whole label.
    const wildcard = /^[a-z0-9-]+$/.test(label) ? this.#origins.get(host.replace(label, '*')) : undefined;
    return this.#origins.get(host) ?? wildcard?.replace('*', label);
  }
}
