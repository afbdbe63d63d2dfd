import * as v from 'valibot';
import { parseAddress } from '#lib/domain/address.ts';
import { TARGETS_MAX } from './limits.ts';
import { fileProblem } from './file-problem.ts';
import { distrustOf, readGiven } from './trusted-file.ts';

/** A device of the file of `--targets`. */
export interface ListedTarget {
  readonly address: string;
  /** For people; without one the address is. */
  readonly label?: string | undefined;
  /** SHA-1 and CBC will do: it runs a very old image. */
  readonly oldAlgorithms?: boolean | undefined;
}

const listedSchema = v.strictObject({
  address: v.pipe(
    v.string(),
    v.trim(),
    v.maxLength(300),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const result = parseAddress(dataset.value);
      if ('problem' in result) addIssue({ message: result.problem });
    }),
  ),
  label: v.optional(v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(100))),
  oldAlgorithms: v.optional(v.boolean()),
});

/**
 * Reads the file of `--targets`: a JSON list of `{"address": "root@192.0.2.7", "label": "eve in the lab"}`.
 * `problem` is one sentence that names the file and the line or entry. One that others can write to is refused: it says
 * where people's passwords go.
 */
export function readTargetsFile(file: string): { targets: ListedTarget[] } | { problem: string } {
  let text: string;
  try {
    text = readGiven(file, (stats) => distrustOf(file, stats));
  } catch (error) {
    return { problem: `--targets: ${fileProblem(file, 'read', error).message.replace(/\.$/, '')}.` };
  }
  const result = parseTargets(text);
  return 'problem' in result ? { problem: `--targets ${file}: ${result.problem}` } : result;
}

/** See `readTargetsFile`. */
export function parseTargets(text: string): { targets: ListedTarget[] } | { problem: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { problem: notJson(text, error) };
  }
  if (!Array.isArray(json))
    return { problem: 'it is no JSON list of devices, such as [{"address": "root@192.0.2.7"}].' };
  if (json.length === 0) return { problem: 'it lists no device.' };
  if (json.length > TARGETS_MAX) return { problem: `it lists ${json.length} devices; ${TARGETS_MAX} is the limit.` };
  const targets: ListedTarget[] = [];
  for (const [index, entry] of json.entries()) {
    const parsed = v.safeParse(listedSchema, entry);
    const at = `entry ${index + 1}`;
    if (!parsed.success) {
      const [issue] = parsed.issues;
      const path = v.getDotPath(issue);
      return { problem: `${at}${path ? `, "${path}"` : ''}: ${issue.message.replace(/\.?$/, '.')}` };
    }
    const same = targets.findIndex(({ address }) => address === parsed.output.address);
    if (same >= 0) return { problem: `${at} is the device of entry ${same + 1} once more: ${parsed.output.address}.` };
    targets.push(parsed.output);
  }
  return { targets };
}

/** What is wrong with a JSON text, by its line. Node names the position, or says that the text ends too early. */
function notJson(text: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const position = /at position (\d+)/.exec(message)?.[1];
  const before = text.slice(0, position === undefined ? undefined : Number(position));
  return `line ${before.split('\n').length} is no JSON: ${message}.`;
}
