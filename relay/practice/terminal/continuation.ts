/** What closes what. */
const closers: Readonly<Record<string, string>> = {
  if: 'fi',
  for: 'done',
  while: 'done',
  until: 'done',
  select: 'done',
  case: 'esac',
  '{': '}',
  '(': ')',
};

/** After these a command may begin, so `if` and its like are words of the shell there. */
const beforeCommand = new Set([
  '',
  ';',
  '&',
  '|',
  '&&',
  '||',
  '(',
  '{',
  '\n',
  'then',
  'do',
  'else',
  'elif',
  'if',
  'while',
  'until',
  '!',
  ';;',
  ')',
  '$(',
]);

/** Whether bash would show `> ` and read on: an open quote, here-document, block, or a line that ends in a joint. */
export function needsMore(source: string): boolean {
  const open: string[] = [];
  const documents: { readonly end: string; readonly tabs: boolean }[] = [];
  let previous = '';
  let position = 0;
  const token =
    /\\(?:.|\n|$)|'[^']*('?)|<<<|<<(-?)\s*(['"]?)(\w+)\3|\$\(\(|\$\(|`|&&|\|\||;;|[;&|(){}\n]|#|"|[^\s\\'"`;&|(){}#\n]+|\s/y;
  while (position < source.length) {
    token.lastIndex = position;
    const match = token.exec(source);
    if (!match) return false;
    const [text] = match;
    position = token.lastIndex;
    if (text === '\\' || text === '\\\n') {
      if (position >= source.length) return true;
      continue;
    }
    if (text.startsWith("'")) {
      if (match[1] === '') return true;
      previous = 'word';
    } else if (text === '"') {
      const end = endOfDoubleQuotes(source, position);
      if (end < 0) return true;
      position = end;
      previous = 'word';
    } else if (text === '#' && (previous === '' || /[\s;&|(]/.test(source[position - 2] ?? ' '))) {
      const end = source.indexOf('\n', position);
      if (end < 0) break;
      position = end;
    } else if (match[4] !== undefined) {
      documents.push({ end: match[4], tabs: match[2] === '-' });
    } else if (text === '\n' && documents.length > 0) {
      const end = endOfDocuments(source, position, documents);
      if (end < 0) return true;
      documents.length = 0;
      position = end;
      previous = '\n';
    } else if (text !== '\n' && /^\s$/.test(text)) {
      continue;
    } else {
      track(open, text, previous);
      // `if` is a word of the shell only where a command may begin: not in `echo if`.
      const isOperator = /^[^\w]/.test(text);
      previous = text === '$((' ? '(' : isOperator || beforeCommand.has(previous) ? text : 'word';
    }
  }
  return open.length > 0 || documents.length > 0 || /(?:&&|\|\|?)\s*$/.test(source);
}

function track(open: string[], text: string, previous: string): void {
  if (text === '$(' || text === '(') open.push(')');
  else if (text === '$((') open.push(')', ')');
  else if (text === '`') {
    if (open.at(-1) === '`') open.pop();
    else open.push('`');
  } else if (text === open.at(-1)) open.pop();
  else if (beforeCommand.has(previous) && Object.hasOwn(closers, text)) open.push(closers[text] ?? '');
}

function endOfDoubleQuotes(source: string, start: number): number {
  for (let index = start; index < source.length; index++) {
    if (source[index] === '\\') index++;
    else if (source[index] === '"') return index + 1;
  }
  return -1;
}

function endOfDocuments(
  source: string,
  start: number,
  documents: readonly { readonly end: string; readonly tabs: boolean }[],
): number {
  let position = start;
  for (const { end, tabs } of documents) {
    for (;;) {
      if (position >= source.length) return -1;
      const newline = source.indexOf('\n', position);
      const line = source.slice(position, newline < 0 ? source.length : newline);
      position = newline < 0 ? source.length : newline + 1;
      if ((tabs ? line.replace(/^\t+/, '') : line) === end) break;
    }
  }
  return position - 1 > start ? position - 1 : position;
}
