import { randomUUID } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { errorCode, fileProblem } from './file-problem.ts';
import { openTrusted } from './trusted-file.ts';
import { trustedDirectory } from './trusted-way.ts';

/** A JSON file of state above this many bytes is none of the relay's: 64 devices and 32 sign-ins take 30 kB. */
const BYTES_MAX = 1024 * 1024;

/** Ends the name of a file that is being written; see `writeWhole`. */
export const DRAFT_SUFFIX = '.new';

/**
 * What a JSON file of the relay's state directory holds, or undefined when it is missing or no longer fits: state
 * can be made again, so a broken file is no reason not to start. It is set aside as `.broken`, not lost, and `onBroken` is told where.
 * @throws FileProblem for one that cannot be read or trusted: it must not be written over
 */
export function readJson<Schema extends v.GenericSchema>(
  file: string,
  schema: Schema,
  onBroken: (aside: string) => void = () => undefined,
): v.InferOutput<Schema> | undefined {
  const text = readText(file, BYTES_MAX);
  if (text === undefined) return undefined;
  try {
    return v.parse(schema, JSON.parse(text));
  } catch {
    try {
      renameSync(file, `${file}.broken`);
      onBroken(`${file}.broken`);
    } catch (error) {
      throw fileProblem(file, 'set aside as .broken', error);
    }
    return undefined;
  }
}

/** The text of a file of the relay; undefined when there is none, and empty above `max` bytes. @throws FileProblem */
export function readText(file: string, max: number): string | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openTrusted(file, constants.O_RDONLY);
    return fstatSync(descriptor).size > max ? '' : readFileSync(descriptor, 'utf8');
  } catch (error) {
    if (error instanceof Error && errorCode(error.cause) === 'ENOENT') return undefined;
    throw fileProblem(file, 'read', error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Writes a state file whole or not at all. @throws FileProblem, and then the file is as it was */
export function writeJson(file: string, value: unknown): void {
  writeWhole(file, `${JSON.stringify(value, null, 2)}\n`);
}

/**
 * Writes a file of the relay whole or not at all, readable by its owner only: a draft beside it takes its place. Nobody
 * can guess the draft's name, so nobody can put a link there. @throws FileProblem; no draft is left then
 */
export function writeWhole(file: string, content: string | Uint8Array): void {
  trustedDirectory(dirname(file));
  const draft = `${file}.${randomUUID()}${DRAFT_SUFFIX}`;
  try {
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
    const descriptor = openSync(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      writeFileSync(descriptor, content);
    } finally {
      closeSync(descriptor);
    }
    renameSync(draft, file);
  } catch (error) {
    try {
      rmSync(draft, { force: true });
    } catch {
      // Where no draft could be made, none can be removed: the first error says why.
    }
    throw fileProblem(file, 'written', error);
  }
}
