import { type RenderedCheck, type SheetStyle, renderSheet } from '#lib/domain/render-sheet.ts';
import { type Command, sheetParameters } from '#lib/domain/resolve.ts';
import type { SheetExport } from '#lib/domain/export/sheet-export.ts';
import { segmentsText } from '#lib/domain/template.ts';

/**
 * A sheet for programs. This shape is a promise: keys are added, never renamed or removed. A command has a `line` that
 * shows missing values as `<name>`, and names them in `missing`; only with an empty `missing` may it be run.
 */
export function sheetJson(exported: SheetExport, style: SheetStyle): object {
  const { sheet, values, places, errata } = exported;
  const { setup, steps } = renderSheet(sheet, values, style);
  const parameters = sheetParameters(sheet).flatMap((id) => values[id] ?? []);
  return {
    id: sheet.id,
    title: sheet.title,
    summary: sheet.summary,
    kind: sheet.kind,
    style,
    guideSections: sheet.guideSections,
    parameters: parameters.map(({ parameter: { id, label, type, help, example, variable }, value, origin }) => ({
      ...{ id, label, type, help, example, variable },
      value: value ?? null,
      origin,
    })),
    missing: parameters.filter(({ value }) => value === undefined).map(({ parameter }) => parameter.id),
    setup: setup.map(({ place, lines }) => ({
      place,
      lines: lines.map(({ parameter, command }) => ({ parameter: parameter ?? null, ...commandJson(command) })),
    })),
    steps: steps.map(({ step, command, requires, checks, undo }) => ({
      id: step.id,
      title: step.title,
      place: step.place,
      prompt: places[step.place].prompt,
      ...commandJson(command),
      interactive: step.interactive ?? false,
      onlyIf: step.onlyIf ?? null,
      interrupts: step.interrupts ?? null,
      warning: step.warning ?? null,
      why: step.why,
      requires: (step.requires ?? []).map((requirement) => ({
        text: requirement.text,
        fact: requirement.fact ?? null,
        check: requires.filter(({ check }) => check === requirement.check).map(checkJson)[0] ?? null,
      })),
      checks: checks.map(checkJson),
      pitfalls: step.pitfalls ?? [],
      undo: step.undo && undo ? { place: step.undo.place, ...commandJson(undo) } : null,
      errata: errata.filter(({ id }) => step.errata?.includes(id)),
    })),
  };
}

function commandJson({ segments, missing }: Command): { line: string; missing: readonly string[] } {
  return { line: segmentsText(segments), missing };
}

function checkJson({ check, command }: RenderedCheck): object {
  return { place: check.place, ...commandJson(command), expect: check.expect, matches: check.matches ?? null };
}
