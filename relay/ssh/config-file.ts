import { constants, open, readdir } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { parse } from 'ssh-config';
import type { Problem } from '#lib/protocol/problem.ts';
import { distrustOf } from '../trusted-file.ts';
import { matchesPattern } from './patterns.ts';
import { problemOf } from './problems.ts';

/** One directive, where it stands, and for an Include the directives of the files it names. */
export interface ConfigLine {
  readonly file: string;
  readonly number: number;
  /** Lower case. */
  readonly keyword: string;
  readonly words: readonly string[];
  readonly included: readonly ConfigLine[];
}

export type ConfigResult = { readonly lines: readonly ConfigLine[] } | { readonly problem: Problem };

/** A configuration file above this many bytes is refused: it is no configuration. */
const FILE_BYTES_MAX = 1024 * 1024;

/** Include goes this deep (readconf.c, READCONF_MAX_DEPTH), and all files together are no more than FILES_MAX. */
const DEPTH_MAX = 16;
const FILES_MAX = 256;

/**
 * The directives of one file's text. Every line is given to ssh-config on its own: it knows the quoting, and an
 * error has its line number. Sections are `resolve`'s business.
 */
export function parseConfig(text: string, file: string): ConfigResult {
  const lines: ConfigLine[] = [];
  for (const [index, line] of text.split(/\r?\n|\r/).entries()) {
    try {
      for (const node of parse(line)) {
        if (!('param' in node) || node.param === '') continue;
        const words = typeof node.value === 'string' ? [node.value] : node.value.map(({ val }) => val);
        lines.push({ file, number: index + 1, keyword: node.param.toLowerCase(), words, included: [] });
      }
    } catch {
      // The library throws for an open quote, and for a Host, Match or Include with nothing behind it.
      return { problem: configProblem({ file, number: index + 1 }, 'a value is missing or a quote is not closed') };
    }
  }
  return { lines };
}

/** `ssh-config-invalid`, naming file, line and what to do. */
export function configProblem(at: { readonly file: string; readonly number: number }, reason: string): Problem {
  return problemOf(
    'ssh-config-invalid',
    `${at.file}, line ${at.number}: ${reason}. Correct this line, then try again.`,
  );
}

/** Where OpenSSH keeps what holds for every user of the machine (ssh_config(5), FILES). */
const SYSTEM_FILE = '/etc/ssh/ssh_config';

/**
 * Reads the user's configuration, then the machine's, with all they include: what comes first wins. A missing file is
 * an empty one; one that cannot be read or parsed is a Problem. `home`: the user's home directory.
 */
export async function loadConfig(home: string, systemFile = SYSTEM_FILE): Promise<ConfigResult> {
  const lines: ConfigLine[] = [];
  const userFile = join(home, '.ssh', 'config');
  for (const path of [userFile, systemFile]) {
    const loading = { home, directory: dirname(path), isUsers: path === userFile, left: FILES_MAX };
    const result = await loadFile(path, loading, 0);
    if ('problem' in result) return result;
    // As if included, so that the last section of one file does not go on in the next.
    lines.push({ file: path, number: 0, keyword: 'include', words: [], included: result.lines });
  }
  return { lines };
}

interface Loading {
  readonly home: string;
  /** What a relative Include starts from. */
  readonly directory: string;
  /** The first file is the person's own: others must not have written it. */
  readonly isUsers: boolean;
  /** Files that may still be read. */
  left: number;
}

async function loadFile(path: string, loading: Loading, depth: number): Promise<ConfigResult> {
  const start = { file: path, number: 1 };
  if (loading.left-- <= 0) return { problem: configProblem(start, `more than ${FILES_MAX} files are included`) };
  // As ssh: "Bad owner or permissions" (readconf.c, SSHCONF_CHECKPERM). It does not check the system's own file. Debian's
  // also lets a group through that is the person's alone, which takes the list of all users to know.
  const text = await readBounded(path, FILE_BYTES_MAX, { trusted: depth > 0 || loading.isUsers });
  if (text === null) return { lines: [] };
  if ('reason' in text)
    return { problem: problemOf('ssh-config-invalid', `${path} cannot be used: ${text.reason}. Then try again.`) };
  const parsed = parseConfig(text.text, path);
  if ('problem' in parsed) return parsed;

  const lines: ConfigLine[] = [];
  for (const line of parsed.lines) {
    if (line.keyword !== 'include') {
      lines.push(line);
      continue;
    }
    if (depth >= DEPTH_MAX) return { problem: configProblem(line, `Include goes deeper than ${DEPTH_MAX} files`) };
    const included: ConfigLine[] = [];
    for (const word of line.words) {
      for (const file of await expandGlob(includePath(word, loading))) {
        const result = await loadFile(file, loading, depth + 1);
        if ('problem' in result) return result;
        included.push(...result.lines);
      }
    }
    lines.push({ ...line, included });
  }
  return { lines };
}

function includePath(word: string, { home, directory }: Loading): string {
  if (word === '~' || word.startsWith('~/')) return join(home, word.slice(1));
  return isAbsolute(word) ? word : join(directory, word);
}

/** The existing paths that a pattern names, sorted as glob(3) does. Only `*` and `?` are special. */
async function expandGlob(pattern: string): Promise<string[]> {
  if (!/[*?]/.test(pattern)) return [pattern];
  const parent = dirname(pattern);
  const name = pattern.slice(parent.length).replace(/^\/+/, '');
  const found: string[] = [];
  for (const directory of await expandGlob(parent)) {
    if (!/[*?]/.test(name)) found.push(join(directory, name));
    else {
      const entries = await readdir(directory).catch(() => []);
      const visible = entries.filter(
        (entry) => matchesPattern(name, entry) && (name.startsWith('.') || !entry.startsWith('.')),
      );
      found.push(...visible.sort().map((entry) => join(directory, entry)));
    }
  }
  return found;
}

export interface ReadOptions {
  /** latin1 keeps every byte. Default: utf8. */
  readonly encoding?: 'utf8' | 'latin1';
  /** Refuses what others own or can write to, by what was opened, not by its path. */
  readonly trusted?: boolean;
}

/** A small text file, null when there is none (or it is a directory), a reason when it cannot be read or trusted. */
export async function readBounded(
  path: string,
  max: number,
  { encoding = 'utf8', trusted = false }: ReadOptions = {},
): Promise<{ readonly text: string } | { readonly reason: string } | null> {
  try {
    // Not blocking: opening a pipe would wait for its writer.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = await handle.stat();
      if (stat.isDirectory()) return null;
      if (!stat.isFile()) return { reason: 'it is no ordinary file' };
      const distrust = trusted ? distrustOf(path, stat) : null;
      if (distrust) return { reason: `${distrust.reason}; mend it with "${distrust.command}"` };
      if (stat.size > max) return { reason: `it is larger than ${max} bytes` };
      return { text: await handle.readFile({ encoding }) };
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    return { reason: `it cannot be read (${String(code ?? error)})` };
  }
}
