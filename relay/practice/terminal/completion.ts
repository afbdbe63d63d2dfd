import type { Shell } from '../shell/shell.ts';

// prettier-ignore
/** Words of the shell itself. */
const shellWords = [
  'alias', 'cd', 'declare', 'echo', 'eval', 'exec', 'exit', 'export', 'false', 'fg', 'for', 'help', 'history', 'if', 'jobs', 'kill',
  'local', 'printf', 'pwd', 'read', 'return', 'set', 'shift', 'source', 'test', 'true', 'type', 'unalias', 'unset', 'wait', 'while',
];

/** What the word before the cursor may become. */
export interface Completion {
  /** The word so far. */
  readonly word: string;
  /** Whole words; a directory ends with a slash. */
  readonly candidates: readonly string[];
}

/** The words that may stand where `text` ends: commands, what a command offers, variables, paths. */
export async function complete(shell: Shell, text: string): Promise<Completion> {
  const command = text.split(/(?:[;|]|&&|&|\$\(|\()\s*/).at(-1) ?? '';
  const words = command.split(/\s+/).filter((word, index, all) => word !== '' || index === all.length - 1);
  const word = words.at(-1) ?? '';
  const before = words.slice(0, -1).filter((earlier) => !/^\w+=/.test(earlier) && earlier !== 'sudo');
  if (word.startsWith('$'))
    return {
      word,
      candidates: matching(
        Object.keys(shell.variables).map((name) => `$${name}`),
        word,
      ),
    };
  const [name, ...args] = before;
  if (name === undefined && !word.includes('/')) return { word, candidates: await completeCommand(shell, word) };
  const offered = name === undefined ? [] : matching(shell.findProgram(name)?.complete?.(args, shell) ?? [], word);
  if (offered.length > 0) return { word, candidates: offered };
  return { word, candidates: await completePath(shell, word) };
}

async function completeCommand(shell: Shell, word: string): Promise<readonly string[]> {
  const programs = await shell.world.fs.readdir('/usr/bin').catch(() => []);
  return matching(
    [...new Set([...shellWords, ...shell.functions.keys(), ...shell.world.programs.keys(), ...programs])],
    word,
  );
}

async function completePath(shell: Shell, word: string): Promise<readonly string[]> {
  const { fs } = shell.world;
  const slash = word.lastIndexOf('/') + 1;
  const typed = word.slice(0, slash);
  const directory = fs.resolvePath(shell.directory, typed.replace(/^~(?=\/)/, shell.seat.user.home) || '.');
  const names = matching(await fs.readdir(directory).catch(() => []), word.slice(slash));
  const visible = names.filter((name) => word.slice(slash).startsWith('.') || !name.startsWith('.'));
  return Promise.all(
    visible.map(async (name) => {
      const status = await fs.stat(`${directory}/${name}`).catch(() => null);
      return typed + name + (status?.isDirectory ? '/' : '');
    }),
  );
}

function matching(words: readonly string[], start: string): readonly string[] {
  return words.filter((word) => word.startsWith(start)).sort();
}
