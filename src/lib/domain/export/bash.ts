import { setupLines } from '../render-sheet.ts';
import { QUOTE_FUNCTION, renderVariables, severalParameters } from '../shell-variable.ts';
import type { Parameter, Sheet, Step } from '../sheet.ts';
import { segmentsText, templateParameters } from '../template.ts';
import { entryName, entryTemplate, directives, stepBranch } from './bash-step.ts';
import { ASK_FUNCTION, askLines } from './bash-values.ts';
import { exportName } from './export-name.ts';
import type { SheetExport } from './sheet-export.ts';

/** The name of the file that a sheet's script is saved to. */
export function scriptName(exported: SheetExport): string {
  return `${exportName(exported)}.sh`;
}

/**
 * A sheet as a bash script that carries it out from the workstation. Values that are known are set at its top; it
 * asks for the others when a step needs them. Every value is safe in it, whatever validation lets through.
 */
export function sheetScript(exported: SheetExport): string {
  const { sheet } = exported;
  const [entries, steps] = [placeFunctions(exported), stepFunction(exported)];
  return [
    header(exported),
    knownValues(exported),
    [entries, steps].some((part) => part.includes('$(quote ')) ? QUOTE_FUNCTION : '',
    entries,
    TALK_FUNCTIONS,
    missingValues(exported),
    hintFunction(sheet),
    steps,
    usageFunctions(exported),
    argumentLoop(sheet),
    RUN_LOOP,
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
}

function header(exported: SheetExport): string {
  const { sheet, device } = exported;
  return [
    '#!/usr/bin/env bash',
    comment(sheet.title),
    '#',
    comment(sheet.summary),
    ...(device.length > 0 ? [comment(`Filled for a device with ${device.join(', ')}.`)] : []),
    comment(`Run it in the ChromiumOS checkout, outside the chroot: bash ${scriptName(exported)} --help`),
    'set -euo pipefail',
  ].join('\n');
}

/** One line of comment, whatever a device may have said. */
function comment(text: string): string {
  return `# ${text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')}`;
}

/** Everything that runs on the workstation for a step, as templates: its command, and what enters its Place. */
function stepScript(step: Step, { places }: SheetExport): string[] {
  const entry = entryTemplate(step, places)?.replace('{step}', '');
  return [step.command, ...(entry === undefined ? [] : [entry])];
}

function knownValues(exported: SheetExport): string {
  const templates = exported.sheet.steps.flatMap((step) => stepScript(step, exported));
  return setupLines(templates, exported.values)
    .filter(({ parameter, command }) => parameter !== undefined && command.line !== undefined)
    .map(({ command }) => command.line)
    .join('\n');
}

/** One function for each way into a Place that steps take. */
function placeFunctions({ sheet, values, places }: SheetExport): string {
  const steps = [...new Map(sheet.steps.map((step) => [entryName(step, places), step])).values()];
  const entries = steps.flatMap((step) => {
    const [name, template] = [entryName(step, places), entryTemplate(step, places)];
    if (name === undefined || template === undefined) return [];
    const body = segmentsText(renderVariables(template, values, 'step').segments);
    return [
      [
        comment(
          `${places[step.place].label}: runs one command there${step.interactive ? ', with this terminal' : ''}.`,
        ),
        `${name}() {`,
        ...[...directives(body), body].map((line) => `  ${line}`),
        '}',
      ].join('\n'),
    ];
  });
  return entries.join('\n\n');
}

const TALK_FUNCTIONS = `begin() { printf '\\n%s\\n' "$1" >&2; }

# Asks whether to go on; --yes answers.
agree() {
  local answer=y
  if [[ -z $yes ]]; then
    printf '%s [y/N] ' "$1" >&2
    read -r answer || printf '\\n' >&2
  fi
  [[ $answer == [yY]* ]]
}

# Whether a step is to run that is not always needed. Nobody but you can tell: --yes leaves it out, its name takes it.
needed() {
  [[ -z $named ]] || return 0
  if [[ $yes ]]; then
    printf 'Left out. Name it if this holds: %s\\n' "$1" >&2
    return 1
  fi
  agree "$1 Do it?"
}

leave() {
  printf 'Left before step "%s"; nothing of it ran.\\n' "$current" >&2
  current=''
  exit 1
}

report() {
  local status=$?
  if ((status)) && [[ $current ]]; then
    printf '\\nStep "%s" failed with exit status %s.\\n' "$current" "$status" >&2
    hints "$current" >&2
  fi
}
trap report EXIT`;

function hintFunction(sheet: Sheet): string {
  const branches = sheet.steps.flatMap((step) => {
    const hints = (step.pitfalls ?? []).flatMap(({ symptom, remedy }) => [`  ${symptom}`, `    ${remedy}`]);
    return hints.length === 0 ? [] : [`    ${step.id})\n      ${print(hints)}\n      ;;`];
  });
  return ['# What may be wrong when a step fails.', 'hints() {', '  case $1 in', ...branches, '  esac', '}'].join('\n');
}

/** The command that prints text as it stands. */
function print(lines: readonly string[]): string {
  return `cat <<'END'\n${lines.join('\n')}\nEND`;
}

function stepFunction(exported: SheetExport): string {
  const { sheet, values, places } = exported;
  const questions = scriptQuestions(exported);
  const asked = (step: Step): string[] =>
    questions.filter(({ steps }) => steps.includes(step)).map(({ parameter }) => parameter.variable);
  const branches = sheet.steps.flatMap((step) =>
    stepBranch(step, values, places, asked(step)).map((line) => `    ${line}`),
  );
  return ['run_step() {', '  case $1 in', ...branches, '  esac', '}'].join('\n');
}

function usageFunctions(exported: SheetExport): string {
  const { sheet, places } = exported;
  const width = Math.max(...sheet.steps.map((step) => step.id.length));
  const list = sheet.steps.map((step) => `${step.id.padEnd(width)}  ${places[step.place].prompt}  ${step.title}`);
  const asked = scriptQuestions(exported).map(({ parameter }) => `  ${parameter.variable}  ${parameter.label}`);
  const usage = [
    `Usage: bash ${scriptName(exported)} [--yes] ${sheet.kind === 'choice' ? 'STEP…' : '[STEP…]'}`,
    '',
    `${sheet.title}. ${sheet.summary}`,
    sheet.kind === 'choice' ? 'Name the step to take.' : 'Runs every step in order, or only those that are named.',
    '',
    '  --yes   ask no question before a step; one that is only sometimes needed is left out unless it is named',
    '  --list  list the steps',
    '  --help  print this',
    ...(asked.length > 0 ? ['', 'Asked for, unless the environment has it:', ...asked] : []),
    '',
    'Exit status: 0 done, 1 left before a step, 2 usage, otherwise that of the step that failed.',
  ];
  return [`list_steps() {\n  ${print(list)}\n}`, `usage() {\n  ${print(usage)}\n}`].join('\n\n');
}

function argumentLoop(sheet: Sheet): string {
  const none =
    sheet.kind === 'choice'
      ? `  printf 'Name the step to take:\\n' >&2\n  list_steps >&2\n  exit 2`
      : `  chosen=(${sheet.steps.map((step) => step.id).join(' ')})`;
  return `yes='' named='' current='' chosen=()
while (($#)); do
  case $1 in
    -h | --help)
      usage
      exit
      ;;
    --list)
      list_steps
      exit
      ;;
    -y | --yes) yes=y ;;
    ${sheet.steps.map((step) => step.id).join(' | ')})
      named=y
      chosen+=("$1")
      ;;
    *)
      printf 'There is no step "%s". The steps are:\\n' "$1" >&2
      list_steps >&2
      exit 2
      ;;
  esac
  shift
done
if [[ -z $named ]]; then
${none}
fi`;
}

/** A value that a script asks for. */
export interface Question {
  readonly parameter: Parameter;
  /** The steps that need it. */
  readonly steps: readonly Step[];
}

/** What the script of a sheet asks for: values of its commands, and of the ways into their Places. */
export function scriptQuestions(exported: SheetExport): Question[] {
  const { sheet, values } = exported;
  const uses = sheet.steps.map((step) => ({ step, ids: stepScript(step, exported).flatMap(templateParameters) }));
  return [...new Set(uses.flatMap(({ ids }) => ids))].flatMap((id) => {
    const resolved = values[id];
    if (!resolved || resolved.value !== undefined) return [];
    return [
      { parameter: resolved.parameter, steps: uses.filter(({ ids }) => ids.includes(id)).map(({ step }) => step) },
    ];
  });
}

function missingValues(exported: SheetExport): string {
  const asked = scriptQuestions(exported);
  if (asked.length === 0) return '';
  const several = new Set(exported.sheet.steps.flatMap((step) => severalParameters(step.command)));
  const branches = asked.flatMap(({ parameter }) => [
    `      ${parameter.variable})`,
    ...askLines(parameter, several.has(parameter.id)).map((line) => `        ${line}`),
    '        ;;',
  ]);
  return [
    ASK_FUNCTION,
    [
      '# Asks for values that a step needs, each once.',
      "asked=''",
      'need() {',
      '  local name',
      '  for name; do',
      '    [[ " $asked " != *" $name "* ]] || continue',
      '    case $name in',
      ...branches,
      '    esac',
      '    asked+=" $name"',
      '  done',
      '}',
    ].join('\n'),
  ].join('\n\n');
}

const RUN_LOOP = `for current in "\${chosen[@]}"; do
  run_step "$current"
done`;
