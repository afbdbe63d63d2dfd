import type { ProgramAnswer } from './world.ts';
import type { CommandResult, Upstart } from './upstart.ts';

const done = (stdout: string): ProgramAnswer => ({ stdout, stderr: '', code: 0 });
const failed = (program: string, error: string): ProgramAnswer => ({
  stdout: '',
  stderr: `${program}: ${error}\n`,
  code: 1,
});

/** A job as `status` prints it (chromeos-facts.md section 5.2); null if there is no such job. */
export function statusLine(upstart: Upstart, name: string): string | null {
  const status = upstart.status(name);
  if (!status) return null;
  const process = status.pid === null ? '' : `, process ${status.pid}`;
  return `${name} ${status.goal}/${status.state}${process}`;
}

/**
 * Upstart's commands: start, stop, restart, status, and initctl with those and list and emit as its first word.
 * @returns what the command prints, with upstart's texts
 */
export async function initctl(upstart: Upstart, program: string, argv: readonly string[]): Promise<ProgramAnswer> {
  const [command = '', ...args] = program === 'initctl' ? argv : [program, ...argv];
  const [name] = args.filter((word) => !/=|^-/.test(word));
  if (command === 'list') {
    const lines = upstart.names.map((job) => statusLine(upstart, job) ?? '').sort();
    return done(`${lines.join('\n')}\n`);
  }
  if (!['start', 'stop', 'restart', 'status', 'emit'].includes(command))
    return failed(program, `invalid command: ${command}`);
  if (name === undefined) return failed(program, command === 'emit' ? 'missing event name' : 'missing job name');
  if (command === 'emit') {
    await upstart.emit(name);
    return done('');
  }
  if (command !== 'status') {
    const result: CommandResult = await upstart[command as 'start' | 'stop' | 'restart'](name);
    if (!result.ok) return failed(program, result.error);
  }
  const line = statusLine(upstart, name);
  return line === null ? failed(program, `Unknown job: ${name}`) : done(`${line}\n`);
}
