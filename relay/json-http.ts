import type { IncomingMessage, ServerResponse } from 'node:http';
import * as v from 'valibot';
import { BODY_MAX } from './limits.ts';

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

/** The request's JSON body, or undefined if it is too large, malformed or does not come whole. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of request as AsyncIterable<Buffer>) {
      // What is too much is read and dropped, so that the answer arrives: the request's deadline is its bound.
      size += part.length;
      if (size <= BODY_MAX) parts.push(part);
    }
    return size > BODY_MAX ? undefined : JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** What has this shape, or undefined. */
export function fitting<Schema extends v.GenericSchema>(
  schema: Schema,
  json: unknown,
): v.InferOutput<Schema> | undefined {
  const result = v.safeParse(schema, json);
  return result.success ? result.output : undefined;
}
