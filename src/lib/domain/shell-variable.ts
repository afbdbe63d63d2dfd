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

/** Prints its words quoted for a POSIX shell, with a blank between: `quoteWords`, for values that only a shell knows. */
export const QUOTE_FUNCTION = `quote() { local word gap=''; for word; do word=\${word//\\'/\\'\\\\\\'\\'}; printf "%s'%s'" "$gap" "$word"; gap=' '; done; }`;

/** A command with variables, and whether it calls `QUOTE_FUNCTION`. */
export interface VariableCommand extends Command {
  readonly quotes: boolean;
}

/**
 * Renders a template with each parameter as its shell variable. Segments name the parameter that they stand for, as
 * those of `renderTemplate` do; `missing` says that its variable has no good value yet. Correct in bash and zsh.
 * Inside a function, `argument` is the id that stands for a whole command, its first argument.
 * Throws if the template names no known parameter.
 */
export function renderVariables(template: string, values: Values, argument?: string): VariableCommand {
  const parameters = templateParameters(template).filter((id) => id !== argument);
  const missing = parameters.filter((id) => lookUp(id, values, template).value === undefined);
  const context: Context = { values, template, argument };
  const segments = joinTexts(parseTemplate(template).flatMap((node) => renderNode(node, context)));
  const quotes = segments.some(({ kind, text }) => kind === 'text' && text.includes(QUOTE_CALL));
  return { segments, missing, quotes, line: missing.length === 0 ? segmentsText(segments) : undefined };
}

/** The template of the line that sets a parameter's variable: exported, or an array where it holds several words. */
export function assignmentTemplate(parameter: Parameter, several: boolean): string {
  const name = parameter.variable;
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
  readonly argument: string | undefined;
}

/** What a nested command is made of, when the shell before it puts it together. */
type Piece =
  | { readonly kind: 'text'; readonly text: string }
  /** Stands as it is. */
  | { readonly kind: 'variable'; readonly id: string; readonly index: Index }
  /** A command that stands as it is, the function's argument. */
  | { readonly kind: 'argument' }
  /** One word or several, quoted when the shell runs. */
  | { readonly kind: 'quoted'; readonly pieces: readonly Piece[] };

/** How an array is taken apart: not one, its elements as words, its elements joined by blanks. */
type Index = '' | '[@]' | '[*]';

const QUOTE_CALL = '$(quote "';

function lookUp(id: string, values: Values, template: string): Values[string] {
  const resolved = values[id];
  if (!resolved) throw new Error(`no parameter "${id}" for template: ${template}`);
  return resolved;
}

function renderNode(node: TemplateNode, context: Context): Segment[] {
  if (node.kind === 'text') return [node];
  if (node.kind === 'nested') return renderNested(node.nodes, context);
  if (node.id === context.argument) throw new Error(`a command is no word, in template: ${context.template}`);
  const { text, ...segment } = variableSegment(node.id, node.several ? '[@]' : '', '', context);
  return [{ ...segment, text: `"${text}"` }];
}

function renderNested(nodes: readonly TemplateNode[], context: Context): Segment[] {
  const pieces = nodes.flatMap((inner) => toPieces(inner, context));
  if (pieces.every((piece) => piece.kind === 'text'))
    return [{ kind: 'text', text: quoteWord(pieces.map((piece) => piece.text).join('')) }];
  return [{ kind: 'text', text: '"' }, ...renderPieces(pieces, context), { kind: 'text', text: '"' }];
}

function toPieces(node: TemplateNode, context: Context): Piece[] {
  if (node.kind === 'text') return [node];
  if (node.kind === 'nested') return quoteCommand(node.nodes.flatMap((inner) => toPieces(inner, context)));
  if (node.id === context.argument) return [{ kind: 'argument' }];
  const plain = isPlain(lookUp(node.id, context.values, context.template).parameter.type);
  const index = !node.several ? '' : plain ? '[*]' : '[@]';
  const variable: Piece = { kind: 'variable', id: node.id, index };
  return plain ? [variable] : [{ kind: 'quoted', pieces: [variable] }];
}

/** A nested command as one word: quoted now where only plain values are unknown, else when the shell runs. */
function quoteCommand(pieces: readonly Piece[]): Piece[] {
  const known = pieces.filter((piece) => piece.kind === 'text' || piece.kind === 'variable');
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
  const shown = pieces.filter((piece) => piece.kind !== 'text' || piece.text !== '');
  return shown.flatMap((piece, position): Segment[] => {
    if (piece.kind === 'text') return [{ kind: 'text', text: escapeText(piece.text) }];
    if (piece.kind === 'argument') return [{ kind: 'text', text: '$1' }];
    if (piece.kind === 'quoted')
      return [{ kind: 'text', text: QUOTE_CALL }, ...renderPieces(piece.pieces, context), { kind: 'text', text: '")' }];
    const next = shown[position + 1];
    return [variableSegment(piece.id, piece.index, next?.kind === 'text' ? next.text : '', context)];
  });
}

/** A variable's expansion; `next` is what follows it, from which braces keep it apart. */
function variableSegment(id: string, index: Index, next: string, context: Context): Segment {
  const { parameter, value } = lookUp(id, context.values, context.template);
  const name = parameter.variable;
  const bare = index === '' && /^(?:$|[\s'"/])/.test(next);
  const text = bare ? `$${name}` : `\${${name}${index}}`;
  return { kind: value === undefined ? 'missing' : 'value', text, parameter: id };
}

/** Text between double quotes; an interactive bash gives `!` a meaning there that no backslash takes away. */
function escapeText(text: string): string {
  return text.replace(/[\\"$`]/g, '\\$&').replaceAll('!', `"'!'"`);
}

function joinTexts(segments: readonly Segment[]): Segment[] {
  const joined: Segment[] = [];
  for (const segment of segments) {
    const last = joined.at(-1);
    if (segment.kind === 'text' && last?.kind === 'text')
      joined.splice(-1, 1, { kind: 'text', text: last.text + segment.text });
    else if (segment.text !== '') joined.push(segment);
  }
  return joined;
}
