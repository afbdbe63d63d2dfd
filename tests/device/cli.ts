import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { act } from './control.ts';
import { down } from './down.ts';
import { ensureImage } from './image.ts';
import { UsageError, parse, validName } from './options.ts';
import { addressOf, deviceFiles, deviceNames, isAlive, readRecord } from './state.ts';
import { canRun, findTiers } from './tiers.ts';
import { keep, up } from './up.ts';

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
  --no-dev-mode           crossystem's cros_debug is 0
  --vmc-list 2025-07|2024-02|older               the release whose "vmc list" it speaks
  --vsh-log 2026|2022|2018                       the release whose form the errors of vsh have
  --plain                 tier 1 without namespaces, as where the kernel refuses them: no VM`;

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

function list(): number {
  for (const name of deviceNames()) {
    const record = readRecord(name);
    const state =
      record && isAlive(record.keeper)
        ? `${addressOf(record)}\ttier ${record.tier}${record.isPlain ? ' without namespaces' : ''}\t${record.arch}`
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
    console.log(`tier ${tier.name}: ${canRun(tier) ? 'yes' : 'no'}  ${tier.title}`);
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
      ...['-p', String(record?.port), `${record?.user}@${record?.host}`, ...command],
    ],
    { stdio: 'inherit' },
  );
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}
