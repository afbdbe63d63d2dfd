import { once } from 'node:events';
import { connect } from 'node:net';
import * as v from 'valibot';
import { PATHS } from './paths.ts';
import type { ProgramAnswer, ProgramRequest } from './world.ts';

const answerSchema = v.object({
  stdout: v.string(),
  stderr: v.string(),
  code: v.number(),
  then: v.optional(v.array(v.string())),
});

/** Asks the host services daemon for a program's answer. `null` if it does not run or gives none. */
export async function askServices(request: ProgramRequest): Promise<ProgramAnswer | null> {
  const socket = connect(PATHS.services);
  try {
    await once(socket, 'connect');
    socket.write(`${JSON.stringify(request)}\n`);
    let text = '';
    for await (const chunk of socket.setEncoding('utf8')) text += String(chunk);
    const { then, ...answer } = v.parse(v.pipe(v.string(), v.parseJson(), answerSchema), text);
    return then ? { ...answer, then } : answer;
  } catch {
    return null;
  }
}
