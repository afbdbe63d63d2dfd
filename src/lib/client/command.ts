import type { Exit, Prompt } from '#lib/protocol/messages.ts';
import type { Problem } from '#lib/protocol/problem.ts';
import { Channel, type ChannelOptions } from './channel.ts';

/** Largest output that a one-shot command may have, in bytes; a probe's is a few kB. */
const OUTPUT_MAX = 4 * 1024 * 1024;

export interface CommandRequest {
  readonly target: string;
  readonly command: string;
  readonly stdin?: string;
  readonly onPrompt?: (prompt: Prompt, answer: (answers: string[] | null) => void) => void;
}

export type CommandResult =
  { readonly exit: Exit; readonly stdout: string; readonly stderr: string } | { readonly problem: Problem };

/** Runs a command to its end and collects its output. Never rejects. */
export function runCommand(request: CommandRequest, options: ChannelOptions): Promise<CommandResult> {
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  const texts = { stdout: '', stderr: '' };
  let size = 0;
  return new Promise((resolve) => {
    const giveUp = (message: string): void => {
      channel.close();
      resolve({ problem: { code: 'exec-refused', message } });
    };
    const channel = Channel.open(
      { target: request.target, command: request.command, pty: null },
      {
        onData(bytes, stream) {
          size += bytes.length;
          texts[stream] += decoders[stream].decode(bytes, { stream: true });
          channel.consumed(bytes.length);
          if (size > OUTPUT_MAX) giveUp('The command printed more than 4 MiB.');
        },
        ...(request.onPrompt && { onPrompt: request.onPrompt }),
        // A short command that lost its socket half way is run again by whoever asked, not resumed.
        onEnd: (end) => resolve('problem' in end ? end : { exit: end.exit, ...texts }),
      },
      options,
    );
    if (request.stdin !== undefined) channel.write(new TextEncoder().encode(request.stdin));
    channel.end();
  });
}
