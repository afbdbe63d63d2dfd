import type { CommandNode } from './just-bash.ts';
import { commandName, literalText } from './syntax.ts';

/** Options with which a filter needs more than the line it looks at. */
const statefulOptions: Readonly<Record<string, RegExp | null>> = {
  grep: /^-\w*[cmqlLABC0-9]|^--(?:count|max-count|quiet|context|after|before)/,
  egrep: /^-\w*[cmqlLABC0-9]/,
  fgrep: /^-\w*[cmqlLABC0-9]/,
  cut: null,
  tr: null,
  rev: null,
  expand: null,
  fold: null,
  sed: /^-\w*s|^-i/,
};

/** Whether a command, run over pieces of its input one after the other, prints what it prints for the whole. */
export function isLineFilter(command: CommandNode): boolean {
  const name = commandName(command);
  if (command.type !== 'SimpleCommand' || name === null || command.redirections.some(({ fd }) => (fd ?? 1) === 1))
    return false;
  const words = command.args.map((word) => literalText(word) ?? '');
  if (name === 'awk') return !words.some((word) => /\b(?:NR|END|BEGIN|getline)\b|\+\+|\+=/.test(word));
  // A sed script with line numbers, `$`, or the hold space depends on what came before.
  if (name === 'sed') return !words.some((word) => /^-\w*[si]|(?:^|;)\s*[\d$]|[GHNDPx](?:;|$)/.test(word));
  if (!Object.hasOwn(statefulOptions, name)) return false;
  const stateful = statefulOptions[name] ?? null;
  return stateful === null || !words.some((word) => stateful.test(word));
}
