import { PARAMETERS } from '#lib/catalog/parameters.ts';
import { type Values, resolveParameters, sheetParameters } from '#lib/domain/resolve.ts';
import type { Parameter, Sheet } from '#lib/domain/sheet.ts';
import { closestNames } from './closest.ts';
import { type Outcome, usageError } from './outcome.ts';

/** Reads `name=value` settings for a sheet. What is wrong with them is a usage error that names the parameter. */
export function readValues(sheet: Sheet, settings: readonly string[]): { values: Values } | { failure: Outcome } {
  const typed: Record<string, string> = {};
  for (const setting of settings) {
    const equals = setting.indexOf('=');
    const name = equals < 0 ? setting : setting.slice(0, equals);
    const parameter = PARAMETERS.find(({ id }) => id === name);
    if (!parameter) return { failure: unknownParameter(sheet, name) };
    if (equals < 0) return { failure: usageError(`--set ${name} has no value. For example: ${example(parameter)}`) };
    if (name in typed) return { failure: usageError(`--set ${name} is there twice. Keep the one you mean.`) };
    typed[name] = setting.slice(equals + 1);
  }
  const values = resolveParameters(PARAMETERS, { facts: {}, typed });
  const empty = Object.keys(typed).find((name) => typed[name]?.trim() === '');
  const wrong = Object.values(values).find(({ problem }) => problem !== undefined);
  const bad = empty === undefined ? wrong : values[empty];
  if (!bad) return { values };
  const { parameter, problem = 'The value is empty.' } = bad;
  return {
    failure: usageError(`${parameter.id} (${parameter.label}): ${problem}`, `For example: ${example(parameter)}`),
  };
}

/** The setting that gives a parameter its example value, as one types it. */
export function example({ id, example }: Parameter): string {
  return /^[\w@%+=:,./-]+$/.test(example) ? `--set ${id}=${example}` : `--set '${id}=${example}'`;
}

function unknownParameter(sheet: Sheet, name: string): Outcome {
  const used = sheetParameters(sheet);
  const [closest] = closestNames(
    name,
    PARAMETERS.map(({ id }) => id),
  );
  const meant = PARAMETERS.find(({ id }) => id === (closest ?? used[0]));
  return usageError(
    `There is no parameter "${name}".${closest === undefined ? '' : ` Did you mean ${closest}?`}`,
    `The sheet ${sheet.id} uses: ${used.join(', ') || 'none'}.`,
    ...(meant ? [`For example: ${example(meant)}`] : []),
  );
}
