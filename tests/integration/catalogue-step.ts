import { PARAMETERS } from '../../src/lib/catalog/parameters.ts';
import { SHEETS } from '../../src/lib/catalog/sheets.ts';
import { renderCommand, resolveParameters } from '../../src/lib/domain/resolve.ts';
import type { Check, Step } from '../../src/lib/domain/sheet.ts';

/** A step of the catalogue by `sheet/step`. Throws if there is none. */
export function findStep(name: string): Step {
  const [sheet, step] = name.split('/');
  const found = SHEETS.find(({ id }) => id === sheet)?.steps.find(({ id }) => id === step);
  if (!found) throw new Error(`no step ${name}`);
  return found;
}

/** A template filled as the app fills it, with typed values. Throws if one is missing or wrong. */
export function fill(template: string, typed: Readonly<Record<string, string>>): string {
  const values = resolveParameters(PARAMETERS, { facts: {}, typed });
  const { line, missing } = renderCommand(template, values);
  if (line === undefined)
    throw new Error(`${template}: ${missing.map((id) => values[id]?.problem ?? `${id} is missing`).join(' ')}`);
  return line;
}

/** Whether a check's expression finds what it looks for in what its command printed. */
export function holds({ matches }: Check, output: string): boolean {
  return new RegExp(matches, 'm').test(output);
}
