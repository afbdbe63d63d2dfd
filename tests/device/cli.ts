import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { arch } from 'node:os';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { type DeviceConfig, TEST_USER } from './config.ts';
import { act } from './control.ts';
import { ensureImage } from './image.ts';
import { Keeper, removeRemains } from './keeper.ts';
import { deviceFiles, deviceNames, isAlive, nameSchema, readRecord } from './state.ts';
import { canRun, findTiers } from './tiers.ts';

const USAGE = `A ChromeOS device to test against, made of real parts.

  npm run device -- up NAME [options]       boots one, signed in; prints its address
  npm run device -- ssh NAME [command]      a shell on it, or a command, as root
  npm run device -- down NAME | --all       ends it and removes everything of it
  npm run device -- list                    what is up
  npm run device -- doctor [--json]         what this machine can run, and what it would take
  npm run device -- image                   makes the container image of tier 2, if need be

  reboot NAME [seconds]   in order: connections close; up again after so long (1)
  crash NAME [seconds]    a power cut: nobody hears of it                           (tier 2)
  cut NAME, plug NAME     pulls the network cable, puts it back                     (tier 2)
  link NAME [delay=MS] [loss=PERCENT] [rate=KBIT]   a bad link; without any, good   (tier 2)
  reflash NAME            reboots it with another host key
  signin NAME, signout NAME, guest NAME   who is signed in; VMs end with the session
  vmc NAME start --no-shell termina       and the like: vmc on it
  rotate NAME             rotates its logs, as a day would
  burst NAME [messages|vm|journal] [lines]   that many log lines at once

Options of up:
  --tier 1|2              1 without root, 2 with; the best possible by default
  --arch x86_64|aarch64   what uname says
  --release-image         no test image          --no-dlc      termina-dlc is not installed
  --baguette              a containerless guest  --vm          starts termina too
  --vmc-list 2025-07|2024-02|older               the release whose "vmc list" it speaks`;

const OPTIONS = {
  tier: { type: 'string' },
  arch: { type: 'string' },
  'release-image': { type: 'boolean' },
  'no-dlc': { type: 'boolean' },
  baguette: { type: 'boolean' },
  vm: { type: 'boolean' },
  'vmc-list': { type: 'string' },
  all: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

const configSchema = v.object({
  name: nameSchema,
  tier: v.picklist([1, 2]),
  arch: v.picklist(['x86_64', 'aarch64']),
  testImage: v.boolean(),
  terminaDlc: v.boolean(),
  vmType: v.picklist(['crostini', 'baguette']),
  vmcListFormat: v.picklist(['2025-07', '2024-02', 'older']),
  user: v.object({ email: v.string(), hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/)) }),
  guestUser: v.string(),
  timeZone: v.string(),
});

/** A mistake of whoever typed the command; shown without a stack. */
class UsageError extends Error {}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`device: ${error instanceof Error ? error.message : String(error)}`);
  return error instanceof UsageError ? 2 : 1;
});

async function main(argv: string[]): Promise<number> {
  const [command = '', name = ''] = argv;
  // What comes after the name is the device's own.
  if (command === 'ssh') return ssh(existing(name), argv.slice(2));
  if (command === 'keep') return keep(name);
  if (command === 'vmc') return report(await act(existing(name), 'vmc', argv.slice(2)));
  const { values, positionals } = parse(argv);
  if (values.help || command === '' || command === 'help') {
    console.log(USAGE);
    return command === '' ? 2 : 0;
  }
  switch (command) {
    case 'up':
      return up(name, values);
    case 'down':
      return down(values.all ? deviceNames() : [validName(name)]);
    case 'list':
      return list();
    case 'doctor':
      return doctor(values.json ?? false);
    case 'image':
      console.log(await ensureImage((line) => console.log(line)));
      return 0;
    case 'reboot':
    case 'crash':
    case 'cut':
    case 'plug':
    case 'link':
    case 'reflash':
    case 'signin':
    case 'signout':
    case 'guest':
    case 'rotate':
    case 'burst':
      return report(await act(existing(name), command, positionals.slice(2)));
    default:
      throw new UsageError(`there is no command "${command}"; "npm run device -- help" lists them`);
  }
}

function parse(argv: string[]) {
  try {
    return parseArgs({ args: argv, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function validName(name: string): string {
  const result = v.safeParse(nameSchema, name);
  if (!result.success)
    throw new UsageError(
      name ? `"${name}": ${result.issues[0].message}` : 'the name of a device is missing, as in "up dut"',
    );
  return result.output;
}

function existing(name: string): string {
  if (readRecord(validName(name))) return name;
  const names = deviceNames();
  throw new UsageError(
    `there is no device "${name}"${names.length ? `, only ${names.join(', ')}` : `: start it with "npm run device -- up ${name}"`}`,
  );
}

function report(answer: Awaited<ReturnType<typeof act>>): number {
  if (answer.ok && answer.text) console.log(answer.text);
  if (!answer.ok) console.error(`device: ${answer.error}`);
  return answer.ok ? 0 : 1;
}

type Options = ReturnType<typeof parse>['values'];

function configOf(name: string, options: Options): DeviceConfig {
  const best = findTiers().filter(canRun).at(-1)?.id ?? 0;
  const wanted = options.tier === undefined ? best : Number(options.tier);
  const tier = findTiers().find(({ id }) => id === wanted && id > 0);
  if (options.tier === undefined && best === 0)
    throw new UsageError('this machine cannot run one: see "npm run device -- doctor"');
  if (!tier) throw new UsageError(`--tier takes 1 or 2, not "${options.tier}"`);
  if (!canRun(tier))
    throw new UsageError(
      `tier ${tier.id} cannot run here: ${tier.obstacles.map(({ what, command }) => `${what} (${command})`).join('; ')}`,
    );
  const result = v.safeParse(configSchema, {
    name: validName(name),
    tier: tier.id,
    arch: options.arch ?? (arch() === 'arm64' ? 'aarch64' : 'x86_64'),
    testImage: !options['release-image'],
    terminaDlc: !options['no-dlc'],
    vmType: options.baguette ? 'baguette' : 'crostini',
    vmcListFormat: options['vmc-list'] ?? '2025-07',
    user: TEST_USER,
    guestUser: 'testuser',
    timeZone: 'America/Los_Angeles',
  });
  if (!result.success)
    throw new UsageError(`${v.getDotPath(result.issues[0]) ?? 'option'}: ${result.issues[0].message}`);
  return result.output;
}

/** Starts a keeper that outlives this command. */
async function up(name: string, options: Options): Promise<number> {
  const config = configOf(name, options);
  const begun = Date.now();
  if (config.tier === 2) await ensureImage((line) => console.log(line));
  const child = spawn(process.execPath, [process.argv[1] ?? '', 'keep', JSON.stringify(config)], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit'),
  ])) as unknown[];
  const record = readRecord(config.name);
  if (line !== 'up' || !record) return 1;
  child.stdout.destroy();
  child.unref();
  if (options.vm) report(await act(config.name, 'vmc', ['start', '--no-shell', 'termina']));
  const { key, knownHosts } = deviceFiles(config.name);
  const port = record.port === 22 ? '' : `:${record.port}`;
  console.log(
    `${config.name} is up, tier ${config.tier}, in ${((Date.now() - begun) / 1000).toFixed(1)} s: root@${record.host}${port}, password test0000`,
  );
  console.log(`key ${key}, host key in ${knownHosts}`);
  return 0;
}

/** The keeper's process: from `up`, or owned by whoever holds the other end of its stdin. */
async function keep(json: string): Promise<number> {
  const config = v.parse(v.pipe(v.string(), v.parseJson(), configSchema), json);
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => resolve());
    if (process.env['DEVICE_OWNED']) process.stdin.resume().on('end', resolve);
  });
  const keeper = await Keeper.start(config, config.tier === 2 ? await ensureImage(() => undefined) : null);
  console.log('up');
  await stopped;
  await keeper.close();
  process.exit(0);
}

async function down(names: readonly string[]): Promise<number> {
  for (const name of names) {
    const record = readRecord(name);
    if (record && isAlive(record.keeper)) {
      process.kill(Number.parseInt(record.keeper, 10), 'SIGTERM');
      while (isAlive(record.keeper)) await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const remains = await removeRemains(name);
    console.log(
      record ? `${name} is down` : remains.length ? `${name}: removed what was left behind` : `there is no ${name}`,
    );
  }
  return 0;
}

function list(): number {
  for (const name of deviceNames()) {
    const record = readRecord(name);
    const state =
      record && isAlive(record.keeper)
        ? `root@${record.host} port ${record.port}, tier ${record.tier}, ${record.arch}`
        : 'left behind: "down" removes it';
    console.log(`${name}\t${state}`);
  }
  return 0;
}

function doctor(asJson: boolean): number {
  if (asJson) {
    console.log(JSON.stringify(findTiers()));
    return 0;
  }
  for (const tier of findTiers()) {
    console.log(`tier ${tier.id}: ${canRun(tier) ? 'yes' : 'no'}  ${tier.title}`);
    for (const { what, command } of tier.obstacles) console.log(`        ${what}: ${command}`);
  }
  return 0;
}

async function ssh(name: string, command: readonly string[]): Promise<number> {
  const record = readRecord(name);
  const { key, knownHosts } = deviceFiles(name);
  const child = spawn(
    'ssh',
    [
      ...['-i', key, '-o', 'IdentitiesOnly=yes', '-o', `UserKnownHostsFile=${knownHosts}`, '-o', 'LogLevel=ERROR'],
      ...['-p', String(record?.port), `root@${record?.host}`, ...command],
    ],
    { stdio: 'inherit' },
  );
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}
