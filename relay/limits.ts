/**
 * What one relay serves at most, and for how long it waits: against whoever connects and says nothing, and against a
 * page that went wrong. The numbers that a page must know are in protocol/limits.ts.
 */
import { FORWARD_CONNECTIONS_OF_PRINCIPAL, REPLAY_RING } from '#lib/protocol/limits.ts';
import type { BudgetLimits } from './budget.ts';

/**
 * Largest `--channels`. Each whose page reads nothing may hold HIGH_WATER bytes of output, what SSH has on its way behind
 * that (2 MiB, `WINDOW` in ssh/windows.ts) and INPUT_UNTAKEN_MAX of input: 4.2 MB as measured, 17 GB in all.
 */
export const CHANNELS_LIMIT = 4096;

/**
 * What one WebSocket may have to send that the page does not take, in bytes, each message counted with RECORD_COST more:
 * above it the socket is cut off. An honest page that is slow has what a channel replays, REPLAY_RING, in which HIGH_WATER
 * and FRAMES_HIGH fit, and a `data` or `resize` message for each of its records, as much again and a tenth. The rest is
 * for acknowledgements of stdin, one for each key that is pressed meanwhile: 2,900.
 */
export const UNSENT_MAX = 3 * REPLAY_RING;

/**
 * Connections of which nobody has signed in: in the TLS handshake, before or between requests, or fetching the app.
 * Above it the oldest is closed, so that connections which only wait keep nobody out. A browser opens six to one origin.
 */
export const STRANGERS_MAX = 64;

/** Connections of signed-in pages that are no WebSocket. Above it the one goes that has not been used for longest. */
export const CALLERS_MAX = 64;

/** Until a request's headers are there, from the connection on, and for a TLS handshake, in ms. As OPEN_DEADLINE_MS. */
export const HEADERS_DEADLINE_MS = 5_000;

/** Until a request with its body is there, in ms. Bodies are 16 KiB at most: a modem takes 3 s. */
export const REQUEST_DEADLINE_MS = 10_000;

/** How often the two are looked at, in ms. Node's own 30 s would make 35 s of 5. */
export const DEADLINES_CHECKED_EVERY_MS = 1_000;

/**
 * A connection on which no byte moves while a request or an answer is due, in ms: who reads nothing is let go, at the
 * latest after twice as long, for Node looks a second time where something waits to be sent.
 */
export const STALL_DEADLINE_MS = 15_000;

/** Until a page has answered the closing handshake of its WebSocket, in ms. ws waits 30 s. */
export const CLOSE_DEADLINE_MS = 5_000;

/** Largest request body, in bytes: one address, one fingerprint, one token. */
export const BODY_MAX = 16 * 1024;

/** How long pages have to take the news that the relay stops, in ms. */
export const FAREWELL_MS = 1_000;

/** How long a stop may take before the process leaves anyway, in ms. What promises 5 s needs some for itself. */
export const STOP_DEADLINE_MS = 4_000;

/** Devices that people add: more than anybody has on a desk, few enough for one menu. As many may be listed. */
export const TARGETS_MAX = 64;

/** How many there may be of each; see `limitsOf`. */
export interface Limits {
  readonly channels: number;
  readonly channelsPerPrincipal: number;
  readonly sockets: number;
  readonly socketsPerPrincipal: number;
  readonly strangers: number;
  readonly pages: number;
  /** All connections that the relay accepts: a last resort, for each kind has its own bound. */
  readonly connections: number;
  /** Connections through all forwards, and through those of one principal. */
  readonly forwardConnections: number;
  readonly forwardConnectionsPerPrincipal: number;
  /** How often one principal may open a channel, and change a device. */
  readonly opens: BudgetLimits;
  readonly settings: BudgetLimits;
}

/**
 * Channels that one principal opens: each has two lines in the audit, so beyond it an open is refused. After a restart of
 * the relay three windows open 64 terminals, logs, probes and forwards each, 400 at once; a script of a person opens one a
 * second. A window whose device is off asks for it every 10 s (LONGEST_MS in client/back-off.ts, less its jitter), 8,640
 * times a day: three such windows, and 4,080 times for what people do.
 */
export const OPENS: BudgetLimits = { burst: 2_000, perSecond: 2, perDay: 30_000 };

/**
 * Changes that one principal makes: a device added or removed, a host key trusted, old algorithms allowed. People make
 * each by hand, or add the 64 devices that a relay keeps (TARGETS_MAX) by a script.
 */
export const SETTINGS: BudgetLimits = { burst: 100, perSecond: 1, perDay: 2_000 };

/** The bounds that go with how many channels a relay may have. */
export function limitsOf(channels: number): Limits {
  return {
    channels,
    /** Another person still gets in. */
    channelsPerPrincipal: Math.ceil(0.75 * channels),
    /** WebSockets of all pages: every channel's, and as many that take a channel over or have not said anything yet. */
    sockets: 2 * channels,
    /** WebSockets of one principal: for all those channels, and as many to take them over on. */
    socketsPerPrincipal: Math.ceil(1.5 * channels),
    strangers: STRANGERS_MAX,
    pages: CALLERS_MAX,
    /** Those that were just closed still count here. */
    connections: 2 * (channels + STRANGERS_MAX + CALLERS_MAX),
    forwardConnections: 4 * FORWARD_CONNECTIONS_OF_PRINCIPAL,
    forwardConnectionsPerPrincipal: FORWARD_CONNECTIONS_OF_PRINCIPAL,
    opens: OPENS,
    settings: SETTINGS,
  };
}
