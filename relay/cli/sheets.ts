import { parseArgs } from 'node:util';
import { ERRATA } from '#lib/catalog/errata.ts';
import { PLACE_INFO } from '#lib/catalog/places.ts';
import { SHEETS } from '#lib/catalog/sheets.ts';
import { sheetScript } from '#lib/domain/export/bash.ts';
import { sheetMarkdown } from '#lib/domain/export/markdown.ts';
import type { SheetExport } from '#lib/domain/export/sheet-export.ts';
import { sheetText } from '#lib/domain/export/text.ts';
import { type Values, sheetParameters } from '#lib/domain/resolve.ts';
import type { SheetStyle } from '#lib/domain/render-sheet.ts';
import type { Sheet } from '#lib/domain/sheet.ts';
import { closestNames } from './closest.ts';
import { type Outcome, usageError } from './outcome.ts';
import { sheetJson } from './sheet-json.ts';
import { example, readValues } from './sheet-values.ts';

/** `sheets`: every sheet, with what it is for. */
export function listSheets(args: readonly string[]): Outcome {
  const { values } = parseArgs({ args: [...args], options: { format: { type: 'string', default: 'text' } } });
  if (values.format === 'json') {
    const sheets = SHEETS.map(({ id, title, summary, kind }) => ({ id, title, summary, kind }));
    return { code: 0, stdout: `${JSON.stringify(sheets, null, 2)}\n` };
  }
  if (values.format !== 'text') return unknownChoice('--format', values.format, ['text', 'json']);
  const width = Math.max(...SHEETS.map(({ id }) => id.length)) + 2;
  return { code: 0, stdout: SHEETS.map(({ id, title }) => `${id.padEnd(width)}${title}\n`).join('') };
}

const FORMATS = {
  text: sheetText,
  markdown: sheetMarkdown,
  script: sheetScript,
  json: (exported: SheetExport, style: SheetStyle) => `${JSON.stringify(sheetJson(exported, style), null, 2)}\n`,
};

/** `sheet <id>`: one sheet, filled with the values that are given. What is missing is named on stderr, and shown as <name>. */
export function showSheet(args: readonly string[]): Outcome {
  const { values: flags, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      set: { type: 'string', multiple: true, default: [] },
      format: { type: 'string', default: 'text' },
      style: { type: 'string', default: 'inlined' },
    },
  });
  const [id, extra] = positionals;
  if (id === undefined)
    return usageError('Which sheet? For example: crostini-workbench sheet guest-package', SEE_SHEETS);
  if (extra !== undefined) return usageError(`One sheet at a time: "${extra}" is too much. Values go after --set.`);
  const sheet = SHEETS.find((one) => one.id === id);
  if (!sheet) return unknownSheet(id);
  const { format, style } = flags;
  if (!isKey(FORMATS, format)) return unknownChoice('--format', format, Object.keys(FORMATS));
  if (style !== 'inlined' && style !== 'exports') return unknownChoice('--style', style, ['inlined', 'exports']);
  const read = readValues(sheet, flags.set);
  if ('failure' in read) return read.failure;
  const { values } = read;
  const stdout = FORMATS[format]({ sheet, values, places: PLACE_INFO, errata: ERRATA, device: [] }, style);
  return { code: 0, stdout, ...missingNote(sheet, values) };
}

const SEE_SHEETS = '"crostini-workbench sheets" lists them.';

function missingNote(sheet: Sheet, values: Values): { stderr?: string } {
  const missing = sheetParameters(sheet).flatMap((id) => {
    const resolved = values[id];
    return resolved && resolved.value === undefined ? [resolved.parameter] : [];
  });
  return missing.length === 0
    ? {}
    : { stderr: missing.map((one) => `Missing: ${one.id} (${one.label}). For example: ${example(one)}\n`).join('') };
}

function unknownSheet(id: string): Outcome {
  const closest = closestNames(
    id,
    SHEETS.map((sheet) => sheet.id),
  );
  const meant = closest.length > 0 ? ` Did you mean ${closest.join(' or ')}?` : '';
  return usageError(`There is no sheet "${id}".${meant}`, SEE_SHEETS);
}

/** An option whose value is none of those it has. */
export function unknownChoice(option: string, value: string, choices: readonly string[]): Outcome {
  return usageError(`${option} ${value} is none of ${choices.join(', ')}. For example: ${option} ${choices[0]}`);
}

function isKey<T extends object>(object: T, key: PropertyKey): key is keyof T {
  return Object.hasOwn(object, key);
}
