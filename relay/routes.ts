import type { IncomingMessage, ServerResponse } from 'node:http';
import * as v from 'valibot';
import { addTargetSchema, oldAlgorithmsSchema, signInSchema, trustHostKeySchema } from '#lib/protocol/http.ts';
import type { Audit } from './audit.ts';
import type { FileProblem } from './file-problem.ts';
import { type Gate, pathOf } from './gate.ts';
import { BODY_MAX } from './limits.ts';
import { isLoopback } from './loopback.ts';
import type { Metrics } from './metrics.ts';
import type { Sessions } from './sessions.ts';
import type { Targets } from './targets.ts';
import type { Transport, TransportTarget } from './transport.ts';

/** How long a browser keeps the cookie, in seconds: its own limit, 400 days. The relay forgets unused ones sooner. */
const COOKIE_AGE = 400 * 24 * 60 * 60;

export interface RoutesOptions {
  readonly gate: Gate;
  readonly sessions: Sessions;
  readonly targets: Targets;
  readonly transport: Transport;
  readonly metrics: Metrics;
  readonly audit: Audit;
  /** Then every peer is the proxy, wherever the request is from. */
  readonly behindProxy: boolean;
  /** A target was removed. */
  readonly onRemoved: (id: string) => void;
}

/** Answers the relay's own paths to a request that passed the gate; resolves to false when the path is none of them. */
export type Routes = (
  request: IncomingMessage,
  response: ServerResponse,
  /** Who asks; undefined: nobody who has signed in. */
  principal: string | undefined,
) => Promise<boolean>;

/** The relay's few HTTP exchanges (protocol/http.ts), and what is asked by who watches over it. */
export function createRoutes(options: RoutesOptions): Routes {
  const { gate, sessions, targets, transport, metrics, audit, behindProxy, onRemoved } = options;
  const recordOldAlgorithms = (principal: string, before: TransportTarget | undefined, now: TransportTarget): void => {
    const allowed = now.oldAlgorithms === true;
    if (allowed !== (before?.oldAlgorithms ?? false))
      audit.record({ event: 'old-algorithms', principal, ...named(now), allowed });
  };
  return async (request, response, principal) => {
    const pathname = pathOf(request);
    if (!/^\/(?:session|healthz|metrics|targets(?:\/.*)?)$/.test(pathname)) return false;
    const route = `${request.method} ${pathname.replace(/^\/targets\/[^/]+/, '/targets/ID')}`;
    const id = /^\/targets\/([^/]+)/.exec(pathname)?.[1] ?? '';
    switch (route) {
      case 'GET /healthz':
        return reply(response, 200, { ok: true });
      case 'GET /metrics':
        // Counts only, no names. A scraper on this machine has no cookie; behind a proxy everybody is on this machine.
        if (principal === undefined && (behindProxy || !isFromHere(request))) break;
        response.writeHead(200, { 'content-type': metrics.contentType, 'cache-control': 'no-store' });
        response.end(await metrics.text());
        return true;
      case 'POST /session': {
        const body = await readBody(request, signInSchema);
        const signedIn = body && sessions.exchange(body.token);
        if (!signedIn)
          return reply(response, 401, {
            problem: 'This link was used before or is out of date. Press Enter where npm start runs for a new one.',
          });
        audit.record({ event: 'sign-in', principal: signedIn.principal, peer: request.socket.remoteAddress });
        return reply(response, 200, {}, { 'set-cookie': gate.cookieOf(signedIn.secret, COOKIE_AGE) });
      }
    }
    if (principal === undefined)
      return reply(response, 401, { problem: 'This page is not signed in. Open the link that npm start printed.' });
    switch (route) {
      case 'GET /targets':
        return reply(response, 200, { targets: await targets.list(), fixed: targets.fixed });
      case 'POST /targets': {
        if (targets.fixed) return reply(response, 405, { problem: FIXED });
        const body = await readBody(request, addTargetSchema);
        const result = body
          ? await targets.add(body.address, body.oldAlgorithms)
          : { problem: 'The address is missing or too long.' };
        if ('problem' in result) return reply(response, 400, result);
        const { target, before } = result;
        if (!before) audit.record({ event: 'device-added', principal, ...named(target) });
        recordOldAlgorithms(principal, before, target);
        return reply(response, 200, target);
      }
      case 'DELETE /targets/ID': {
        const target = targets.find(id);
        if (target && targets.isListed(id)) return reply(response, 405, { problem: FIXED });
        if (!target || !targets.remove(id))
          return reply(response, 404, { problem: 'There is no such device to remove.' });
        onRemoved(id);
        audit.record({ event: 'device-removed', principal, ...named(target) });
        return reply(response, 200, {});
      }
      case 'PUT /targets/ID/old-algorithms': {
        const body = await readBody(request, oldAlgorithmsSchema);
        const target = targets.find(id);
        if (!body || !target || !targets.allowOldAlgorithms(id, body.allowed))
          return reply(response, 404, { problem: 'There is no such device to change.' });
        recordOldAlgorithms(principal, target, { ...target, oldAlgorithms: body.allowed });
        return reply(response, 200, {});
      }
      case 'PUT /targets/ID/host-key': {
        const body = await readBody(request, trustHostKeySchema);
        const target = targets.find(id);
        if (!body || !target) return reply(response, 404, { problem: 'There is no such device.' });
        if (!(await transport.trustHostKey(target, body.fingerprint)))
          return reply(response, 409, {
            problem: 'The device does not offer that key any more. Connect again and compare.',
          });
        audit.record({ event: 'host-key-trusted', principal, ...named(target), fingerprint: body.fingerprint });
        return reply(response, 200, {});
      }
      default:
        return reply(response, 404, { problem: `The relay does not know ${route}.` });
    }
  };
}

const FIXED = 'The devices of this relay are fixed: they stand in the file of its --targets flag.';

const named = ({ id, address }: { readonly id: string; readonly address: string }) => ({ target: id, address });

/** True for a peer on this machine. A server that listens on `::` sees IPv4 in IPv6. */
function isFromHere({ socket }: IncomingMessage): boolean {
  return isLoopback((socket.remoteAddress ?? '').replace(/^::ffff:/, ''));
}

/** 507 (RFC 4918 section 11.5) for what the relay could not write down, so did not do. */
export function refuseUnsaved(response: ServerResponse, { message }: FileProblem): true {
  return reply(response, 507, { problem: `Nothing was changed. ${message}`.slice(0, 1000) });
}

/** Ends an exchange with JSON. */
export function reply(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): true {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers });
  response.end(JSON.stringify(body));
  return true;
}

/** The request's JSON body, or undefined if it is too large, malformed, of another shape or does not come whole. */
async function readBody<Schema extends v.GenericSchema>(
  request: IncomingMessage,
  schema: Schema,
): Promise<v.InferOutput<Schema> | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of request as AsyncIterable<Buffer>) {
      // What is too much is read and dropped, so that the answer arrives: the request's deadline is its bound.
      size += part.length;
      if (size <= BODY_MAX) parts.push(part);
    }
    if (size > BODY_MAX) return undefined;
    const result = v.safeParse(schema, JSON.parse(Buffer.concat(parts).toString('utf8')));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}
