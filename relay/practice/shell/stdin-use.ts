import type { CommandNode, SimpleCommandNode, StatementNode } from './just-bash.ts';
import { literalText } from './syntax.ts';

/**
 * Commands of just-bash that read stdin when they have fewer operands than `operands`. `valued`: letters of options
 * that take the next word. `instead`: options that stand for the first operand (grep -e).
 */
interface Reader {
  readonly operands: number;
  readonly valued?: string;
  readonly instead?: string;
}

const always: Reader = { operands: Infinity };
const filter: Reader = { operands: 1 };

const readers: Readonly<Record<string, Reader>> = {
  awk: { operands: 2, valued: 'Fvf', instead: 'f' },
  base64: { operands: 1, valued: 'w' },
  cat: filter,
  column: { operands: 1, valued: 'sotc' },
  cut: { operands: 1, valued: 'bcdf' },
  dd: always,
  egrep: { operands: 2, valued: 'ABCmef', instead: 'ef' },
  expand: filter,
  fgrep: { operands: 2, valued: 'ABCmef', instead: 'ef' },
  fold: { operands: 1, valued: 'w' },
  grep: { operands: 2, valued: 'ABCmef', instead: 'ef' },
  gunzip: filter,
  gzip: filter,
  head: { operands: 1, valued: 'nc' },
  jq: { operands: 2, valued: 'f', instead: 'f' },
  logger: { operands: 1, valued: 'tp' },
  mapfile: always,
  md5sum: filter,
  nl: { operands: 1, valued: 'bvw' },
  od: { operands: 1, valued: 'AtNjw' },
  paste: { operands: 1, valued: 'd' },
  read: always,
  readarray: always,
  rev: filter,
  sed: { operands: 2, valued: 'ef', instead: 'ef' },
  sha1sum: filter,
  sha256sum: filter,
  sort: { operands: 1, valued: 'kotST' },
  strings: { operands: 1, valued: 'n' },
  tac: filter,
  tail: { operands: 1, valued: 'nc' },
  tee: always,
  tr: always,
  uniq: { operands: 1, valued: 'fsw' },
  wc: filter,
  xargs: always,
  zcat: filter,
};

/** Operands that name stdin. */
const stdinNames = new Set(['-', '/dev/stdin', '/proc/self/fd/0', '/dev/fd/0']);

/** Whether these statements may read the stdin that they inherit; then it is collected first. */
export function readsStdin(statements: readonly StatementNode[], functions: ReadonlySet<string> = new Set()): boolean {
  return statements.some((statement) =>
    statement.pipelines.some(({ commands }) =>
      commands.some(
        (command, index) => commandReads(command, index === 0, functions) || substitutionsRead(command, functions),
      ),
    ),
  );
}

function commandReads(command: CommandNode, inherits: boolean, functions: ReadonlySet<string>): boolean {
  if (command.type === 'FunctionDef') return commandReads(command.body, true, functions);
  if (!inherits || command.redirections.some(({ fd, operator }) => operator.startsWith('<') && (fd ?? 0) === 0))
    return false;
  const inner = (statements: readonly StatementNode[]) => readsStdin(statements, functions);
  switch (command.type) {
    case 'SimpleCommand':
      return simpleReads(command, functions);
    case 'If':
      return (
        command.clauses.some(({ condition, body }) => inner(condition) || inner(body)) || inner(command.elseBody ?? [])
      );
    case 'While':
    case 'Until':
      return inner(command.condition) || inner(command.body);
    case 'Case':
      return command.items.some(({ body }) => inner(body));
    case 'For':
    case 'CStyleFor':
    case 'Subshell':
    case 'Group':
      return inner(command.body);
    case 'ArithmeticCommand':
    case 'ConditionalCommand':
      return false;
  }
}

function simpleReads(command: SimpleCommandNode, functions: ReadonlySet<string>): boolean {
  const name = literalText(command.name);
  if (name === null) return false;
  if (functions.has(name)) return true;
  const words = command.args.map((word) => literalText(word) ?? '?');
  if (words.some((word) => stdinNames.has(word)) && name !== 'cd') return true;
  if (name === 'tar') return tarReads(words);
  if (name === 'dd') return !words.some((word) => word.startsWith('if='));
  if ((name === 'grep' || name === 'egrep') && words.some((word) => /^-[a-zA-Z]*[rR]/.test(word))) return false;
  const reader = Object.hasOwn(readers, name) ? readers[name] : undefined;
  return reader !== undefined && countOperands(words, reader) < reader.operands;
}

function countOperands(words: readonly string[], reader: Reader): number {
  let operands = 0;
  let optionsOver = false;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (!optionsOver && word === '--') optionsOver = true;
    else if (!optionsOver && word.startsWith('--')) {
      if (/^--(regexp|file|expression)/.test(word)) operands++;
    } else if (!optionsOver && word.startsWith('-') && word.length > 1) {
      const letter = word[1] ?? '';
      if (reader.instead?.includes(letter)) operands++;
      if (reader.valued?.includes(word.at(-1) ?? '') && (word.length === 2 || !reader.valued.includes(letter))) index++;
    } else operands++;
  }
  return operands;
}

/** `tar -x`, `-t` without `-f FILE`, or with `-f -`. */
function tarReads(words: readonly string[]): boolean {
  const [bundle = ''] = words;
  if (!/^-?[a-zA-Z]*[xt]/.test(bundle) && !words.includes('--extract')) return false;
  return !words.some((word, index) => /^-?[a-zA-Z]*f$/.test(word) && words[index + 1] !== '-');
}

/** `$(cat)` and `<(cat)` inherit the stdin too. */
function substitutionsRead(node: unknown, functions: ReadonlySet<string>): boolean {
  if (Array.isArray(node)) return node.some((item) => substitutionsRead(item, functions));
  if (typeof node !== 'object' || node === null) return false;
  if (
    'type' in node &&
    (node.type === 'CommandSubstitution' || node.type === 'ProcessSubstitution') &&
    'body' in node
  ) {
    const { body } = node as { body: { statements: StatementNode[] } };
    return readsStdin(body.statements, functions);
  }
  return Object.values(node).some((value) => substitutionsRead(value, functions));
}
