import { type LogEntry, SEVERITIES } from './log-entry.ts';
import { severityOf } from './log-parse.ts';

/** A compiled filter: whether to show an entry. */
export type LogFilter = { readonly matches: (entry: LogEntry) => boolean } | { readonly problem: string };

/** `raw` in lower case is made once for each entry, and only when a term needs it. */
type Term = (entry: LogEntry, lower: () => string) => boolean;

/** One term: an optional minus, then a quoted phrase, a regular expression, or a word. */
const TOKEN = /(-?)(?:"([^"]*)"(?=\s|$)|\/((?:\\.|[^\\/])+)\/(?=\s|$)|(\S+))/g;

/**
 * Compiles a filter line. Terms stand apart by spaces, and an entry must fit all of them:
 *
 *     lxd                 the text, in any case          "start failed"    words with spaces
 *     -debug              not this                       /vsock:\d+/       a regular expression, in any case
 *     level>=warning      warning and worse              tag:vm_*          the program, with * for anything
 *
 * A minus works before each of them. A path such as /var/log/messages is text: a regular expression ends with a
 * slash and holds none. An entry without a severity or tag fits no term that asks for one.
 */
export function compileLogFilter(text: string): LogFilter {
  const terms: Term[] = [];
  for (const [token, minus, phrase, expression, word] of text.matchAll(TOKEN)) {
    const term = readTerm(token, phrase, expression, word);
    if (typeof term === 'string') return { problem: term };
    terms.push(minus && token !== '-' ? (entry, lower) => !term(entry, lower) : term);
  }
  return {
    matches: (entry) => {
      let made: string | undefined;
      const lower = (): string => (made ??= entry.raw.toLowerCase());
      return terms.every((term) => term(entry, lower));
    },
  };
}

function readTerm(token: string, phrase?: string, expression?: string, word?: string): Term | string {
  if (expression !== undefined) return expressionTerm(expression);
  if (phrase !== undefined) return textTerm(phrase);
  const text = word ?? token;
  if (text.startsWith('"')) return `The quote at ${text} does not end. Close it with " before the next space.`;
  const level = /^level(>=|<=|[:=<>])(.*)$/i.exec(text);
  if (level) return levelTerm(level[1] ?? '', level[2] ?? '');
  const tag = /^tag:(.*)$/i.exec(text);
  if (tag) return tagTerm(tag[1] ?? '');
  return textTerm(text);
}

function textTerm(text: string): Term {
  const wanted = text.toLowerCase();
  return (_, lower) => lower().includes(wanted);
}

function expressionTerm(source: string): Term | string {
  try {
    const expression = new RegExp(source, 'i');
    return (entry) => expression.test(entry.raw);
  } catch (error) {
    return `/${source}/ is not a regular expression: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** `>` means worse, although worse severities have smaller numbers. */
function levelTerm(operator: string, name: string): Term | string {
  const severity = severityOf(name);
  if (!severity) return `"${name}" is not a level. The levels are ${SEVERITIES.join(', ')}.`;
  const wanted = SEVERITIES.indexOf(severity);
  return (entry) => {
    if (!entry.severity) return false;
    const worse = wanted - SEVERITIES.indexOf(entry.severity);
    if (operator.includes('=') && worse === 0) return true;
    if (operator.startsWith('>')) return worse > 0;
    if (operator.startsWith('<')) return worse < 0;
    return worse === 0;
  };
}

function tagTerm(pattern: string): Term | string {
  if (pattern === '') return 'tag: needs a name after it, such as tag:vm_concierge or tag:vm_*.';
  const source = pattern
    .split(/\*+/)
    .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('.*');
  const expression = new RegExp(`^${source}$`, 'is');
  return (entry) => entry.tag !== undefined && expression.test(entry.tag);
}
