import { parseAddress, sshDestination } from './address.ts';

/** What a parameter may hold. A type is a name here and a rule below; a new one is one entry in `TYPES`. */
export type ParameterType = 'address' | 'board' | 'guestBoard' | 'packages' | 'path' | 'ownerHash' | 'name';

export type ValidationResult = { readonly value: string } | { readonly problem: string };

const PACKAGE = /^(?:[a-z0-9][a-z0-9-]*\/)?[A-Za-z0-9_][A-Za-z0-9_+.-]*$/;

/** Each type's rule: takes trimmed text without control characters, gives the value that commands carry. */
const TYPES: Readonly<Record<ParameterType, (text: string) => ValidationResult>> = {
  address: (text) => {
    const result = parseAddress(text);
    return 'problem' in result ? result : { value: sshDestination(result.address) };
  },
  board: (text) =>
    /^[a-z0-9][a-z0-9_-]*$/.test(text)
      ? { value: text }
      : { problem: `"${text}" is not a board name. Boards are lower case words such as eve or kukui-arc64.` },
  guestBoard: (text) =>
    text === 'tatl' || text === 'tael'
      ? { value: text }
      : { problem: `"${text}" is not a guest board. Termina has two: tatl (x86_64) and tael (ARM).` },
  packages: (text) => {
    const bad = text.split(/\s+/).find((name) => !PACKAGE.test(name));
    return bad === undefined
      ? { value: text }
      : {
          problem: `"${bad}" is not a package name. Write names such as vm_host_tools or chromeos-base/sommelier, with spaces between.`,
        };
  },
  path: (text) => ({ value: text }),
  ownerHash: (text) =>
    /^[0-9a-f]{40}$/.test(text)
      ? { value: text }
      : {
          problem:
            'An owner hash is 40 digits from 0 to 9 and a to f. It comes from the session manager of the device.',
        },
  name: (text) =>
    /^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(text)
      ? { value: text }
      : { problem: `"${text}" is not a name. Use letters, digits, dots, dashes and underscores.` },
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
