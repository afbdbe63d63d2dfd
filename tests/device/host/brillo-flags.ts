/** The types of a program's flags, by name. */
export type FlagTypes = Readonly<Record<string, 'string' | 'uint64' | 'int32' | 'bool'>>;

/** A command line that libbrillo's FlagHelper accepted, or what it printed instead. */
export type ParsedFlags =
  | { readonly flags: Readonly<Record<string, string>>; readonly rest: readonly string[] }
  | { readonly exit: { readonly stdout: string; readonly stderr: string; readonly code: number } };

/** libbrillo's exit codes: sysexits' EX_USAGE and EX_DATAERR (chromeos-facts.md section 1.1). */
const UNKNOWN_FLAG = 64;
const ILLEGAL_VALUE = 65;

const UINT64_MAX = 2n ** 64n - 1n;

/**
 * Reads a command line as libbrillo does on top of base::CommandLine (chromeos-facts.md section 1.1): one dash or two,
 * a value only after `=`, anything with a dash before `--` is a flag, wherever it stands.
 */
export function parseFlags(program: string, usage: string, types: FlagTypes, argv: readonly string[]): ParsedFlags {
  const end = argv.indexOf('--');
  const before = end < 0 ? argv : argv.slice(0, end);
  const isFlag = (word: string) => /^-{1,2}[^-]/.test(word);
  const rest = [...before.filter((word) => !isFlag(word)), ...(end < 0 ? [] : argv.slice(end + 1))];
  const flags: Record<string, string> = {};
  const problems: { text: string; code: number }[] = [];
  let help = false;
  for (const word of before.filter(isFlag)) {
    const [, name = '', value = ''] = /^-{1,2}([^=]*)=?(.*)$/s.exec(word) ?? [];
    const type = types[name];
    if (name === 'help') help = true;
    // Flags of base's logging are read elsewhere.
    else if (name === 'v' || name === 'vmodule') continue;
    else if (type === undefined) problems.push({ text: `unknown command line flag '${name}'`, code: UNKNOWN_FLAG });
    else if (!isLegal(type, value))
      problems.push({ text: `illegal value '${value}' specified for ${type} flag '${name}'`, code: ILLEGAL_VALUE });
    else flags[name] = type === 'bool' && value === '' ? 'true' : value;
  }
  if (help) {
    const lines = Object.entries(types).map(([name, type]) => `  --${name}  type: ${type}`);
    return {
      exit: {
        stdout: `${usage}\n\n${lines.join('\n')}\n  --help  (Show this help message)  type: bool\n`,
        stderr: '',
        code: 0,
      },
    };
  }
  if (problems.length > 0) {
    const stderr = problems.map(({ text }) => `${program}: ERROR: ${text}\n`).join('');
    return { exit: { stdout: '', stderr, code: Math.max(...problems.map(({ code }) => code)) } };
  }
  return { flags, rest };
}

function isLegal(type: FlagTypes[string], value: string): boolean {
  if (type === 'uint64') return /^\d+$/.test(value) && BigInt(value) <= UINT64_MAX;
  if (type === 'int32') return /^-?\d+$/.test(value) && Math.abs(Number(value)) < 2 ** 31;
  return type === 'string' || ['', 'true', 'false', '1', '0'].includes(value);
}
