import { readFileSync, statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { COMPONENTS } from '#lib/catalog/components.ts';
import { ERRATA } from '#lib/catalog/errata.ts';
import { GUIDE } from '#lib/catalog/guide.ts';
import { SHEETS } from '#lib/catalog/sheets.ts';
import { checkGuide, formatFindings } from '#lib/domain/guide-check.ts';
import { type Outcome, usageError } from './outcome.ts';
import { unknownChoice } from './sheets.ts';

/** The guide has 20 kB. Far more is another file, and comparing it would take minutes. */
const MOST_BYTES = 500_000;

/** `check-guide FILE`: where a copy of the guide and the catalogue differ; `index` is the guide as the catalogue has it. */
export function checkGuideFile(args: readonly string[], index = GUIDE): Outcome {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { format: { type: 'string', default: 'text' } },
  });
  const [path, extra] = positionals;
  if (path === undefined)
    return usageError('Which copy of the guide? For example: crostini-workbench check-guide guide.md');
  if (extra !== undefined) return usageError(`One file at a time: "${extra}" is too much.`);
  if (values.format !== 'text' && values.format !== 'json')
    return unknownChoice('--format', values.format, ['text', 'json']);
  const read = readCopy(path);
  if ('failure' in read) return read.failure;
  const findings = checkGuide(read.text, index, { components: COMPONENTS, sheets: SHEETS, errata: ERRATA });
  return {
    code: findings.length > 0 ? 1 : 0,
    stdout:
      values.format === 'json' ? `${JSON.stringify(findings, null, 2)}\n` : formatFindings(findings, index.checked),
  };
}

function readCopy(path: string): { text: string } | { failure: Outcome } {
  try {
    if (statSync(path).size > MOST_BYTES)
      return { failure: usageError(`${path} has more than ${MOST_BYTES / 1000} kB: that is not the guide.`) };
    return { text: readFileSync(path, 'utf8') };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { failure: usageError(`${path} cannot be read: ${reason}.`, 'Give a file with a copy of the guide.') };
  }
}
