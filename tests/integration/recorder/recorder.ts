import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A script to run in a folder of its own. */
export interface Case {
  readonly script: string;
  /** Files in the folder; they hold their names. */
  readonly files: readonly string[];
}

/** What running a script led to: the argument vectors of all commands, in any order, `exit` with its status last, and the files it wrote. */
export interface Trace {
  readonly commands: readonly (readonly string[])[];
  readonly files: readonly string[];
}

/**
 * Runs scripts in a bash whose commands are all recorders (`recorder.bash`), one process for all of them. `status` is what the recorders return. Commands whose names have a slash must be in `programs`: bash looks those up nowhere.
 * Throws on a script that bash cannot parse.
 */
export async function trace(
  scripts: readonly Case[],
  { status, programs }: { status: 0 | 1; programs: readonly string[] },
): Promise<Trace[]> {
  const directory = mkdtempSync(join(tmpdir(), 'recorder-'));
  try {
    const [records, errors, cases] = ['records', 'errors', 'cases'].map((name) => join(directory, name));
    if (!records || !errors || !cases) throw new Error('three names give three paths');
    const prelude = programs.map((name) => `function ${name} { record ${name} "$@"; }\n`).join('');
    const program = join(directory, 'recorder.bash');
    writeFileSync(program, prelude + readFileSync(join(import.meta.dirname, 'recorder.bash'), 'utf8'));
    const folders = scripts.map((_, index) => join(cases, String(index)));
    for (const [index, folder] of folders.entries()) {
      mkdirSync(folder, { recursive: true });
      for (const file of scripts[index]?.files ?? []) writeFileSync(join(folder, file), file);
    }
    const child = spawn('bash', ['--norc', program, records, errors, String(status), cases], {
      stdio: ['pipe', 'inherit', 'inherit'],
      env: { HOME: '/home/person', LC_ALL: 'C.UTF-8' },
    });
    child.stdin.end(scripts.map(({ script }, index) => `${index}\0${script}\0`).join(''));
    await once(child, 'close');
    const syntaxError = /.*(?:syntax error|unexpected EOF|bad substitution).*/.exec(readFileSync(errors, 'utf8'));
    if (syntaxError) throw new Error(syntaxError[0]);
    const commands = scripts.map((): string[][] => []);
    for (const [index, ...words] of readRecords(readFileSync(records, 'utf8'))) commands[Number(index)]?.push(words);
    return commands.map((list, index) => ({ commands: list, files: writtenFiles(folders[index] ?? '') }));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Recorders write nothing, so a file that was written is empty. */
function writtenFiles(folder: string): string[] {
  return readdirSync(folder).filter((name) => statSync(join(folder, name)).size === 0);
}

/** Reads records: NUL-terminated strings, how many words, then the words. */
export function readRecords(text: string): string[][] {
  const strings = text.split('\0').slice(0, -1);
  const records: string[][] = [];
  for (let at = 0; at < strings.length;) {
    const end = at + 1 + Number(strings[at]);
    records.push(strings.slice(at + 1, end));
    at = end;
  }
  return records;
}
