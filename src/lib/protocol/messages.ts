import * as v from 'valibot';
import { COMMAND_MAX } from './limits.ts';
import { problemSchema } from './problem.ts';

/**
 * The words on a channel's WebSocket. Text frames are these messages; binary frames are bytes: stdin up, stdout
 * and stderr down. Both directions count bytes from 0 as absolute offsets; `received` is the count so far.
 */

const offset = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const dimension = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000));
const size = { columns: dimension, rows: dimension };
const identifier = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/));

/** The signals SSH can carry (RFC 4254 section 6.10). */
export const SIGNALS = ['HUP', 'INT', 'QUIT', 'TERM', 'KILL', 'USR1', 'USR2'] as const;

export const STREAMS = ['stdout', 'stderr'] as const;
export type Stream = (typeof STREAMS)[number];

/** A terminal's size in characters. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export const ptySchema = v.object({ term: v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,32}$/)), ...size });

/** The page's first message: start a command. `command: null` is the login shell. */
const open = v.object({
  type: v.literal('open'),
  target: identifier,
  command: v.nullable(v.pipe(v.string(), v.maxBytes(COMMAND_MAX))),
  pty: v.nullable(ptySchema),
});

/** Or: forward a port of the relay's machine to `host:port` as the device sees it; see `forward.ts`. */
const forward = v.object({
  type: v.literal('forward'),
  target: identifier,
  host: v.pipe(v.string(), v.regex(/^[A-Za-z0-9._:%-]{1,255}$/)),
  port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
  /** To listen on, on 127.0.0.1; 0 picks a free one. */
  localPort: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535)),
});

/** Or: go on with a channel whose socket dropped, from the output offset the page has. */
const resume = v.object({ type: v.literal('resume'), channel: identifier, received: offset });

export const fromPageSchema = v.variant('type', [
  open,
  forward,
  resume,
  v.object({ type: v.literal('ack'), received: offset }),
  v.object({ type: v.literal('resize'), ...size }),
  v.object({ type: v.literal('signal'), signal: v.picklist(SIGNALS) }),
  /** No more stdin. */
  v.object({ type: v.literal('end') }),
  /** The page is done: end the command. A socket that drops without it leaves the channel waiting. */
  v.object({ type: v.literal('close') }),
  /** Answers to a prompt, one per question; null cancels. */
  v.object({
    type: v.literal('answer'),
    prompt: offset,
    answers: v.nullable(v.pipe(v.array(v.pipe(v.string(), v.maxLength(1024))), v.maxLength(16))),
  }),
]);

export const promptSchema = v.object({
  type: v.literal('prompt'),
  prompt: offset,
  /** What asks: `root@192.0.2.7`. */
  title: v.pipe(v.string(), v.maxLength(500)),
  instructions: v.pipe(v.string(), v.maxLength(4000)),
  questions: v.array(v.object({ text: v.pipe(v.string(), v.maxLength(500)), echo: v.boolean() })),
});

export const fromRelaySchema = v.variant('type', [
  /**
   * The command runs. `channel` is the secret for `resume`; `received` the stdin bytes that the relay has, where
   * the page's next byte belongs; `sent` the offset of the next output byte: above what the page has, the bytes
   * between are gone. Output below `live` was sent before: a page that has not seen it must not let its terminal
   * answer the queries in it again. Output below `end` was made before this message, perhaps for another size.
   */
  v.object({
    type: v.literal('ready'),
    channel: identifier,
    received: offset,
    sent: offset,
    live: offset,
    end: offset,
  }),
  /** Only below `end`: the output that follows was made for this size. From `end` on it is made for the page's own. */
  v.object({ type: v.literal('resize'), ...size }),
  /** The binary frames that follow belong to this stream. A channel starts with stdout. */
  v.object({ type: v.literal('data'), stream: v.picklist(STREAMS) }),
  v.object({ type: v.literal('ack'), received: offset }),
  promptSchema,
  /** How the command ended; both null when the device closed the channel without saying. After all of its output. */
  v.object({ type: v.literal('exit'), code: v.nullable(v.number()), signal: v.nullable(v.string()) }),
  /** Last message. Without a problem, the command ended by itself. */
  v.object({ type: v.literal('close'), problem: v.nullable(problemSchema) }),
]);

export type FromPage = v.InferOutput<typeof fromPageSchema>;
export type FromRelay = v.InferOutput<typeof fromRelaySchema>;
export type OpenMessage = v.InferOutput<typeof open>;
export type ForwardMessage = v.InferOutput<typeof forward>;
export type Pty = v.InferOutput<typeof ptySchema>;
export type Prompt = v.InferOutput<typeof promptSchema>;
export type Exit = Extract<FromRelay, { type: 'exit' }>;

/** A text frame as a message, or undefined if it is none: malformed JSON, unknown type, wrong field. */
export function parseFromPage(text: string): FromPage | undefined {
  return parseWith(fromPageSchema, text);
}

/** See `parseFromPage`. */
export function parseFromRelay(text: string): FromRelay | undefined {
  return parseWith(fromRelaySchema, text);
}

function parseWith<Schema extends v.GenericSchema>(schema: Schema, text: string): v.InferOutput<Schema> | undefined {
  try {
    const result = v.safeParse(schema, JSON.parse(text));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}
