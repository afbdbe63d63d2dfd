import { ByteQueue, untilBroken } from '../io.ts';
import type { JournalRecord } from '../logs/journal.ts';
import { formatStamp } from '../logs/log-format.ts';
import { always, fail, type Call, type Program } from '../shell/program.ts';

interface JournalOptions {
  lines: number;
  follow: boolean;
  output: string;
  units: string[];
  userUnits: string[];
  priority: number;
  reverse: boolean;
  identifiers: string[];
  /** Of `--output-fields`; empty: all. */
  fields: string[];
  /** `FIELD=value`: all must fit. */
  matches: (readonly [field: string, value: string])[];
}

const severities = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];

/** `journalctl` of penguin. */
export const journalctl: Program = {
  name: 'journalctl',
  isLive: always,
  complete: () => ['-f', '-n', '-o', '-u', '--user-unit', '--no-pager', 'cros-garcon.service', 'sommelier@0.service'],
  run: async (call) => {
    const options = parseOptions(call.args);
    if (typeof options === 'string') return fail(call, options);
    if (call.shell.seat.user.uid !== 0 && !call.shell.seat.user.groups.includes('adm')) {
      return fail(call, 'No journal files were opened due to insufficient permissions.');
    }
    const { hostname, machine } = call.shell.world;
    const { journal } = machine.logs;
    const wanted = (record: JournalRecord) => matches(record, options, fields(record, hostname, machine.bootId));
    let cursor = journal.records.at(-1)?.cursor ?? 0;
    const found = journal.records.filter(wanted);
    const shown = Number.isFinite(options.lines) ? found.slice(Math.max(0, found.length - options.lines)) : found;
    if (options.reverse) shown.reverse();
    if (shown.length === 0 && !options.follow) await call.stdout.write('-- No entries --\n');
    for (const record of shown) if (!(await call.stdout.write(format(record, call, options)))) return 141;
    if (!options.follow) return 0;
    if (!call.live)
      return fail(call, 'journalctl: on the practice device it cannot be followed inside $( ) or a function');

    const bell = new ByteQueue();
    const stop = journal.watch(() => {
      if (bell.size === 0) bell.push('.');
    });
    const signal = untilBroken(call.signal, call.stdout);
    try {
      while ((await bell.read(signal)) !== null) {
        const added = journal.records.filter((record) => record.cursor > cursor);
        cursor = added.at(-1)?.cursor ?? cursor;
        for (const record of added.filter(wanted))
          if (!(await call.stdout.write(format(record, call, options)))) return 141;
      }
      return 0;
    } finally {
      stop();
    }
  },
};

function parseOptions(args: readonly string[]): JournalOptions | string {
  const options: JournalOptions = {
    lines: Infinity,
    follow: false,
    output: 'short',
    units: [],
    userUnits: [],
    priority: 7,
    reverse: false,
    identifiers: [],
    fields: [],
    matches: [],
  };
  for (let index = 0; index < args.length; index++) {
    const word = args[index] ?? '';
    const match = /^([A-Z_]+)=(.*)$/.exec(word);
    if (match) {
      options.matches.push([match[1] ?? '', match[2] ?? '']);
      continue;
    }
    const [name = '', given] = word.startsWith('--')
      ? splitOnce(word)
      : [word.slice(0, 2), word.length > 2 ? word.slice(2) : undefined];
    const value = () => given ?? args[++index] ?? '';
    switch (name) {
      case '-f':
      case '--follow':
        options.follow = true;
        if (options.lines === Infinity) options.lines = 10;
        if (name === '-f' && given) args = [...args.slice(0, index + 1), `-${given}`, ...args.slice(index + 1)];
        break;
      case '-n':
      case '--lines': {
        const amount = given ?? (/^\d+$|^all$/.test(args[index + 1] ?? '') ? (args[++index] ?? '') : '10');
        options.lines = amount === 'all' ? Infinity : Number(amount);
        break;
      }
      case '-o':
      case '--output':
        options.output = value();
        break;
      case '-u':
      case '--unit':
        options.units.push(value());
        break;
      case '--user-unit':
        options.userUnits.push(value());
        break;
      case '--output-fields':
        options.fields.push(...value().split(','));
        break;
      case '-t':
      case '--identifier':
        options.identifiers.push(value());
        break;
      case '-p':
      case '--priority': {
        const text = value();
        options.priority = /^\d$/.test(text) ? Number(text) : severities.indexOf(text);
        if (options.priority < 0) return `Unknown log level ${text}`;
        break;
      }
      case '-r':
      case '--reverse':
        options.reverse = true;
        break;
      case '-b':
      case '--boot':
      case '-a':
      case '--all':
      case '-q':
      case '-e':
      case '-x':
      case '--no-pager':
      case '--user':
      case '--system':
      case '--utc':
      case '--since':
      case '--until':
      case '--no-tail':
        if (name === '--no-tail') options.lines = Infinity;
        if (name === '--since' || name === '--until') value();
        break;
      default:
        return `journalctl: unrecognized option '${word}'`;
    }
  }
  if (
    ![
      'short',
      'short-iso',
      'short-iso-precise',
      'short-precise',
      'json',
      'cat',
      'with-unit',
      'short-full',
      'short-unix',
      'export',
      'json-pretty',
    ].includes(options.output)
  ) {
    return `Unknown output format '${options.output}'.`;
  }
  return options;
}

function splitOnce(word: string): [string, string | undefined] {
  const equals = word.indexOf('=');
  return equals < 0 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)];
}

function matches(record: JournalRecord, options: JournalOptions, all: Readonly<Record<string, string>>): boolean {
  const named = (unit: string) =>
    record.unit === unit ||
    record.unit === `${unit}.service` ||
    (unit.includes('*') && record.unit.startsWith(unit.replace(/\*.*$/, '')));
  const chosen = options.units.length + options.userUnits.length > 0;
  const unitFits =
    !chosen || (!record.user && options.units.some(named)) || (record.user && options.userUnits.some(named));
  return (
    unitFits &&
    options.matches.every(([field, value]) => all[field] === value) &&
    record.priority <= options.priority &&
    (options.identifiers.length === 0 || options.identifiers.includes(record.identifier))
  );
}

function format(record: JournalRecord, call: Call, { output, fields: chosen }: JournalOptions): string {
  const { hostname, machine } = call.shell.world;
  const tail = `${hostname} ${record.identifier}[${String(record.pid)}]: ${record.text}\n`;
  const iso = record.at.toISOString();
  switch (output) {
    case 'cat':
      return `${record.text}\n`;
    case 'short-iso':
      return `${iso.slice(0, 19)}+0000 ${tail}`;
    case 'short-iso-precise':
      return `${iso.slice(0, 23)}000+0000 ${tail}`;
    case 'short-precise':
      return `${formatStamp(record.at)}.${iso.slice(20, 23)}000 ${tail}`;
    case 'short-unix':
      return `${(record.at.getTime() / 1000).toFixed(6)} ${tail}`;
    case 'json':
    case 'json-pretty':
      return (
        JSON.stringify(
          // Those that begin with two underscores are always there.
          Object.fromEntries(
            Object.entries(fields(record, hostname, machine.bootId)).filter(
              ([name]) => chosen.length === 0 || name.startsWith('__') || chosen.includes(name),
            ),
          ),
          null,
          output === 'json' ? undefined : '\t',
        ) + '\n'
      );
    case 'export':
      return (
        Object.entries(fields(record, hostname, machine.bootId))
          .map(([name, value]) => `${name}=${value}\n`)
          .join('') + '\n'
      );
    default:
      return `${formatStamp(record.at)} ${tail}`;
  }
}

/** Every value is a string in journald's JSON. */
function fields(record: JournalRecord, hostname: string, bootId: string): Record<string, string> {
  const micros = `${String(record.at.getTime())}000`;
  const boot = bootId.replaceAll('-', '');
  return {
    __CURSOR: `s=8c7f0d52;i=${record.cursor.toString(16)};b=${boot};t=${Number(micros).toString(16)}`,
    __REALTIME_TIMESTAMP: micros,
    __MONOTONIC_TIMESTAMP: String(record.cursor * 1_000_003),
    _BOOT_ID: boot,
    PRIORITY: String(record.priority),
    SYSLOG_IDENTIFIER: record.identifier,
    MESSAGE: record.text,
    _PID: String(record.pid),
    _UID: record.user ? '1000' : '0',
    _COMM: record.identifier,
    _HOSTNAME: hostname,
    _TRANSPORT: 'stdout',
    ...(record.user
      ? { _SYSTEMD_UNIT: 'user@1000.service', _SYSTEMD_USER_UNIT: record.unit }
      : { _SYSTEMD_UNIT: record.unit }),
  };
}
