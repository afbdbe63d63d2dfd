/** The options of a subcommand: switches, options that take a value, and which of these must be there. */
export interface OptionTypes {
  readonly switches?: readonly string[];
  readonly values?: readonly string[];
  readonly required?: readonly string[];
  /** Short names, such as `y` for `yes`. */
  readonly short?: Readonly<Record<string, string>>;
  /** Everything from the first word that is no option is free. */
  readonly stopsAtFirstFree?: boolean;
}

/** A command line that Rust's getopts accepted, or its error as vmc prints it: its Debug form. */
export type ParsedOptions =
  | {
      readonly switches: ReadonlySet<string>;
      readonly values: Readonly<Record<string, string>>;
      readonly free: readonly string[];
    }
  | { readonly error: string };

/** Reads a command line as Rust's getopts does, by which vmc reads its own (chromeos-facts.md section 2.1). */
export function parseOptions(argv: readonly string[], types: OptionTypes): ParsedOptions {
  const { switches = [], values = [], required = [], short = {}, stopsAtFirstFree = false } = types;
  const seen = new Set<string>();
  const given: Record<string, string> = {};
  const free: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? '';
    if (word === '--') {
      free.push(...argv.slice(index + (stopsAtFirstFree ? 0 : 1)));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      if (stopsAtFirstFree) {
        free.push(...argv.slice(index));
        break;
      }
      free.push(word);
      continue;
    }
    const [, dashes = '', typed = '', assigned] = /^(--?)([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    const name = dashes === '-' ? (short[typed] ?? '') : typed;
    if (switches.includes(name)) {
      if (assigned !== undefined) return { error: `UnexpectedArgument(${quote(typed)})` };
      seen.add(name);
    } else if (values.includes(name)) {
      const value = assigned ?? argv[(index += 1)];
      if (value === undefined) return { error: `ArgumentMissing(${quote(typed)})` };
      given[name] = value;
    } else return { error: `UnrecognizedOption(${quote(typed)})` };
  }
  const missing = required.find((name) => given[name] === undefined);
  return missing === undefined
    ? { switches: seen, values: given, free }
    : { error: `OptionMissing(${quote(missing)})` };
}

const quote = (text: string): string => JSON.stringify(text);
