import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { PATHS } from './paths.ts';
import type { ProgramAnswer, World } from './world.ts';

/** More lines than this at once would fill the device's disk, which is memory. */
const LINES_MAX = 1_000_000;

const failed = (text: string): ProgramAnswer => ({ stdout: '', stderr: `device-burst: ${text}\n`, code: 1 });

/**
 * `device-burst [messages|vm|journal] [LINES]`: that many lines at once, by the way that such lines really take:
 * through syslogd, through the VM log's writer, through the container's journald.
 * @param writeConsole writes lines of a VM's console
 */
export async function burst(
  { vms, config }: World,
  argv: readonly string[],
  writeConsole: (vm: string, cid: number, lines: readonly Buffer[]) => void,
): Promise<ProgramAnswer> {
  const [where = 'messages', count = '10000'] = argv;
  const lines = Number(count);
  if (!Number.isInteger(lines) || lines < 1 || lines > LINES_MAX)
    return failed(`"${count}" is no number of lines from 1 to ${LINES_MAX}`);
  const line = (index: number): string =>
    `[service.cc:${index % 4000}] burst ${index} of ${lines} ${'x'.repeat(index % 60)}`;
  const begun = performance.now();
  let problem: string | undefined;
  switch (where) {
    case 'messages':
      problem = await feed(
        ['logger', '--socket', PATHS.syslog, '--tag', 'vm_concierge', '--prio-prefix'],
        lines,
        (index) => `<${8 + 3 + (index % 5)}>${line(index)}\n`,
      );
      break;
    case 'vm': {
      const vm = vms.list().find(({ state }) => state === 'running');
      if (!vm) return failed('no VM runs');
      for (const indices of portions(lines)) {
        writeConsole(
          vm.name,
          vm.cid ?? 0,
          indices.map((index) => Buffer.from(line(index))),
        );
        // The daemon has others to answer.
        await setImmediate();
      }
      break;
    }
    case 'journal': {
      const enter = enterContainer(config.tier);
      if (!enter) return failed('no container runs');
      problem = await feed([...enter, 'systemd-cat', '-t', 'garcon'], lines, (index) => `${line(index)}\n`);
      break;
    }
    default:
      return failed(`"${where}" is none of messages, vm, journal`);
  }
  if (problem !== undefined) return failed(problem);
  const seconds = (performance.now() - begun) / 1000;
  return { stdout: `${lines} lines to ${where} in ${seconds.toFixed(2)} s\n`, stderr: '', code: 0 };
}

/** The command that enters penguin of termina as root; null if it does not run. */
function enterContainer(tier: 1 | 2): string[] | null {
  try {
    const directory = join(PATHS.vms, 'termina');
    const vm = readFileSync(join(directory, 'pid'), 'utf8').trim();
    const container = readFileSync(join(directory, 'containers', 'penguin'), 'utf8').trim();
    return [
      ...['nsenter', '-t', vm, '-m', '-u', '-i', '-p', '-r', '-w'],
      ...['nsenter', '-t', container, ...(tier === 2 ? ['-U'] : []), '-m', '-u', '-i', '-p', '-r', '-w'],
    ];
  } catch {
    return null;
  }
}

/** How many lines are made at a time. */
const PORTION = 1000;

/** The numbers below `lines`, by portions. */
function* portions(lines: number): Generator<number[]> {
  for (let from = 0; from < lines; from += PORTION)
    yield Array.from({ length: Math.min(PORTION, lines - from) }, (_, index) => from + index);
}

/**
 * Feeds lines to a program's stdin, no faster than it reads, and waits for its end.
 * @returns what went wrong, if anything did
 */
async function feed(
  [program = '', ...args]: readonly string[],
  lines: number,
  line: (index: number) => string,
): Promise<string | undefined> {
  const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'close');
  const all = function* () {
    for (const indices of portions(lines)) yield indices.map(line).join('');
  };
  try {
    await pipeline(Readable.from(all()), child.stdin);
  } catch {
    // It ended before it had read all; how is told by its code.
  }
  const [code] = (await ended) as [number | null];
  return code === 0 ? undefined : `${program} ended with ${code ?? 'a signal'}: ${stderr.trim()}`;
}
