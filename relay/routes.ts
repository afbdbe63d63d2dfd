import type { IncomingMessage, ServerResponse } from 'node:http';
import * as v from 'valibot';
import { addTargetSchema, oldAlgorithmsSchema, signInSchema, trustHostKeySchema } from '#lib/protocol/http.ts';
import { type Gate, pathOf } from './gate.ts';
import type { Sessions } from './sessions.ts';
import type { Targets } from './targets.ts';
import type { Transport } from './transport.ts';

/** How long a browser keeps the cookie, in seconds: its own limit, 400 days. The relay forgets unused ones sooner. */
const COOKIE_AGE = 400 * 24 * 60 * 60;
/** Largest request body, in bytes. */
const BODY_MAX = 16 * 1024;

export interface RoutesOptions {
  readonly gate: Gate;
  readonly sessions: Sessions;
  readonly targets: Targets;
  readonly transport: Transport;
}

/** A handler for the relay's few HTTP exchanges (protocol/http.ts). Resolves to false when the path is none of them. */
export function createRoutes({ gate, sessions, targets, transport }: RoutesOptions) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
    const pathname = pathOf(request);
    if (pathname !== '/session' && !/^\/targets(?:\/|$)/.test(pathname)) return false;
    const refusal = gate.checkSource(request, request.method !== 'GET');
    if (refusal) return reply(response, refusal.status, { problem: refusal.problem });

    const route = `${request.method} ${pathname.replace(/^\/targets\/[^/]+/, '/targets/ID')}`;
    const id = /^\/targets\/([^/]+)/.exec(pathname)?.[1] ?? '';
    if (route === 'POST /session') {
      const body = await readBody(request, signInSchema);
      const secret = body && sessions.exchange(body.token);
      if (!secret)
        return reply(response, 401, {
          problem: 'This link was used before or is out of date. Press Enter where npm start runs for a new one.',
        });
      const cookie = `${gate.cookieName}=${secret}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${COOKIE_AGE}`;
      return reply(response, 200, {}, { 'set-cookie': cookie });
    }
    if (gate.principalOf(request) === undefined)
      return reply(response, 401, { problem: 'This page is not signed in. Open the link that npm start printed.' });
    switch (route) {
      case 'GET /targets':
        return reply(response, 200, { targets: await targets.list() });
      case 'POST /targets': {
        const body = await readBody(request, addTargetSchema);
        const result = body
          ? await targets.add(body.address, body.oldAlgorithms)
          : { problem: 'The address is missing or too long.' };
        return 'problem' in result ? reply(response, 400, result) : reply(response, 200, result.target);
      }
      case 'DELETE /targets/ID':
        return targets.remove(id)
          ? reply(response, 200, {})
          : reply(response, 404, { problem: 'There is no such device to remove.' });
      case 'PUT /targets/ID/old-algorithms': {
        const body = await readBody(request, oldAlgorithmsSchema);
        return body && targets.allowOldAlgorithms(id, body.allowed)
          ? reply(response, 200, {})
          : reply(response, 404, { problem: 'There is no such device to change.' });
      }
      case 'PUT /targets/ID/host-key': {
        const body = await readBody(request, trustHostKeySchema);
        const target = targets.find(id);
        if (!body || !target) return reply(response, 404, { problem: 'There is no such device.' });
        return (await transport.trustHostKey(target, body.fingerprint))
          ? reply(response, 200, {})
          : reply(response, 409, {
              problem: 'The device does not offer that key any more. Connect again and compare.',
            });
      }
      default:
        return reply(response, 405, { problem: `The relay does not know ${route}.` });
    }
  };
}

function reply(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): true {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers });
  response.end(JSON.stringify(body));
  return true;
}

/** The request's JSON body, or undefined if it is too large, malformed or of another shape. */
async function readBody<Schema extends v.GenericSchema>(
  request: IncomingMessage,
  schema: Schema,
): Promise<v.InferOutput<Schema> | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > BODY_MAX) return undefined;
    parts.push(part);
  }
  try {
    const result = v.safeParse(schema, JSON.parse(Buffer.concat(parts).toString('utf8')));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}
