import type { Facts, Origin } from './facts.ts';
import { validateParameter } from './parameter.ts';
import type { Place } from './place.ts';
import type { Parameter, Sheet, Step } from './sheet.ts';
import { type Segment, renderTemplate, segmentsText, templateParameters } from './template.ts';

/** What fills parameters: the device's facts, its address, and what was typed by hand. */
export interface Sources {
  readonly facts: Facts;
  readonly address?: string | undefined;
  /** By parameter id; typed values always win, even wrong ones, so that nothing typed is lost in silence. */
  readonly typed: Readonly<Record<string, string>>;
  /** When each was typed, Unix time in ms; left out where nobody knows. */
  readonly typedAt?: Readonly<Record<string, number>>;
  /** Unix time in ms: what was typed before it, or nobody knows when, is remembered from an earlier visit. */
  readonly visitSince?: number;
  /** Ids of `typed` values that nobody typed: a link of this visit selected them. */
  readonly linked?: ReadonlySet<string>;
}

/** A parameter with what is known of it now. */
export interface ResolvedParameter {
  readonly parameter: Parameter;
  /** What the field shows. */
  readonly text: string;
  /** The value that commands carry; undefined while missing or wrong. */
  readonly value: string | undefined;
  readonly origin: Origin | 'remembered' | 'link' | 'missing';
  /** When it was learned or typed, Unix time in ms; left out where nobody knows. */
  readonly at?: number;
  /** Why `text` cannot be used, with what would be right. */
  readonly problem?: string;
}

/** A template filled in. `line` is there only when nothing is missing or wrong: only then may it be copied. */
export interface Command {
  readonly segments: readonly Segment[];
  readonly line: string | undefined;
  /** Ids of parameters that are missing or wrong, in order of use. */
  readonly missing: readonly string[];
}

export type Values = Readonly<Record<string, ResolvedParameter>>;

/** Finds the value of each parameter: typed, else from the device, else the default. */
export function resolveParameters(parameters: readonly Parameter[], sources: Sources): Values {
  return Object.fromEntries(parameters.map((parameter) => [parameter.id, resolveParameter(parameter, sources)]));
}

function resolveParameter(parameter: Parameter, sources: Sources): ResolvedParameter {
  const found = fromHand(parameter, sources) ?? fromDevice(parameter, sources);
  if (!found) return { parameter, text: '', value: undefined, origin: 'missing' };
  const result = validateParameter(parameter.type, found.text);
  return 'problem' in result
    ? { parameter, ...found, value: undefined, problem: result.problem }
    : { parameter, ...found, value: result.value };
}

type Found = Pick<ResolvedParameter, 'text' | 'origin' | 'at'>;

function fromHand({ id }: Parameter, { typed, typedAt = {}, visitSince = 0, linked }: Sources): Found | undefined {
  const text = typed[id];
  if (text === undefined || text.trim() === '') return undefined;
  const at = typedAt[id];
  const origin = (at ?? 0) < visitSince ? 'remembered' : linked?.has(id) ? 'link' : 'typed';
  return { text, origin, ...(at === undefined ? {} : { at }) };
}

function fromDevice(parameter: Parameter, { facts, address }: Sources): Found | undefined {
  if (parameter.from === 'address') {
    if (address !== undefined) return { text: address, origin: 'probed' };
  } else if (parameter.from) {
    const fact = facts[parameter.from];
    if (fact && 'value' in fact) return { text: fact.value, origin: fact.origin, at: fact.at };
  }
  return parameter.default === undefined ? undefined : { text: parameter.default, origin: 'default' };
}

/** Fills a template. An id that is no parameter throws: the catalogue is broken, and its test says so first. */
export function renderCommand(template: string, values: Values): Command {
  const valueOf = (id: string): string | undefined => {
    const resolved = values[id];
    if (!resolved) throw new Error(`no parameter "${id}" for template: ${template}`);
    return resolved.value;
  };
  const segments = renderTemplate(template, valueOf);
  const missing = [...new Set(segments.flatMap((segment) => (segment.kind === 'missing' ? segment.parameter : [])))];
  return { segments, missing, line: missing.length === 0 ? segmentsText(segments) : undefined };
}

/** Every template of a step with its Place: its command, its checks, its undo, and how to see what it requires. */
export function stepTemplates(step: Step): { readonly place: Place; readonly command: string }[] {
  return [
    step,
    ...(step.checks ?? []),
    ...(step.undo ? [step.undo] : []),
    ...(step.requires ?? []).flatMap((requirement) => requirement.check ?? []),
  ].map(({ place, command }) => ({ place, command }));
}

/** The ids of the parameters that a sheet uses, in order of first use. */
export function sheetParameters(sheet: Sheet): string[] {
  return [...new Set(sheet.steps.flatMap(stepTemplates).flatMap(({ command }) => templateParameters(command)))];
}
