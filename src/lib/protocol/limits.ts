/**
 * The wire's numbers, each with its reason. Bytes unless said otherwise.
 * Measurements: web-terminals.md sections 3 and 4 of the project's facts, repeated here where they decide.
 */

/** Above this many unacknowledged bytes a sender stops reading its source: about 15 ms of a terminal's parsing. */
export const HIGH_WATER = 512 * 1024;

/** Below this many unacknowledged bytes it goes on. */
export const LOW_WATER = 128 * 1024;

/** A receiver acknowledges after this many consumed bytes, and when it has consumed all it got. */
export const ACK_EVERY = 64 * 1024;

/** Largest binary frame a sender makes. Small enough that a keystroke never waits long behind one. */
export const FRAME_MAX = 64 * 1024;

/** More frames than this on the way are too many, however small: a command that prints single bytes makes those. */
export const FRAMES_HIGH = 1024;

/** What a record of the replay ring counts for beyond its bytes: about what it costs in memory. */
export const RECORD_COST = 256;

/**
 * Largest frame or message that either side accepts; `ws` closes the socket above it. An `open` with a command of
 * COMMAND_MAX bytes fits in, with each of them a quote or a line break that JSON writes as two.
 */
export const PAYLOAD_MAX = 256 * 1024;

/** Largest message after `ready`, in bytes: an `ack` or a `resize` takes 60. JSON of 1 MiB cost 30 MB to parse. */
export const MESSAGE_MAX = 1024;

/** A binary frame below this many bytes counts as a message, for it costs the relay as much. */
export const SMALL_FRAME = 4 * 1024;

/**
 * Messages and small binary frames that one socket may send at once, and then in a second; each binary frame from the
 * relay allows one more, its `ack`. A key that is held down makes 30 a second, a mouse that a program follows up to 1000.
 */
export const MESSAGES_BURST = 1000;
export const MESSAGES_PER_SECOND = 1000;

/**
 * Longest command, in bytes of UTF-8: Linux takes 128 KiB as one argument (MAX_ARG_STRLEN), a final NUL included, and the
 * relay puts a mark of its own before it.
 */
export const COMMAND_MAX = 127 * 1024;

/**
 * The relay keeps this much of a channel's latest output for a page that comes back. Must exceed what may be
 * unacknowledged: HIGH_WATER + FRAMES_HIGH * RECORD_COST + FRAME_MAX.
 */
export const REPLAY_RING = 1024 * 1024;

/** Input that a page has on the way, sent and not acknowledged: the rest waits in the page, where a reconnect finds it. */
export const INPUT_WINDOW = 256 * 1024;

/** Largest binary frame a page makes: a paste must not hold back a Ctrl-C (web-terminals.md section 4, "framing"). */
export const INPUT_FRAME_MAX = 32 * 1024;

/** Input that a command has not taken. Above it the page breaks the protocol, and its channel ends. */
export const INPUT_UNTAKEN_MAX = 1024 * 1024;

/** How long a channel outlives its socket if the relay is not told otherwise, in ms. */
export const GRACE_MS = 10 * 60_000;

/** How long a page has for its first message, in ms. */
export const OPEN_DEADLINE_MS = 5_000;

/** How long a person has to answer a password prompt, in ms. */
export const PROMPT_DEADLINE_MS = 2 * 60_000;

/** Channels of one relay, attached and waiting. 64 times REPLAY_RING is the relay's largest buffer. */
export const CHANNELS_MAX = 64;

/** Port forwards of one principal: more than anybody debugs at a time, few enough for one table. */
export const FORWARDS_MAX = 16;

/** Connections through one forward; one more is closed at once. */
export const FORWARD_CONNECTIONS_MAX = 32;

/**
 * Connections through all forwards of one principal. Each that nobody reads costs the relay about 300 kB: what stream and
 * socket hold, and the window of an SSH channel, of which one device has 16 MiB for all.
 */
export const FORWARD_CONNECTIONS_OF_PRINCIPAL = 96;

/** A forward reports what changed after this, in ms: soon enough for a person, seldom enough for a busy connection. */
export const FORWARD_REPORT_MS = 250;

/** Socket pings: every interval, given up after two without an answer, in ms. */
export const PING_MS = 15_000;
