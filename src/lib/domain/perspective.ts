import type { Link } from './link.ts';
import { familyOf } from './transport-family.ts';

/** A question that the map answers: where it runs, who calls whom, how it ships, where it logs. */
export type Perspective = 'runs' | 'rpc' | 'ships' | 'logs';

export const PERSPECTIVES: readonly Perspective[] = ['runs', 'rpc', 'ships', 'logs'];

/** The gRPC service that carries the guest's log lines to the host. */
const LOG_COLLECTOR = 'vm_tools.LogCollector';

const SHOWS: Readonly<Record<Perspective, (link: Link) => boolean>> = {
  // Log lines come from everywhere and would cover the rest; they have their own perspective.
  runs: ({ kind, transport }) => kind === 'runtime' && transport !== 'syslog',
  rpc: ({ transport }) => ['dbus', 'grpc'].includes(familyOf(transport)) || transport === 'rest-unix',
  ships: ({ kind }) => kind === 'build',
  logs: ({ transport, service }) => transport === 'syslog' || transport === 'unix-dgram' || service === LOG_COLLECTOR,
};

/** Whether a link belongs to what the perspective is about. Every link belongs to at least one. */
export function shows(perspective: Perspective, link: Link): boolean {
  return SHOWS[perspective](link);
}
