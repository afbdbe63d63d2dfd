import { readFileSync, readdirSync } from 'node:fs';
import type { Limits } from './limits.ts';

/** Connections to one origin that a browser opens: fewer strangers or pages would break off its loading. */
const BROWSER_CONNECTIONS = 6;

/** Fewest connections that a relay makes sense with: a page before and after its sign-in, and some channels. */
const CONNECTIONS_MIN = 2 * BROWSER_CONNECTIONS + 4;

/** Files of the state directory and of ~/.ssh that may be open at a time, pipes of the practice process, Node's spare ones. */
const FILES = 16;

/** How many descriptors this process may have open, and how many it has; undefined where the system doesn't say. */
export function countDescriptors(): { readonly max: number; readonly open: number } | undefined {
  try {
    const max = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    if (max === undefined) return undefined;
    return { max: max === 'unlimited' ? Infinity : Number(max), open: readdirSync('/proc/self/fd').length };
  } catch {
    return undefined;
  }
}

/**
 * The bounds of a relay that may open `max` descriptors and has `open` of them: connections that wait for a page, for a
 * sign-in or for a channel must leave enough for devices and files, or accept, connect and open fail with EMFILE for
 * everybody. Node has raised the soft limit to the hard one by then (node.cc, PlatformInit). `problem` is one sentence.
 */
export function fitToDescriptors(
  limits: Limits,
  counted: { readonly max: number; readonly open: number } | undefined,
): { readonly limits: Limits; readonly note?: string } | { readonly problem: string } {
  if (!counted) return { limits };
  const { max, open } = counted;
  const usable = max - open - FILES;
  // A sixth is for forwards, and a sixth for devices: a connection to one carries eight channels.
  const room = Math.floor((usable * 2) / 3);
  const forwarded = Math.max(0, Math.floor(usable / 6));
  const needed = Math.max(Math.ceil((limits.connections * 3) / 2), limits.forwardConnections * 6);
  const advice = `Allow it ${open + FILES + needed}: ulimit -n, or LimitNOFILE= of its unit.`;
  const why = `The system lets this process open ${max} files at a time`;
  if (room < CONNECTIONS_MIN) return { problem: `${why}, which is too few for a relay. ${advice}` };
  const less = [
    ...(room < limits.connections ? [`${room} connections instead of ${limits.connections}`] : []),
    ...(forwarded < limits.forwardConnections
      ? [`${forwarded} through port forwards instead of ${limits.forwardConnections}`]
      : []),
  ];
  if (less.length === 0) return { limits };
  const forwards = {
    forwardConnections: Math.min(limits.forwardConnections, forwarded),
    forwardConnectionsPerPrincipal: Math.min(limits.forwardConnectionsPerPrincipal, Math.ceil(forwarded * 0.75)),
  };
  const note = `${why}, so the relay takes ${less.join(', and ')}. ${advice}`;
  if (room >= limits.connections) return { limits: { ...limits, ...forwards }, note };
  // Each kind keeps its share, so that connections which only wait keep nobody out.
  const waiting = Math.max(BROWSER_CONNECTIONS, Math.floor(room / 6));
  const sockets = room - 2 * waiting;
  return {
    limits: {
      ...limits,
      ...forwards,
      connections: room,
      strangers: Math.min(limits.strangers, waiting),
      pages: Math.min(limits.pages, waiting),
      sockets: Math.min(limits.sockets, sockets),
      socketsPerPrincipal: Math.min(limits.socketsPerPrincipal, Math.max(1, Math.ceil(sockets * 0.75))),
    },
    note,
  };
}
