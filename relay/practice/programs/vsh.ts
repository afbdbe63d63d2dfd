import { ByteQueue, nullSource } from '../io.ts';
import type { Container, VirtualMachine } from '../machine/virtual-machine.ts';
import { always, fail, signalName, signalNumbers, type Call, type Program } from '../shell/program.ts';
import { Shell } from '../shell/shell.ts';
import { runInteractive } from '../terminal/interactive-shell.ts';
import { findUser, type User, type World } from '../worlds/world.ts';

/** Status of a client that lost its connection before the guest told one (chromeos-facts 1.4). */
const CONNECTION_LOST = 123;
/** The largest frame of its protocol (chromeos-facts 1.2). */
const FRAME_LIMIT = 4096;

const textFlags = ['vm_name', 'owner_id', 'user', 'target_container', 'cwd', 'container_features'] as const;
const numberFlags = ['cid', 'listen_port'] as const;
type Flag = (typeof textFlags)[number] | (typeof numberFlags)[number];

const isFlag = (name: string): name is Flag => ([...textFlags, ...numberFlags] as string[]).includes(name);
const source = '../../../../../../../mnt/host/source/src/platform2/vm_tools/vsh';

/** `vsh`: a command or shell in a VM or its container. All of chromeos-facts 1. */
export const vsh: Program = {
  name: 'vsh',
  isLive: always,
  complete: ({ length }, shell) => {
    const { userHash } = shell.world.machine;
    return length > 6
      ? []
      : ['--vm_name=termina', `--owner_id=${userHash}`, '--user=root', '--target_container=penguin', '--'];
  },
  run: async (call) => {
    const parsed = parseArguments(call.args);
    if ('status' in parsed) {
      if (parsed.help) await call.stdout.write(parsed.message);
      else await call.stderr.write(parsed.message);
      return parsed.status;
    }
    const vm = await findTarget(call, parsed.flags);
    if (typeof vm === 'number') return vm;
    const { environment, argv } = splitEnvironment(parsed.rest);
    const size = frameSize(parsed.flags, environment, argv, call.env['TERM'] ?? '');
    if (size > FRAME_LIMIT) {
      await complain(call, 'message_utils.cc:32', `Serialized message too large: ${String(size)}`);
      return complain(call, 'vsh_client.cc:164', 'Failed to send connection request');
    }
    const container = parsed.flags.get('target_container') ?? '';
    if (container !== '') return enterContainer(call, vm, container, parsed.flags, environment, argv);
    const world = call.shell.world.neighbour('termina');
    const name = parsed.flags.get('user') || 'chronos';
    const user = findUser(world, name);
    if (!user) {
      return complain(
        call,
        'vsh_client.cc:205',
        `Server was unable to set up connection: could not find user: ${name}, if attempting to connect to a containerless guest please use \`vsh ${vm.name} penguin\``,
      );
    }
    return runInGuest(call, vm, world, user, environment, argv, parsed.flags.get('cwd') ?? '');
  },
};

type Parsed =
  | { readonly flags: ReadonlyMap<Flag, string>; readonly rest: readonly string[] }
  | { readonly status: number; readonly message: string; readonly help?: boolean };

/** Everything with a dash before `--` is a flag; `--flag=value` only: `--user root` is an empty user and an argument. */
function parseArguments(args: readonly string[]): Parsed {
  const flags = new Map<Flag, string>();
  const rest: string[] = [];
  for (const [index, word] of args.entries()) {
    if (word === '--') {
      rest.push(...args.slice(index + 1));
      break;
    }
    const match = /^--?([^=-][^=]*)(?:=(.*))?$/s.exec(word);
    if (!match) {
      rest.push(word);
      continue;
    }
    const [, name = '', value = ''] = match;
    if (name === 'help') return { status: 0, message: usage, help: true };
    if (!isFlag(name)) return { status: 64, message: `vsh: ERROR: unknown command line flag '${name}'\n` };
    if ((numberFlags as readonly string[]).includes(name) && !/^\d+$/.test(value)) {
      return { status: 65, message: `vsh: ERROR: illegal value '${value}' specified for uint64 flag '${name}'\n` };
    }
    flags.set(name, value);
  }
  return { flags, rest };
}

const usage = `vsh client

  --cid  (Cid of VM)  type: uint64  default: 0
  --container_features  (Comma separated list of integers)  type: string  default: ""
  --cwd  (Working directory, or a pid)  type: string  default: ""
  --listen_port  (Port to listen on)  type: uint64  default: 4294967295
  --owner_id  (Owner of the VM)  type: string  default: ""
  --target_container  (Name of the container)  type: string  default: ""
  --user  (Target user)  type: string  default: ""
  --vm_name  (Name of the VM)  type: string  default: ""
`;

/** The message shape of 2026 builds (chromeos-facts 1.5). */
async function complain(call: Call, where: string, text: string): Promise<number> {
  const folder = where.startsWith('message') ? `${source}/../common` : source;
  return fail(call, `ERROR vsh: [${folder}/${where}] ${text}`);
}

async function findTarget(call: Call, flags: ReadonlyMap<Flag, string>): Promise<VirtualMachine | number> {
  const { machine } = call.shell.world;
  const name = flags.get('vm_name') ?? '';
  const cid = Number(flags.get('cid') ?? '0');
  if ((name === '') === (cid === 0))
    return complain(call, 'vsh.cc:345', 'Exactly one of --cid or --vm_name is required');
  if (name !== '' && (flags.get('owner_id') ?? '') === '') {
    return complain(call, 'vsh.cc:351', 'If using --vm_name, you must also specify --owner_id');
  }
  const container = flags.get('target_container') ?? '';
  if (name !== '' && !machine.upstart.isRunning(container === '' ? 'vm_concierge' : 'vm_cicerone')) {
    const service = container === '' ? 'concierge' : 'cicerone';
    return complain(call, 'vsh.cc:110', `Failed to send dbus message to ${service} service`);
  }
  const vm = cid > 0 ? machine.runningVms.find((one) => one.cid === cid) : machine.findVm(name);
  const running = vm?.state === 'running' && (cid > 0 || flags.get('owner_id') === machine.userHash);
  if (vm && running) return vm;
  if (container !== '') {
    return complain(
      call,
      'vsh.cc:173',
      `Failed to launch vshd for ${name}:${container}: requested VM does not exist: ${name}`,
    );
  }
  if (cid > 0) return complain(call, 'vsh_client.cc:92', 'Failed to connect to vshd: No such device');
  return complain(call, 'vsh.cc:122', `Failed to get VM info for ${name}`);
}

/** Leading words that are exactly `A=B`, both parts not empty, are the guest's environment (chromeos-facts 1.2). */
function splitEnvironment(words: readonly string[]): { environment: Record<string, string>; argv: readonly string[] } {
  const environment: Record<string, string> = {};
  for (const [index, word] of words.entries()) {
    const parts = word
      .split('=')
      .map((part) => part.trim())
      .filter((part) => part !== '');
    const [name, value] = parts;
    if (word.split('=').length !== 2 || name === undefined || value === undefined)
      return { environment, argv: words.slice(index) };
    if (name !== 'SHELL' && name !== 'HOME') environment[name] = value;
  }
  return { environment, argv: [] };
}

/** Bytes of the connection request as a protobuf: a tag and a length before each string. */
function frameSize(
  flags: ReadonlyMap<Flag, string>,
  environment: Readonly<Record<string, string>>,
  argv: readonly string[],
  term: string,
): number {
  const field = (bytes: number) => 1 + (bytes < 128 ? 1 : 2) + bytes;
  const text = (value: string) => field(Buffer.byteLength(value));
  const entries = Object.entries({ TERM: term, ...environment }).map(([name, value]) =>
    field(text(name) + text(value)),
  );
  const strings = [flags.get('user') ?? '', flags.get('target_container') ?? '', ...argv].map(text);
  return [...entries, ...strings].reduce((sum, size) => sum + size, 0);
}

async function enterContainer(
  call: Call,
  vm: VirtualMachine,
  name: string,
  flags: ReadonlyMap<Flag, string>,
  environment: Readonly<Record<string, string>>,
  argv: readonly string[],
): Promise<number> {
  const { logs } = call.shell.world.machine;
  const container: Container | undefined = vm.containers.get(name);
  if (!container?.running) {
    return complain(
      call,
      'vsh.cc:173',
      `Failed to launch vshd for ${vm.name}:${name}: requested container does not exist: ${name}`,
    );
  }
  logs.service(
    'INFO',
    'vm_cicerone',
    `[service.cc:1544] garcon in ${name} launched vshd for port ${String(40_000 + (call.shell.pid % 9999))}`,
  );
  const world = call.shell.world.neighbour('penguin');
  const wanted = flags.get('user') ?? '';
  // garcon has uid 1000 and cannot change it (chromeos-facts 1.6).
  if (wanted !== '' && wanted !== container.user) {
    return complain(
      call,
      'vsh_client.cc:205',
      `Server was unable to set up connection: cannot change to user: ${wanted}`,
    );
  }
  const user = findUser(world, container.user);
  if (!user)
    return complain(
      call,
      'vsh_client.cc:205',
      `Server was unable to set up connection: could not find user: ${container.user}`,
    );
  return runInGuest(call, vm, world, user, environment, argv, flags.get('cwd') ?? '');
}

async function runInGuest(
  call: Call,
  vm: VirtualMachine,
  world: World,
  user: User,
  given: Readonly<Record<string, string>>,
  argv: readonly string[],
  cwd: string,
): Promise<number> {
  const { terminal } = call.shell.seat;
  const onTerminal = call.stdin.kind === 'tty' && call.stdout.isTty && terminal !== null;
  const environment = { TERM: call.env['TERM'] ?? 'linux', ...given };
  const directory = cwd !== '' && !/^\d+$/.test(cwd) ? cwd : user.home;
  const shell = new Shell({
    world,
    user,
    terminal: onTerminal ? terminal : null,
    environment,
    directory,
    interactive: onTerminal && argv.length === 0,
  });
  const end = new AbortController();
  const cut = () => end.abort('HUP');
  const forward = () => end.abort(call.signal.reason);
  vm.power.signal.addEventListener('abort', cut, { once: true });
  call.signal.addEventListener('abort', forward, { once: true });
  try {
    const status = await runCommand(call, shell, argv, onTerminal, end.signal);
    return vm.power.signal.aborted ? CONNECTION_LOST : status;
  } finally {
    vm.power.signal.removeEventListener('abort', cut);
    call.signal.removeEventListener('abort', forward);
  }
}

async function runCommand(
  call: Call,
  shell: Shell,
  argv: readonly string[],
  onTerminal: boolean,
  signal: AbortSignal,
): Promise<number> {
  const { terminal } = shell.seat;
  if (argv.length === 0 && onTerminal && terminal) return runInteractive(shell, terminal, signal);
  // Only a pipe is read; from a file or /dev/null the guest hears nothing, not even the end (chromeos-facts 1.3).
  const stdin = call.stdin.kind === 'pipe' || onTerminal ? call.stdin : call.live ? new ByteQueue() : nullSource();
  const io = { stdin, stdout: call.stdout, stderr: onTerminal ? call.stdout : call.stderr };
  if (argv.length === 0) return shell.executeArgv(['sh', '-s'], io, signal);
  const [command = ''] = argv;
  if (!(await isCommand(shell, command))) {
    // Nothing on the client; vshd tells the guest's kernel log, which is in the VM's log (chromeos-facts 1.4).
    const { machine } = shell.world;
    const [vm] = machine.runningVms;
    if (vm)
      machine.logs.guest(
        vm,
        13,
        `${machine.logs.guestUptime(vm)} vshd: Failed to exec '${command}': No such file or directory`,
      );
    return 1;
  }
  // There is no job table that could report it later: a signal comes back as its number (chromeos-facts 1.4).
  const status = await shell.executeArgv(argv, io, signal);
  const name = signalName(String(signal.reason));
  return signal.aborted && name ? (signalNumbers[name] ?? status) : status;
}

/** execvp: a program, not a word of the shell. */
async function isCommand(shell: Shell, name: string): Promise<boolean> {
  if (shell.findProgram(name)) return true;
  const { fs } = shell.world;
  if (name.includes('/')) return fs.exists(fs.resolvePath(shell.directory, name));
  return shell.batch.hasCommand(name);
}
