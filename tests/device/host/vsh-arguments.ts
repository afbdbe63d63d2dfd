import type { DeviceConfig } from '../config.ts';
import { type ParsedFlags, parseFlags } from './brillo-flags.ts';

/** The flags of vsh (chromeos-facts.md section 1.1). */
const FLAGS = {
  cid: 'uint64',
  vm_name: 'string',
  owner_id: 'string',
  listen_port: 'uint64',
  target_container: 'string',
  user: 'string',
  cwd: 'string',
  container_features: 'string',
} as const;

/** What vsh was asked to run. */
export interface VshRequest {
  readonly vm: string;
  readonly owner: string;
  /** Empty: the VM itself. */
  readonly container: string;
  /** Empty: chronos in a VM, the user of vshd in a container. */
  readonly user: string;
  readonly cwd: string;
  readonly cid: string;
  readonly env: Readonly<Record<string, string>>;
  /** Empty: a login shell. */
  readonly argv: readonly string[];
}

/**
 * Reads vsh's command line; `exit` is what it prints and ends with instead of connecting.
 * @param release whose form its errors have
 */
export function parseVsh(
  argv: readonly string[],
  release: VshRelease,
): VshRequest | Extract<ParsedFlags, { exit: unknown }> {
  const usage = 'vsh client\n\nUsage: vsh [flags] -- ENV1=VALUE1 ENV2=VALUE2 command arg1 arg2...';
  const parsed = parseFlags('vsh', usage, FLAGS, argv);
  if ('exit' in parsed) return parsed;
  const { flags, rest } = parsed;
  const { env, argv: command } = splitEnvironment(rest);
  const request: VshRequest = {
    vm: flags['vm_name'] ?? '',
    owner: flags['owner_id'] ?? '',
    container: flags['target_container'] ?? '',
    user: flags['user'] ?? '',
    cwd: flags['cwd'] ?? '',
    cid: flags['cid'] ?? '0',
    env,
    argv: command,
  };
  if (request.container === '') {
    if ((request.cid === '0') === (request.vm === ''))
      return failure(release, 399, 'Exactly one of --cid or --vm_name is required');
    if (request.vm !== '' && request.owner === '')
      return failure(release, 404, 'If using --vm_name, you must also specify --owner_id');
  }
  return request;
}

/**
 * Leading `NAME=VALUE` words are environment; the first other word starts the command. A word is environment if it
 * splits at `=` into exactly two parts that are not empty when trimmed: `A=` and `A=b=c` are commands
 * (chromeos-facts.md section 1.2).
 */
export function splitEnvironment(words: readonly string[]): { env: Record<string, string>; argv: string[] } {
  const env: Record<string, string> = {};
  let index = 0;
  for (; index < words.length; index++) {
    const parts = (words[index] ?? '')
      .split('=')
      .map((part) => part.trim())
      .filter((part) => part !== '');
    const [name, value] = parts;
    if (parts.length !== 2 || name === undefined || value === undefined) break;
    env[name] = value;
  }
  return { env, argv: words.slice(index) };
}

/** One message of vsh's protocol may have this many bytes (chromeos-facts.md section 1.2). */
export const MESSAGE_MAX = 4096;

/** The size of the connection request as a protobuf message: a tag and a length before each string. */
export function requestSize({ container, user, cwd, env, argv }: VshRequest, term: string): number {
  const field = (bytes: number): number => 1 + (bytes < 128 ? 1 : 2) + bytes;
  const text = (value: string): number => (value === '' ? 0 : field(Buffer.byteLength(value)));
  const pairs = Object.entries({ TERM: term, ...env });
  return (
    text(container) +
    text(user) +
    text(cwd) +
    pairs.reduce((sum, [name, value]) => sum + field(text(name) + text(value)), 0) +
    argv.reduce((sum, word) => sum + field(Buffer.byteLength(word)), 0) +
    // The window's size and nopty.
    6
  );
}

/** The releases whose log prefix differs (chromeos-facts.md section 1.5). */
export type VshRelease = DeviceConfig['vshRelease'];

/** What stands before the text of vsh's errors. Only the text after `] ` is the same in all releases. */
export function vshPrefix(release: VshRelease, line: number, file = 'vsh.cc'): string {
  if (release === '2018') return `[ERROR:${file}(${line})] `;
  if (release === '2022') return `ERROR vsh: [${file}(${line})] `;
  return `ERROR vsh: [../../../../../../../mnt/host/source/src/platform2/vm_tools/vsh/${file}:${line}] `;
}

/** A setup error: exit 1 (chromeos-facts.md section 1.4). */
export function failure(
  release: VshRelease,
  line: number,
  text: string,
  file?: string,
): Extract<ParsedFlags, { exit: unknown }> {
  return { exit: { stdout: '', stderr: `${vshPrefix(release, line, file)}${text}\n`, code: 1 } };
}
