import type { ParameterType } from '../parameter.ts';
import { quoteWord, quoteWords } from '../quote.ts';
import type { Parameter } from '../sheet.ts';

/** A word, then more of them with blanks between. */
const several = (word: string): string => `^${word}( +${word})*$`;

const PORT = '([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])';
const USER = '[A-Za-z_][A-Za-z0-9_.-]*';
const BYTE = '(25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})';
/** A name or an IPv4 address: what holds a letter before its first dot is no address. */
const HOST = `(${BYTE}(\\.${BYTE}){3}|[A-Za-z0-9_]*[A-Za-z_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?)`;
const IPV6 = '[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*';

/**
 * What an answer to a script's question must look like: POSIX extended regular expressions that let nothing through
 * which `validateParameter` refuses. An address must be as `sshDestination` writes it.
 */
export const ANSWER_PATTERNS: Readonly<Record<ParameterType, string>> = {
  address: `^(${USER}@(${HOST}|${IPV6})|ssh://${USER}@(${HOST}|\\[${IPV6}\\]):${PORT})$`,
  board: '^[a-z0-9][a-z0-9_-]*$',
  guestBoard: '^(tatl|tael)$',
  packages: several('([a-z0-9][a-z0-9-]*/)?[A-Za-z0-9_][A-Za-z0-9_+.-]*'),
  dlcs: several('termina-(tools-)?dlc'),
  kernelVersion: '^[0-9]{1,2}_[0-9]{1,3}$',
  path: '^[^[:cntrl:][:space:]]([^[:cntrl:]]*[^[:cntrl:][:space:]])?$',
  ownerHash: '^[0-9a-f]{40}$',
  vm: '^[^-/[:cntrl:][:space:]]([^/[:cntrl:]]*[^/[:cntrl:][:space:]])?$',
  container: '^[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$',
  program: '^[A-Za-z0-9_][A-Za-z0-9_.+-]*$',
  // Linux's largest process id is 4194304 (include/linux/threads.h, PID_MAX_LIMIT).
  pid: '^([1-9][0-9]{0,5}|[1-3][0-9]{6}|40[0-9]{5}|41[0-8][0-9]{4}|419[0-3][0-9]{3}|4194[0-2][0-9]{2}|419430[0-4])$',
  port: `^${PORT}$`,
  words: several('[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*'),
};

/** The function that asks for one value; it leaves it in REPLY. */
export const ASK_FUNCTION = `# Takes a value from the environment if it is good there, else asks for it: variable, label, example, pattern.
ask() {
  REPLY=\${!1:-}
  until [[ $REPLY =~ $4 ]]; do
    [[ -z $REPLY ]] || printf '"%s" does not fit.\\n' "$REPLY" >&2
    printf '%s, for example %s: ' "$2" "$3" >&2
    if ! read -r; then
      printf '\\nNo %s. Answer, or set it before: %s=%q\\n' "$2" "$1" "$3" >&2
      current=''
      exit 2
    fi
  done
}`;

/** The lines that ask for a missing value and put it into its variable. */
export function askLines(parameter: Parameter, isSeveral: boolean): string[] {
  const name = parameter.variable;
  const words = quoteWords([name, parameter.label, parameter.example]);
  return [
    `ask ${words} ${quoteWord(ANSWER_PATTERNS[parameter.type])}`,
    isSeveral ? `read -r -a ${name} <<<"$REPLY"` : `export ${name}=$REPLY`,
  ];
}
