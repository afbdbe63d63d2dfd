import { quotePieces } from './quote.ts';

/**
 * Command templates. Four constructs, everything else is the command as a shell reads it:
 *
 *   {name}       a parameter, quoted as one word (or part of one: `--board={board}`)
 *   {name...}    a parameter that holds several words, each quoted
 *   {{ … }}      a command for the next shell: rendered, then quoted as one word of this one, to any depth
 *   \{ and \}    braces that belong to the command: a shell's ${X} is written $\{X\}
 *
 *   ssh {device} -- {{ vsh --vm_name={vm} --owner_id={hash} -- sh -c {{ cat {path} }} }}
 */
export type TemplateNode =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'parameter'; readonly id: string; readonly several: boolean }
  | { readonly kind: 'nested'; readonly nodes: readonly TemplateNode[] };

/** A part of a rendered command. `value` and `missing` parts name the parameter that they stand for. */
export type Segment =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly text: string; readonly parameter: string }
  | { readonly kind: 'missing'; readonly text: string; readonly parameter: string };

const TOKEN = /\\[{}]|\$(?=\{)|\{\{|\}\}|\{([a-zA-Z][a-zA-Z0-9]*)(\.\.\.)?\}|[{}]/g;

/**
 * Parses a template. Throws on a stray or unbalanced brace: templates are our own content, and a broken one
 * must not pass the tests.
 */
export function parseTemplate(template: string): TemplateNode[] {
  const levels: TemplateNode[][] = [[]];
  let from = 0;
  const addText = (text: string): void => {
    const level = levels.at(-1);
    const last = level?.at(-1);
    if (last?.kind === 'text') level?.splice(-1, 1, { kind: 'text', text: last.text + text });
    else if (text) level?.push({ kind: 'text', text });
  };
  for (const match of template.matchAll(TOKEN)) {
    addText(template.slice(from, match.index));
    from = match.index + match[0].length;
    const [token, id, dots] = match;
    if (token.startsWith('\\')) addText(token.slice(1));
    else if (token === '{{') levels.push([]);
    else if (token === '}}') {
      const nodes = levels.pop();
      const outer = levels.at(-1);
      if (!nodes || !outer) throw new Error(`unbalanced }} at ${match.index} in template: ${template}`);
      outer.push({ kind: 'nested', nodes: trimEnds(nodes) });
    } else if (id) levels.at(-1)?.push({ kind: 'parameter', id, several: dots !== undefined });
    else throw new Error(`stray ${token} at ${match.index} in template: ${template}`);
  }
  addText(template.slice(from));
  const [nodes, unclosed] = levels;
  if (!nodes || unclosed) throw new Error(`unclosed {{ in template: ${template}`);
  return nodes;
}

/** The ids of the parameters that a template names, in order of first use, without repeats. */
export function templateParameters(template: string): string[] {
  const ids = new Set<string>();
  const visit = (nodes: readonly TemplateNode[]): void => {
    for (const node of nodes) {
      if (node.kind === 'parameter') ids.add(node.id);
      else if (node.kind === 'nested') visit(node.nodes);
    }
  };
  visit(parseTemplate(template));
  return [...ids];
}

/**
 * Renders a template. `valueOf` gives a parameter's value, or undefined when it is missing; a missing value
 * leaves a `missing` segment that shows the parameter's name in angle brackets.
 */
export function renderTemplate(template: string, valueOf: (id: string) => string | undefined): Segment[] {
  return renderNodes(parseTemplate(template), valueOf);
}

/** The segments as one command line. */
export function segmentsText(segments: readonly Segment[]): string {
  return segments.map((segment) => segment.text).join('');
}

function renderNodes(nodes: readonly TemplateNode[], valueOf: (id: string) => string | undefined): Segment[] {
  return nodes.flatMap((node): Segment[] => {
    if (node.kind === 'text') return [node];
    if (node.kind === 'nested') return quoteSegments(renderNodes(node.nodes, valueOf));
    const value = valueOf(node.id);
    if (value === undefined) return [{ kind: 'missing', text: `<${node.id}>`, parameter: node.id }];
    const words = node.several ? value.split(/\s+/).filter(Boolean) : [value];
    return words.flatMap((word, index): Segment[] => [
      ...(index > 0 ? [{ kind: 'text', text: ' ' } as const] : []),
      { kind: 'value', text: quotePieces([word]).join(''), parameter: node.id },
    ]);
  });
}

function quoteSegments(segments: readonly Segment[]): Segment[] {
  const quoted = quotePieces(segments.map((segment) => segment.text));
  if (segments.length === 0) return [{ kind: 'text', text: quoted.join('') }];
  return segments.map((segment, index) => ({ ...segment, text: quoted[index] ?? '' }));
}

function trimEnds(nodes: readonly TemplateNode[]): TemplateNode[] {
  return nodes
    .map((node, index) => {
      if (node.kind !== 'text') return node;
      const start = index === 0 ? node.text.trimStart() : node.text;
      return { kind: 'text' as const, text: index === nodes.length - 1 ? start.trimEnd() : start };
    })
    .filter((node) => node.kind !== 'text' || node.text !== '');
}
