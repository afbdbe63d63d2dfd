import type { IncomingMessage } from 'node:http';
import type { Sessions } from './sessions.ts';

/** Why a request is refused before anything looks at it. */
export interface Refusal {
  readonly status: 400 | 401 | 403 | 421;
  readonly problem: string;
}

/** The path of a request. Not by `new URL`, which throws on what a stranger may send, such as `//`. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').replace(/[?#][^]*$/, '');
}

/**
 * The one place that decides who may talk to the relay. It runs before any route and before any upgrade:
 * Host (against DNS rebinding), Origin (against other sites' pages: a WebSocket has no same-origin policy), then the
 * session cookie. Exact matches only; a missing or `null` Origin is refused wherever a browser sends one.
 */
export class Gate {
  readonly #sessions: Sessions;
  #hosts = new Set<string>();
  #cookieName = '';

  constructor(sessions: Sessions) {
    this.#sessions = sessions;
  }

  /** Names under which the relay may be addressed. Called once the port is known. */
  allow(port: number, names: readonly string[]): void {
    this.#hosts = new Set(names.map((name) => `${name.includes(':') ? `[${name}]` : name}:${port}`));
    // Cookies do not know ports: two relays on one host must not share one.
    this.#cookieName = `crostini-workbench-${port}`;
  }

  get cookieName(): string {
    return this.#cookieName;
  }

  /** Checks Host, and Origin where it is there or `needsOrigin`. */
  checkSource(request: IncomingMessage, needsOrigin: boolean): Refusal | undefined {
    const host = request.headers.host?.toLowerCase();
    if (host === undefined || !this.#hosts.has(host))
      return {
        status: 421,
        problem:
          'This name or port does not belong to the relay. Open the address that npm start printed; a tunnel must have the same port at both ends.',
      };
    const origin = request.headers.origin;
    if (origin === undefined ? needsOrigin : origin.toLowerCase() !== `http://${host}`)
      return { status: 403, problem: 'Only pages that the relay itself served may use it.' };
    return undefined;
  }

  /** Who sends this request, by its cookie. */
  principalOf(request: IncomingMessage): string | undefined {
    const cookies = (request.headers.cookie ?? '').split(';').map((part) => part.trim());
    const prefix = `${this.#cookieName}=`;
    return this.#sessions.principalOf(cookies.find((part) => part.startsWith(prefix))?.slice(prefix.length));
  }
}
