import { parse, serialize, type CommandNode, type ScriptNode, type StatementNode, type WordNode } from './just-bash.ts';

/** A parsed script, or what bash says about it. */
export type Parsed = { readonly script: ScriptNode } | { readonly error: string };

/** Parses; never throws. */
export function parseScript(source: string): Parsed {
  try {
    return { script: parse(source) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** The text of a word without expansions; null when it has some. Quotes and backslashes are resolved. */
export function literalText(word: WordNode | null): string | null {
  if (!word) return null;
  let text = '';
  for (const part of word.parts) {
    if (part.type === 'Literal' || part.type === 'SingleQuoted' || part.type === 'Escaped') text += part.value;
    else if (part.type === 'DoubleQuoted') {
      const inner = literalText({ type: 'Word', parts: part.parts });
      if (inner === null) return null;
      text += inner;
    } else return null;
  }
  return text;
}

/** The name of a simple command when it is written out; null otherwise. */
export function commandName(command: CommandNode): string | null {
  return command.type === 'SimpleCommand' ? literalText(command.name) : null;
}

/** Source text of statements, made to run again; see `prepare`. */
export function sourceOfStatements(statements: readonly StatementNode[], lastJob: number): string {
  return serialize({ type: 'Script', statements: statements.map((statement) => prepare(statement, lastJob)) });
}

/** Source text of one command. */
export function sourceOfCommand(command: CommandNode, lastJob: number): string {
  const statement: StatementNode = {
    type: 'Statement',
    pipelines: [{ type: 'Pipeline', commands: [command], negated: false }],
    operators: [],
    background: false,
  };
  return sourceOfStatements([statement], lastJob);
}

type Part = WordNode['parts'][number];

/**
 * A copy that just-bash runs as meant:
 * - `$!` becomes the pid of our last background job, which just-bash does not know;
 * - here-documents become here-strings, because `serialize` puts what follows a here-document in a pipeline behind its
 *   closing word (just-bash 3.4.2: `cat <<E | wc` comes out as `…E | wc`, which never closes).
 */
function prepare<Node>(node: Node, lastJob: number): Node {
  return rewrite(node, lastJob) as Node;
}

function rewrite(node: unknown, lastJob: number): unknown {
  if (Array.isArray(node)) return node.map((item) => rewrite(item, lastJob));
  if (typeof node !== 'object' || node === null) return node;
  if (isNode(node, 'ParameterExpansion') && node['parameter'] === '!' && node['operation'] === null) {
    return { type: 'Literal', value: lastJob > 0 ? String(lastJob) : '' };
  }
  if (isNode(node, 'Redirection') && isHereDocument(node['target'])) return hereString(node, node['target'], lastJob);
  if (isNode(node, 'SimpleCommand') || (isNode(node, 'CondUnary') && node['operator'] === '-c')) {
    return rewriteFields(dropBuffering(nameNullDevice(node)), lastJob);
  }
  return rewriteFields(node, lastJob);
}

function rewriteFields(node: object, lastJob: number): unknown {
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, rewrite(value, lastJob)]));
}

/** just-bash has a fixed list of character devices; `test -c /dev/kvm` is asked of one that is on it. */
function nameNullDevice(node: object): object {
  const text = JSON.stringify(node);
  if (!text.includes('"-c"') || !/"\/dev\/(?:kvm|vhost-vsock)"/.test(text)) return node;
  const { name } = node as { name?: WordNode };
  if (name && !['test', '['].includes(literalText(name) ?? '')) return node;
  return JSON.parse(text.replace(/"\/dev\/(?:kvm|vhost-vsock)"/g, '"/dev/null"')) as object;
}

/** Options that ask for what happens here anyway, and that just-bash does not know. */
const bufferingOptions = new Set(['--line-buffered', '--unbuffered', '-u']);

function dropBuffering(node: object): object {
  const { name, args } = node as { name?: WordNode; args?: WordNode[] };
  if (!name || !args || !/^(?:[ef]?grep|sed)$/.test(literalText(name) ?? '')) return node;
  return { ...node, args: args.filter((word) => !bufferingOptions.has(literalText(word) ?? '')) };
}

interface HereDocument {
  readonly content: WordNode;
  readonly quoted: boolean;
  readonly stripTabs: boolean;
}

function hereString(redirection: object, document: HereDocument, lastJob: number): unknown {
  const parts = structuredClone(document.content.parts);
  if (document.stripTabs) {
    for (const [index, part] of parts.entries()) {
      if (part.type !== 'Literal') continue;
      part.value = part.value.replace(index === 0 ? /^\t+/gm : /(?<=\n)\t+/g, '');
    }
  }
  // A here-string adds the newline that the document ends with.
  const last = parts.at(-1);
  if (last?.type === 'Literal') last.value = last.value.replace(/\n$/, '');
  if (parts.every((part) => part.type === 'Literal' && part.value === '')) {
    return {
      ...redirection,
      operator: '<',
      target: { type: 'Word', parts: [{ type: 'Literal', value: '/dev/null' }] },
    };
  }
  const word = { type: 'Word', parts: parts.flatMap((part) => quoted(part, lastJob)) };
  return { ...redirection, operator: '<<<', target: word };
}

/** Literal text as single-quoted pieces, everything else as it would expand inside double quotes. */
function quoted(part: Part, lastJob: number): Part[] {
  if (part.type !== 'Literal') return [{ type: 'DoubleQuoted', parts: [rewrite(part, lastJob) as Part] }];
  return part.value
    .split("'")
    .flatMap((piece, index): Part[] => [
      ...(index > 0 ? [{ type: 'Escaped', value: "'" } as const] : []),
      ...(piece ? [{ type: 'SingleQuoted', value: piece } as const] : []),
    ]);
}

function isHereDocument(node: unknown): node is HereDocument {
  return typeof node === 'object' && node !== null && isNode(node, 'HereDoc');
}

function isNode(node: object, type: string): node is Record<string, unknown> {
  return 'type' in node && node.type === type;
}

/** `text` as one shell word. */
export function quoteWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
