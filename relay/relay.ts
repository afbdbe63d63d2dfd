import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { CHANNELS_MAX } from '#lib/protocol/limits.ts';
import { createAudit } from './audit.ts';
import { Budgets } from './budget.ts';
import { Callers } from './callers.ts';
import { Channels } from './channels.ts';
import { FileProblem } from './file-problem.ts';
import { Gate } from './gate.ts';
import { reply } from './json-http.ts';
import { type Limits, limitsOf } from './limits.ts';
import { createMetrics } from './metrics.ts';
import { Mistakes } from './mistakes.ts';
import { LOOPBACK_PEERS, Peers } from './peers.ts';
import { createRoutes, refuseUnsaved } from './routes.ts';
import { SessionRoutes } from './session-routes.ts';
import { Sessions } from './sessions.ts';
import { SignOuts } from './sign-outs.ts';
import { Sockets } from './sockets.ts';
import { createSshTransport } from './ssh/transport.ts';
import { isHostAlias } from './ssh/host-alias.ts';
import type { ListedTarget } from './targets-file.ts';
import { type BuiltInTarget, Targets } from './targets.ts';

export interface RelayOptions {
  /** Where added devices, host keys and sign-ins are kept; made when first written. */
  readonly stateDirectory: string;
  /** The person's home: ~/.ssh is read there, never written. */
  readonly home?: string;
  /** Targets that the relay brings along, tried before anything is asked. Their owner closes them. */
  readonly builtIn?: readonly BuiltInTarget[];
  /** Targets of the file of `--targets`. */
  readonly listed?: readonly ListedTarget[];
  /** Those only: no page adds any, and the built-in ones are left out. */
  readonly fixedTargets?: boolean;
  readonly log: Logger;
  /** Counts and logs what goes wrong in the relay itself. Default: one that writes to `log`. */
  readonly mistakes?: Mistakes;
  /** Where the audit log goes: a file, or `-` for stderr. Default: `audit.log` in the state directory. */
  readonly audit?: string;
  /** Requests come through a proxy: then no peer is who asks, and nobody else may connect. */
  readonly behindProxy?: boolean;
  /** The addresses and CIDR ranges that the proxy has. Default: those of this machine alone. */
  readonly proxyPeers?: readonly string[];
  /** Several people use it, each with a link of their own. Default: with fixed devices, and behind a proxy. */
  readonly shared?: boolean;
  /** A link was made, and the oldest unused one stopped working for it. */
  readonly onLinkVoided?: () => void;
  /** What the relay serves at most, where that is not the default of limits.ts. */
  readonly limits?: Partial<Limits>;
  /** How long a channel waits for a page that is gone, in ms, up to 24 h. Default GRACE_MS. */
  readonly graceMs?: number;
}

/** The relay without its listening socket: `npm start` and Vite's server each bring their own. */
export interface Relay {
  readonly gate: Gate;
  readonly targets: Targets;
  readonly callers: Callers;
  readonly peers: Peers;
  readonly limits: Limits;
  /** Refuses what may not come in, and answers the relay's own paths; false for all others. Never rejects. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  /** As `Sockets.upgrade`. Never throws: what goes wrong costs that connection. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** The path and fragment of a link that signs a page in, once. `device` preselects one. */
  newLink(device?: string): string;
  /** Tells every page, ends every command and connection. Closing what listens is up to who opened it. */
  close(): Promise<void>;
}

/** The relay's own file of trusted host keys. */
export function knownHostsFileOf(stateDirectory: string): string {
  return join(stateDirectory, 'known_hosts');
}

/** Puts the relay together. */
export function createRelay(options: RelayOptions): Relay {
  const { stateDirectory, home = homedir(), builtIn = [], log, graceMs, behindProxy = false } = options;
  const limits: Limits = { ...limitsOf(CHANNELS_MAX), ...options.limits };
  const mistakes = options.mistakes ?? new Mistakes(log);
  const reportError = (error: unknown): void => mistakes.report(error);
  const audit = createAudit({
    destination: options.audit ?? join(stateDirectory, 'audit.log'),
    onError: (error) => mistakes.report(error, 'the audit log cannot be written'),
  });
  const onBroken = (aside: string): void =>
    log.error({ aside }, 'a state file could not be read and was set aside: what it held is forgotten');
  const sessions = new Sessions(
    join(stateDirectory, 'sessions.json'),
    (error) => mistakes.report(error, 'sign-ins cannot be written: they last until the relay stops'),
    (principal): boolean => sockets.has(principal),
    onBroken,
  );
  const peers = new Peers(behindProxy ? (options.proxyPeers ?? LOOPBACK_PEERS) : undefined);
  const callers = new Callers(limits);
  const gate = new Gate(sessions, callers);
  const targets = new Targets({
    file: join(stateDirectory, 'targets.json'),
    builtIn,
    listed: options.listed ?? [],
    fixed: options.fixedTargets ?? false,
    isAlias: (host) => isHostAlias(home, host),
    onBroken,
  });
  const transport = createSshTransport({
    knownHostsFile: knownHostsFileOf(stateDirectory),
    home,
    remainsDirectory: stateDirectory,
    environment: process.env,
    log: (level, fields, text) => log[level](fields, text),
  });
  const channels = new Channels({
    transport,
    audit,
    max: limits.channels,
    maxPerPrincipal: limits.channelsPerPrincipal,
    forwardConnections: limits.forwardConnections,
    forwardConnectionsPerPrincipal: limits.forwardConnectionsPerPrincipal,
    opens: new Budgets(limits.opens),
    findTarget: (id) => targets.find(id),
    forwards: !targets.fixed,
    onError: reportError,
    ...(graceMs !== undefined && { graceMs }),
  });
  const sockets: Sockets = new Sockets({
    gate,
    callers,
    channels,
    max: limits.sockets,
    maxPerPrincipal: limits.socketsPerPrincipal,
    onClosed: (principal) => sessions.use(principal),
  });
  const signOuts = new SignOuts({
    sessions,
    audit,
    shared: options.shared ?? (targets.fixed || behindProxy),
    end: (principal, problem) => {
      channels.endThoseOf(principal, problem);
      sockets.endThoseOf(principal, problem);
    },
  });
  const metrics = createMetrics({
    channels,
    unacknowledged: () => channels.unacknowledged(),
    sockets,
    callers,
    transport,
    mistakes,
  });
  const handleRoutes = createRoutes({
    sessions,
    sessionRoutes: new SessionRoutes({ gate, sessions, signOuts, peers, audit }),
    settings: new Budgets(limits.settings),
    targets,
    transport,
    metrics,
    audit,
    behindProxy,
    onRemoved: (id) => channels.endForwardsTo(id),
  });
  audit.record({ event: 'start' });
  return {
    gate,
    targets,
    callers,
    peers,
    limits,
    handle: async (request, response) => {
      try {
        const refusal = gate.checkSource(request);
        if (refusal) return reply(response, refusal.status, { problem: refusal.problem });
        return await handleRoutes(request, response, gate.principalOf(request));
      } catch (error) {
        if (error instanceof FileProblem && !response.headersSent) {
          log.error({ reason: error.message }, 'a change was refused');
          return refuseUnsaved(response, error);
        }
        reportError(error);
        if (!response.headersSent) response.writeHead(500, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ problem: 'The relay made a mistake. Its terminal has the details.' }));
        return true;
      }
    },
    upgrade: (request, socket, head) => {
      try {
        return sockets.upgrade(request, socket, head);
      } catch (error) {
        reportError(error);
        socket.destroy();
        return true;
      }
    },
    newLink: (device) => {
      const { token, voided } = sessions.newToken();
      if (voided) options.onLinkVoided?.();
      return `/${device === undefined ? '' : `?device=${device}`}#token=${token}`;
    },
    close: async () => {
      channels.close();
      audit.record({ event: 'stop' });
      await Promise.all([sockets.close(), transport.close()]);
      metrics.close();
      sessions.close();
      audit.close();
    },
  };
}

/** Adds the device of `--device`; gives its id, or says why not and gives none. */
export async function addDevice(
  relay: Relay,
  address: string | undefined,
  say: (text: string) => void,
): Promise<string | undefined> {
  if (address === undefined) return undefined;
  try {
    const added = await relay.targets.add(address);
    if ('target' in added) return added.target.id;
    say(`--device: ${added.problem}`);
  } catch (error) {
    if (!(error instanceof FileProblem)) throw error;
    say(`--device was not added: ${error.message}`);
  }
  return undefined;
}
