import type { Place } from './place.ts';
import { PLACES } from './place.ts';
import { type Command, type Values, renderCommand, stepTemplates } from './resolve.ts';
import { QUOTE_FUNCTION, assignmentTemplate, renderVariables, severalParameters } from './shell-variable.ts';
import type { Check, Sheet, Step } from './sheet.ts';
import { templateParameters } from './template.ts';

/** `inlined`: every value in, each line stands alone. `exports`: variables are set once in each Place, commands use them. */
export type SheetStyle = 'inlined' | 'exports';

/** A line that sets up a Place's shell: a parameter's variable, or the function that some commands call (no parameter). */
export interface SetupLine {
  readonly parameter?: string;
  readonly command: Command;
}

/** What to type once in the shell of a Place before the steps there. */
export interface Setup {
  readonly place: Place;
  readonly lines: readonly SetupLine[];
}

export interface RenderedCheck {
  readonly check: Check;
  readonly command: Command;
}

/** A step with its commands filled in. */
export interface RenderedStep {
  readonly step: Step;
  readonly command: Command;
  /** How to see by hand what the step requires, where a command shows it. */
  readonly requires: readonly RenderedCheck[];
  readonly checks: readonly RenderedCheck[];
  /** Its Place is `step.undo.place`. */
  readonly undo: Command | undefined;
}

export interface RenderedSheet {
  readonly sheet: Sheet;
  readonly style: SheetStyle;
  /** By Place, from the workstation inwards, only Places that need something; empty when inlined. */
  readonly setup: readonly Setup[];
  readonly steps: readonly RenderedStep[];
}

/** Fills in a whole sheet. A template with an id that is no parameter throws: the catalogue is broken. */
export function renderSheet(sheet: Sheet, values: Values, style: SheetStyle): RenderedSheet {
  const render = style === 'inlined' ? renderCommand : renderVariables;
  const renderCheck = (check: Check): RenderedCheck => ({ check, command: render(check.command, values) });
  return {
    sheet,
    style,
    setup: style === 'inlined' ? [] : setupPlaces(sheet, values),
    steps: sheet.steps.map((step) => ({
      step,
      command: render(step.command, values),
      requires: (step.requires ?? []).flatMap((requirement) => requirement.check ?? []).map(renderCheck),
      checks: (step.checks ?? []).map(renderCheck),
      undo: step.undo && render(step.undo.command, values),
    })),
  };
}

function setupPlaces(sheet: Sheet, values: Values): Setup[] {
  const templates = sheet.steps.flatMap(stepTemplates);
  return PLACES.flatMap((place) => {
    const lines = setupLines(
      templates.filter((template) => template.place === place).map((template) => template.command),
      values,
    );
    return lines.length > 0 ? [{ place, lines }] : [];
  });
}

/** What a shell needs before these templates run in it with variables, in order of first use. */
export function setupLines(templates: readonly string[], values: Values): SetupLine[] {
  const several = new Set(templates.flatMap(severalParameters));
  const assignments = [...new Set(templates.flatMap(templateParameters))].flatMap((id): SetupLine[] => {
    const parameter = values[id]?.parameter;
    if (!parameter) throw new Error(`no parameter "${id}"`);
    return [{ parameter: id, command: renderCommand(assignmentTemplate(parameter, several.has(id)), values) }];
  });
  const quotes = templates.some((template) => renderVariables(template, values).quotes);
  return quotes ? [...assignments, { command: QUOTE_COMMAND }] : assignments;
}

const QUOTE_COMMAND: Command = {
  segments: [{ kind: 'text', text: QUOTE_FUNCTION }],
  line: QUOTE_FUNCTION,
  missing: [],
};
