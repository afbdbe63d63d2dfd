import type { ParameterType } from './parameter.ts';
import { quotePieces, quoteWord } from './quote.ts';
import type { Command, Values } from './resolve.ts';
import type { Parameter } from './sheet.ts';
import { type Segment, type TemplateNode, parseTemplate, segmentsText, templateParameters } from './template.ts';

/*
 * Commands that use shell variables instead of values. The shell that reads such a command knows the value only when
 * it runs it, so whatever the value is must survive every later shell too:
 *
 *   {path}                         "$FILE"
 *   {packages...}                  "${PACKAGES[@]}"
 *   {{ vsh -- sh -c {{ cat {path} }} }}   "vsh -- sh -c $(quote "cat $(quote "$FILE")")"
 *
 * Values of some types can hold nothing that a shell takes apart: inside a nested command they stand as they are.
 */

/** Types whose values never need quoting, not one character of them; a property test holds each to it. */
const PLAIN_TYPES: ReadonlySet<ParameterType> = new Set([
  ...(['board', 'guestBoard', 'packages', 'dlcs', 'kernelVersion', 'ownerHash'] as const),
  ...(['container', 'program', 'pid', 'port', 'words'] as const),
]);

/** Whether no value of a type needs quoting. */
export function isPlain(type: ParameterType): boolean {
  return PLAIN_TYPES.has(type);
}

/** Prints its argument quoted as one word for a POSIX shell: `quoteWord`, for values that only a shell knows. */
export const QUOTE_FUNCTION = `quote() { printf '%s\\n' "$1" | sed "s/'/'\\\\\\\\''/g; s/^/'/; s/\\$/'/"; }`;

/** A command with variables, and whether it calls `QUOTE_FUNCTION`. */
export interface VariableCommand extends Command {
  readonly quotes: boolean;
}

/** The shell variable of a parameter. */
export function variableName(parameter: Parameter): string {
  return parameter.variable ?? parameter.id.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

/**
 * Renders a template with each parameter as its shell variable. Segments name the parameter that they stand for, as
 * those of `renderTemplate` do; `missing` says that its variable has no good value yet. Correct in bash and zsh.
 * Throws if the template names no known parameter, or several words of a type that needs quoting.
 */
export function renderVariables(template: string, values: Values): VariableCommand {
  const parameters = templateParameters(template);
  const missing = parameters.filter((id) => lookUp(id, values, template).value === undefined);
  const context: Context = { values, template };
  const segments = joinTexts(parseTemplate(template).flatMap((node) => renderNode(node, context)));
  const quotes = segments.some(({ kind, text }) => kind === 'text' && text.includes('$(quote "'));
  return { segments, missing, quotes, line: missing.length === 0 ? segmentsText(segments) : undefined };
}

/** The template of the line that sets a parameter's variable: exported, or an array where it holds several words. */
export function assignmentTemplate(parameter: Parameter, several: boolean): string {
  const name = variableName(parameter);
  return several ? `${name}=({${parameter.id}...})` : `export ${name}={${parameter.id}}`;
}

/** The ids of the parameters that a template takes as several words. */
export function severalParameters(template: string): string[] {
  const visit = (nodes: readonly TemplateNode[]): string[] =>
    nodes.flatMap((node) =>
      node.kind === 'nested' ? visit(node.nodes) : node.kind === 'parameter' && node.several ? [node.id] : [],
    );
  return visit(parseTemplate(template));
}

interface Context {
  readonly values: Values;
  readonly template: string;
}

/** What a nested command is made of, when the shell before it puts it together. */
type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'variable'; readonly id: string; readonly several: boolean }
  | { readonly kind: 'quoted'; readonly pieces: readonly Piece[] };

function lookUp(id: string, values: Values, template: string): Values[string] {
  const resolved = values[id];
  if (!resolved) throw new Error(`no parameter "${id}" for template: ${template}`);
  return resolved;
}

function renderNode(node: TemplateNode, context: Context): Segment[] {
  if (node.kind === 'text') return [node];
  if (node.kind === 'parameter') {
    const { text, ...segment } = variableSegment(node.id, node.several ? '[@]' : '', '', context);
    return [{ ...segment, text: `"${text}"` }];
  }
  const pieces = node.nodes.flatMap((inner) => toPieces(inner, context));
  if (pieces.every((piece) => piece.kind === 'text'))
    return [{ kind: 'text', text: quoteWord(pieces.map((piece) => piece.text).join('')) }];
  return [{ kind: 'text', text: '"' }, ...renderPieces(pieces, context), { kind: 'text', text: '"' }];
}

function toPieces(node: TemplateNode, context: Context): Piece[] {
  if (node.kind === 'text') return [node];
  if (node.kind === 'nested') return quoteCommand(node.nodes.flatMap((inner) => toPieces(inner, context)));
  const variable: Piece = { kind: 'variable', id: node.id, several: node.several };
  if (isPlain(lookUp(node.id, context.values, context.template).parameter.type)) return [variable];
  if (node.several) throw new Error(`several words that need quoting, "${node.id}", in template: ${context.template}`);
  return [{ kind: 'quoted', pieces: [variable] }];
}

/** A nested command as one word: quoted now where only plain values are unknown, else when the shell runs. */
function quoteCommand(pieces: readonly Piece[]): Piece[] {
  const known = pieces.filter((piece) => piece.kind !== 'quoted');
  if (known.length < pieces.length) return [{ kind: 'quoted', pieces }];
  // Quotes go around the word, so a letter may stand for a plain value while they are put there.
  const quoted = quotePieces(known.map((piece) => (piece.kind === 'text' ? piece.text : 'x')));
  return known.flatMap((piece, index): Piece[] => {
    const text = quoted[index] ?? '';
    if (piece.kind === 'text') return [{ kind: 'text', text }];
    const [before = '', after = ''] = text.split('x');
    return [{ kind: 'text', text: before }, piece, { kind: 'text', text: after }];
  });
}

/** Pieces as they stand between double quotes. */
function renderPieces(pieces: readonly Piece[], context: Context): Segment[] {
  return pieces.flatMap((piece, index): Segment[] => {
    if (piece.kind === 'text') return [{ kind: 'text', text: escapeText(piece.text) }];
    if (piece.kind === 'quoted')
      return [
        { kind: 'text', text: '$(quote "' },
        ...renderPieces(piece.pieces, context),
        { kind: 'text', text: '")' },
      ];
    const rest = pieces.slice(index + 1).find((next) => next.kind !== 'text' || next.text !== '');
    const next = rest?.kind === 'text' ? rest.text : '';
    return [variableSegment(piece.id, piece.several ? '[*]' : '', next, context)];
  });
}

/** A variable's expansion; `next` is what follows it, from which braces keep it apart. */
function variableSegment(id: string, index: '' | '[@]' | '[*]', next: string, context: Context): Segment {
  const { parameter, value } = lookUp(id, context.values, context.template);
  const name = variableName(parameter);
  const bare = index === '' && /^(?:$|[\s'"/])/.test(next);
  return {
    kind: value === undefined ? 'missing' : 'value',
    text: bare ? `$${name}` : `\${${name}${index}}`,
    parameter: id,
  };
}

/** Text between double quotes; an interactive bash gives `!` a meaning there that no backslash takes away. */
function escapeText(text: string): string {
  return text.replace(/[\\"$`]/g, '\\$&').replaceAll('!', `"'!'"`);
}

function joinTexts(segments: readonly Segment[]): Segment[] {
  return segments.reduce<Segment[]>((joined, segment) => {
    const last = joined.at(-1);
    if (segment.text === '') return joined;
    if (segment.kind !== 'text' || last?.kind !== 'text') return [...joined, segment];
    return [...joined.slice(0, -1), { kind: 'text', text: last.text + segment.text }];
  }, []);
}
