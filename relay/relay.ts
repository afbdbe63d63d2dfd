import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { randomUUID } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { Channels } from './channels.ts';
import { Gate } from './gate.ts';
import { createRoutes } from './routes.ts';
import { Sessions } from './sessions.ts';
import { Sockets } from './sockets.ts';
import { createSshTransport } from './ssh/transport.ts';
import { isHostAlias } from './ssh/host-alias.ts';
import { type BuiltInTarget, Targets } from './targets.ts';

export interface RelayOptions {
  /** Where added devices, host keys and sign-ins are kept; made when first written. */
  readonly stateDirectory: string;
  /** The person's home: ~/.ssh is read there, never written. */
  readonly home?: string;
  /** Targets that the relay brings along, tried before anything is asked. Their owner closes them. */
  readonly builtIn?: readonly BuiltInTarget[];
  readonly log: Logger;
  /** How long a channel waits for a page that is gone, in ms, up to 24 h. Default GRACE_MS. */
  readonly graceMs?: number;
}

/** The relay without its listening socket: `npm start` and Vite's server each bring their own. */
export interface Relay {
  readonly gate: Gate;
  readonly targets: Targets;
  /** Answers the relay's own paths; false for all others. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** The path and fragment of a link that signs a page in, once. `device` preselects one. */
  newLink(device?: string): string;
  close(): Promise<void>;
}

/** The relay's own file of trusted host keys. */
export function knownHostsFileOf(stateDirectory: string): string {
  return join(stateDirectory, 'known_hosts');
}

/** Puts the relay together. */
export function createRelay({ stateDirectory, home = homedir(), builtIn = [], log, graceMs }: RelayOptions): Relay {
  const sessions = new Sessions(join(stateDirectory, 'sessions.json'));
  const gate = new Gate(sessions);
  const knownHostsFile = knownHostsFileOf(stateDirectory);
  const targets = new Targets({
    file: join(stateDirectory, 'targets.json'),
    builtIn,
    isAlias: (host) => isHostAlias(home, host),
  });
  const transport = createSshTransport({
    knownHostsFile,
    home,
    environment: process.env,
    log: (level, fields, text) => log[level](fields, text),
  });
  const reportError = (error: unknown): void =>
    log.error({ err: error, report: randomUUID() }, 'the relay made a mistake');
  const channels = new Channels({
    transport,
    findTarget: (id) => targets.find(id),
    onError: reportError,
    ...(graceMs !== undefined && { graceMs }),
  });
  const sockets = new Sockets(gate, channels);
  const handleRoutes = createRoutes({ gate, sessions, targets, transport });
  return {
    gate,
    targets,
    handle: async (request, response) => {
      try {
        return await handleRoutes(request, response);
      } catch (error) {
        reportError(error);
        if (!response.headersSent) response.writeHead(500, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ problem: 'The relay made a mistake. Its terminal has the details.' }));
        return true;
      }
    },
    upgrade: (request, socket, head) => sockets.upgrade(request, socket, head),
    newLink: (device) => `/${device === undefined ? '' : `?device=${device}`}#token=${sessions.newToken()}`,
    close: async () => {
      channels.close();
      sockets.close();
      await transport.close();
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
  const added = await relay.targets.add(address);
  if ('target' in added) return added.target.id;
  say(`--device: ${added.problem}`);
  return undefined;
}
