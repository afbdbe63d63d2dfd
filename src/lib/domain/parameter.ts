import { parseAddress, sshDestination } from './address.ts';

/** What a parameter may hold. A type is a name here and a rule below; a new one is one entry in `TYPES`. */
export type ParameterType =
  | 'address'
  | 'board'
  | 'guestBoard'
  | 'packages'
  | 'dlcs'
  | 'kernelVersion'
  | 'path'
  | 'ownerHash'
  | 'vm'
  | 'container'
  | 'program'
  | 'pid'
  | 'port'
  | 'words';

export type ValidationResult = { readonly value: string } | { readonly problem: string };

type Rule = (text: string) => ValidationResult;

const PACKAGE = /^(?:[a-z0-9][a-z0-9-]*\/)?[A-Za-z0-9_][A-Za-z0-9_+.-]*$/;

/** A word that no shell takes apart, so that it can be passed on through any number of them. */
const PLAIN_WORD = /^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$/;

/** The DLCs that deploy_to_termina knows (chromeos-facts.md section 5.1). */
const DLCS = ['termina-dlc', 'termina-tools-dlc'];

/** The highest process id that Linux gives out: 2 to the power of 22. */
const PID_MAX = 4_194_304;

/** Takes text that an expression finds, as it stands; `problem` completes `"TEXT" is not …`. */
const textLike =
  (pattern: RegExp, problem: string): Rule =>
  (text) =>
    pattern.test(text) ? { value: text } : { problem: `"${text}" is not ${problem}` };

/** Takes words with blanks between, if each is right; the value has one blank between them. */
const wordsLike =
  (isRight: (word: string) => boolean, problem: string): Rule =>
  (text) => {
    const words = text.split(/\s+/);
    const bad = words.find((word) => !isRight(word));
    return bad === undefined ? { value: words.join(' ') } : { problem: `"${bad}" is not ${problem}` };
  };

/** Takes a decimal number from `least` to `most`; leading zeros go. */
const numberFrom =
  (least: number, most: number, problem: string): Rule =>
  (text) => {
    const number = /^\d{1,7}$/.test(text) ? Number(text) : Number.NaN;
    return number >= least && number <= most ? { value: String(number) } : { problem: `"${text}" is not ${problem}` };
  };

/** Each type's rule: takes trimmed text without control characters, gives the value that commands carry. */
const TYPES: Readonly<Record<ParameterType, Rule>> = {
  address: (text) => {
    const result = parseAddress(text);
    return 'problem' in result ? result : { value: sshDestination(result.address) };
  },
  board: textLike(/^[a-z0-9][a-z0-9_-]*$/, 'a board name. Boards are lower case words such as eve or kukui-arc64.'),
  guestBoard: textLike(/^(?:tatl|tael)$/, 'a guest board. Termina has two: tatl (x86_64) and tael (ARM).'),
  packages: wordsLike(
    (word) => PACKAGE.test(word),
    'a package name. Write names such as vm_host_tools or chromeos-base/sommelier, with spaces between.',
  ),
  dlcs: wordsLike(
    (word) => DLCS.includes(word),
    `a DLC that guest packages go to. There are two: ${DLCS.join(' and ')}.`,
  ),
  kernelVersion: (text) => {
    const [, major, minor] = /^(\d{1,2})[._](\d{1,3})(?:[._+-].*)?$/.exec(text) ?? [];
    return major !== undefined && minor !== undefined
      ? { value: `${major}_${minor}` }
      : { problem: `"${text}" is not a kernel version. Write it like 6.1, or paste what uname -r says in the VM.` };
  },
  path: (text) => ({ value: text }),
  ownerHash: (text) =>
    /^[0-9a-f]{40}$/.test(text)
      ? { value: text }
      : {
          problem:
            'An owner hash is 40 digits from 0 to 9 and a to f. It comes from the session manager of the device.',
        },
  vm: textLike(/^[^-/\s][^/]*$/, 'the name of a VM. It has no slash and does not start with a dash; see vmc list.'),
  // What LXD takes as the name of an instance.
  container: textLike(
    /^[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/,
    'the name of a container. LXD takes up to 63 letters, digits and dashes, a letter first; see lxc list.',
  ),
  program: textLike(
    /^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/,
    'the name of a program. Write it without its directory, such as vm_concierge or sommelier.',
  ),
  pid: numberFrom(1, PID_MAX, 'a process id. It is a whole number from 1 up; pgrep prints it.'),
  port: numberFrom(1, 65_535, 'a port. Ports are whole numbers from 1 to 65535, for example 8222.'),
  words: wordsLike(
    (word) => PLAIN_WORD.test(word),
    'a plain word. Write letters, digits and @%+=:,./_- only: what a shell would take apart cannot be passed on.',
  ),
};

/**
 * Checks a typed value and gives it the form that commands carry, or says what is wrong and what would be right.
 * Control characters are refused for every type: a command is copied as one clean line.
 */
export function validateParameter(type: ParameterType, text: string): ValidationResult {
  // eslint-disable-next-line no-control-regex -- finding control characters is the point
  if (/[\0-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/.test(text.trim()))
    return { problem: 'The value holds a line break or another invisible control character. Remove it.' };
  const trimmed = text.trim();
  return trimmed === '' ? { problem: 'The value is empty. Type one.' } : TYPES[type](trimmed);
}
