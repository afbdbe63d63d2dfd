import { once } from 'node:events';
import { createServer, connect, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import * as v from 'valibot';
import { deviceFiles } from './state.ts';

/** What can be done to a device that is up; the arguments are those of the command line. */
const requestSchema = v.object({ action: v.string(), args: v.array(v.string()) });

const answerSchema = v.union([
  v.object({ ok: v.literal(true), text: v.string() }),
  v.object({ ok: v.literal(false), error: v.string() }),
]);

/** How an action ended: what there is to say, or why it could not be done. */
export type ActionAnswer = v.InferOutput<typeof answerSchema>;

/** Listens for actions, one JSON line each way per connection. Whoever starts it closes it. */
export async function serveActions(
  name: string,
  act: (action: string, args: readonly string[]) => Promise<ActionAnswer>,
): Promise<Server> {
  const answer = async (socket: Socket): Promise<void> => {
    for await (const line of createInterface({ input: socket })) {
      const request = v.safeParse(v.pipe(v.string(), v.parseJson(), requestSchema), line);
      const result: ActionAnswer = request.success
        ? await act(request.output.action, request.output.args).catch((error: unknown) => ({
            ok: false as const,
            error: error instanceof Error ? error.message : String(error),
          }))
        : { ok: false, error: 'The request is not one JSON line with action and args.' };
      socket.end(`${JSON.stringify(result)}\n`);
      return;
    }
  };
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    answer(socket).catch(() => socket.destroy());
  });
  server.listen(deviceFiles(name).control);
  await once(server, 'listening');
  return server;
}

/** Asks a device's keeper to do something, and waits for it to be done. */
export async function act(name: string, action: string, args: readonly string[] = []): Promise<ActionAnswer> {
  const socket = connect(deviceFiles(name).control);
  try {
    await once(socket, 'connect');
  } catch {
    return { ok: false, error: `No device "${name}" is up: start it with "npm run device -- up ${name}".` };
  }
  socket.write(`${JSON.stringify({ action, args })}\n`);
  let text = '';
  try {
    for await (const chunk of socket.setEncoding('utf8')) text += String(chunk);
  } catch {
    // Its end is judged by what came.
  }
  const answer = v.safeParse(v.pipe(v.string(), v.parseJson(), answerSchema), text);
  return answer.success ? answer.output : { ok: false, error: `The keeper of "${name}" ended before it answered.` };
}
