import type { IncomingMessage, ServerResponse } from 'node:http';
import { addTargetSchema, oldAlgorithmsSchema, trustHostKeySchema } from '#lib/protocol/http.ts';
import type { Audit } from './audit.ts';
import { type Budgets, waitInWords } from './budget.ts';
import type { FileProblem } from './file-problem.ts';
import { pathOf } from './gate.ts';
import { fitting, readJson, reply } from './json-http.ts';
import { isLoopback } from './loopback.ts';
import type { Metrics } from './metrics.ts';
import type { SessionRoutes } from './session-routes.ts';
import type { Sessions } from './sessions.ts';
import type { Targets } from './targets.ts';
import type { Transport, TransportTarget } from './transport.ts';

export interface RoutesOptions {
  readonly sessions: Sessions;
  readonly sessionRoutes: SessionRoutes;
  /** How often one principal may change a device. */
  readonly settings: Budgets;
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
  const { sessions, sessionRoutes, settings, targets, transport, metrics, audit, behindProxy, onRemoved } = options;
  const recordOldAlgorithms = (principal: string, before: TransportTarget | undefined, now: TransportTarget): void => {
    const allowed = now.oldAlgorithms === true;
    if (allowed !== (before?.oldAlgorithms ?? false))
      audit.record({ event: 'old-algorithms', principal, ...named(now), allowed });
  };
  return async (request, response, principal) => {
    const pathname = pathOf(request);
    if (!/^\/(?:session(?:\/others)?|healthz|metrics|targets(?:\/.*)?)$/.test(pathname)) return false;
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
      case 'POST /session':
        return sessionRoutes.signIn(request, response);
    }
    if (principal === undefined) return refuseStranger(response);
    const json = request.method === 'POST' || request.method === 'PUT' ? await readJson(request) : undefined;
    // While the body came, it may have been signed out.
    if (!sessions.has(principal)) return refuseStranger(response);
    if (sessionRoutes.answer(route, response, principal)) return true;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      const budget = settings.of(principal);
      if (!budget.take())
        return reply(response, 429, {
          problem: `This sign-in has changed as much as the relay allows. It takes the next change ${waitInWords(budget.wait())}.`,
        });
    }
    switch (route) {
      case 'GET /targets':
        return reply(response, 200, { targets: await targets.list(), fixed: targets.fixed });
      case 'POST /targets': {
        if (targets.fixed) return reply(response, 405, { problem: FIXED });
        const body = fitting(addTargetSchema, json);
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
        const body = fitting(oldAlgorithmsSchema, json);
        const target = targets.find(id);
        if (!body || !target || !targets.allowOldAlgorithms(id, body.allowed))
          return reply(response, 404, { problem: 'There is no such device to change.' });
        recordOldAlgorithms(principal, target, { ...target, oldAlgorithms: body.allowed });
        return reply(response, 200, {});
      }
      case 'PUT /targets/ID/host-key': {
        const body = fitting(trustHostKeySchema, json);
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

function refuseStranger(response: ServerResponse): true {
  return reply(response, 401, { problem: 'The relay knows no sign-in of this browser.' });
}

const named = ({ id, address }: { readonly id: string; readonly address: string }) => ({ target: id, address });

/** True for a peer on this machine. A server that listens on `::` sees IPv4 in IPv6. */
function isFromHere({ socket }: IncomingMessage): boolean {
  return isLoopback((socket.remoteAddress ?? '').replace(/^::ffff:/, ''));
}

/** 507 (RFC 4918 section 11.5) for what the relay could not write down, so did not do. */
export function refuseUnsaved(response: ServerResponse, { message }: FileProblem): true {
  return reply(response, 507, { problem: `Nothing was changed. ${message}`.slice(0, 1000) });
}
