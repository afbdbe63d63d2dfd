import type { Place } from '../place.ts';
import { type RenderedCheck, type RenderedStep, type Setup, type SheetStyle, renderSheet } from '../render-sheet.ts';
import { type Command, type ResolvedParameter, sheetParameters } from '../resolve.ts';
import type { Erratum } from '../sheet.ts';
import { segmentsText } from '../template.ts';
import type { SheetExport } from './sheet-export.ts';

/** A value by name; one that is not known has a `hint` instead. */
export interface ValueRow {
  readonly name: string;
  readonly value: string;
  readonly hint?: string;
}

/** A sheet as a document: what its parts are, not how they look. */
export type Block =
  | { readonly kind: 'heading'; readonly level: 1 | 2; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  /** A paragraph that begins with a word of its own. */
  | { readonly kind: 'note'; readonly name: string; readonly text: string }
  | { readonly kind: 'list'; readonly name: string; readonly items: readonly string[] }
  | { readonly kind: 'values'; readonly values: readonly ValueRow[] }
  /** Lines to type, each after the prompt of its Place. */
  | {
      readonly kind: 'commands';
      readonly name?: string;
      readonly lines: readonly { readonly prompt: string; readonly text: string }[];
      /** What they must print. */
      readonly expect?: string;
    };

/** The parts of a sheet, in order: title, summary, values, what to set first, numbered steps. */
export function outline(exported: SheetExport, style: SheetStyle): Block[] {
  const { sheet, values, device } = exported;
  const rendered = renderSheet(sheet, values, style);
  const parameters = sheetParameters(sheet).flatMap((id) => values[id] ?? []);
  return present([
    { kind: 'heading', level: 1, text: sheet.title },
    { kind: 'text', text: sheet.summary },
    note('Filled for', device.length > 0 ? `a device with ${device.join(', ')}.` : undefined),
    parameters.length > 0 ? { kind: 'values', values: parameters.map(valueRow) } : undefined,
    ...rendered.setup.map((setup) => setupBlock(setup, exported)),
    ...rendered.steps.flatMap((step, index) => stepBlocks(step, index + 1, exported)),
  ]);
}

const present = (blocks: readonly (Block | undefined)[]): Block[] => blocks.filter((block) => block !== undefined);

function note(name: string, text: string | undefined): Block | undefined {
  return text === undefined ? undefined : { kind: 'note', name, text };
}

function list(name: string, items: readonly string[]): Block | undefined {
  return items.length === 0 ? undefined : { kind: 'list', name, items };
}

function valueRow({ parameter, text, value, problem }: ResolvedParameter): ValueRow {
  const { label, example } = parameter;
  return value === undefined
    ? { name: label, value: text, hint: problem ?? `missing, for example ${example}` }
    : { name: label, value };
}

function setupBlock({ place, lines }: Setup, { places }: SheetExport): Block {
  const { label, prompt } = places[place];
  return {
    kind: 'commands',
    name: `First, once in a shell there (${label})`,
    lines: lines.map(({ command }) => ({ prompt, text: segmentsText(command.segments) })),
  };
}

function stepBlocks(rendered: RenderedStep, number: number, { places, errata }: SheetExport): Block[] {
  const { step } = rendered;
  const commands = (place: Place, command: Command): Block & { kind: 'commands' } => ({
    kind: 'commands',
    lines: [{ prompt: places[place].prompt, text: segmentsText(command.segments) }],
  });
  const check = (name: string, { check: { place, expect }, command }: RenderedCheck): Block => ({
    ...commands(place, command),
    name,
    expect,
  });
  const named = errata.filter(({ id }) => step.errata?.includes(id));
  return present([
    { kind: 'heading', level: 2, text: `${number}. ${step.title}` },
    note('Only if', step.onlyIf),
    note('Interrupts', step.interrupts),
    note('Warning', step.warning),
    commands(step.place, rendered.command),
    note('Why', step.why),
    list('Needs', step.requires?.map(({ text }) => text) ?? []),
    ...rendered.requires.map((required) => check('See whether it holds', required)),
    ...rendered.checks.map((one) => check('Check', one)),
    list('What may go wrong', step.pitfalls?.map(({ symptom, remedy }) => `${symptom} → ${remedy}`) ?? []),
    step.undo && rendered.undo ? { ...commands(step.undo.place, rendered.undo), name: 'Undo' } : undefined,
    ...named.map((erratum) => note('Correction', correction(erratum))),
  ]);
}

function correction({ guideSays, correct, checked }: Erratum): string {
  return `The guide: ${guideSays} Right: ${correct} (${CHECKED[checked]})`;
}

const CHECKED: Readonly<Record<Erratum['checked'], string>> = {
  source: 'Read in the source.',
  reproduced: 'Reproduced.',
  inferred: 'Inferred.',
  unverified: 'Not verified.',
  guide: 'From another page of the guide.',
};
