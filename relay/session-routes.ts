import type { IncomingMessage, ServerResponse } from 'node:http';
import { signInSchema } from '#lib/protocol/http.ts';
import type { Audit } from './audit.ts';
import type { Gate } from './gate.ts';
import { fitting, readJson, reply } from './json-http.ts';
import type { Peers } from './peers.ts';
import type { Sessions } from './sessions.ts';
import type { SignOuts, SignedOut } from './sign-outs.ts';

/** How long a browser keeps the cookie, in seconds: its own limit, 400 days. The relay forgets unused ones sooner. */
const COOKIE_AGE = 400 * 24 * 60 * 60;

const SHARED =
  'This relay is shared, and it knows a person by nothing but their sign-in: here you can sign out this browser only.';
const UNWRITTEN =
  'The sign-in ended, but the relay could not write that down: started again, it would take it. Make room on its disk, then stop it once more.';

export interface SessionRoutesOptions {
  readonly gate: Gate;
  readonly sessions: Sessions;
  readonly signOuts: SignOuts;
  readonly peers: Peers;
  readonly audit: Audit;
}

/** Signing in and out: `POST /session`, and for who has signed in `GET`, `DELETE /session` and `DELETE /session/others`. */
export class SessionRoutes {
  readonly #options: SessionRoutesOptions;

  constructor(options: SessionRoutesOptions) {
    this.#options = options;
  }

  async signIn(request: IncomingMessage, response: ServerResponse): Promise<true> {
    const { gate, sessions, signOuts, peers, audit } = this.#options;
    // Before the body is awaited: by then the connection may be gone, and its address with it.
    const peer = peers.of(request);
    const body = fitting(signInSchema, await readJson(request));
    const signedIn = body && sessions.exchange(body.token);
    if (!signedIn) {
      audit.record({ event: 'sign-in-refused', peer });
      return reply(response, 401, {
        problem: 'This link was used before or is out of date. Press Enter where npm start runs for a new one.',
      });
    }
    audit.record({ event: 'sign-in', principal: signedIn.principal, peer });
    signOuts.forgotten(signedIn.forgotten);
    return reply(response, 200, { key: signedIn.key }, { 'set-cookie': gate.cookieOf(signedIn.secret, COOKIE_AGE) });
  }

  /** Answers a route of a signed-in page; false for all others. */
  answer(route: string, response: ServerResponse, principal: string): boolean {
    const { gate, sessions, signOuts } = this.#options;
    switch (route) {
      case 'GET /session': {
        const others = signOuts.shared ? 0 : sessions.others(principal).length;
        return reply(response, 200, { shared: signOuts.shared, others });
      }
      case 'DELETE /session':
        return replySignedOut(response, signOuts.self(principal), { 'set-cookie': gate.cookieOf('', 0) });
      case 'DELETE /session/others': {
        const signedOut = signOuts.others(principal);
        return signedOut ? replySignedOut(response, signedOut) : reply(response, 403, { problem: SHARED });
      }
      default:
        return false;
    }
  }
}

/** Says how a sign-out went. What is signed out stays so until the relay ends, whatever the disk did. */
function replySignedOut(
  response: ServerResponse,
  { count, written }: SignedOut,
  headers?: Record<string, string>,
): true {
  return written ? reply(response, 200, { count }, headers) : reply(response, 500, { problem: UNWRITTEN }, headers);
}
