import type { Place, PlaceInfos } from '../place.ts';
import { quoteWord } from '../quote.ts';
import { type Values, renderCommand } from '../resolve.ts';
import { renderVariables } from '../shell-variable.ts';
import type { Step } from '../sheet.ts';
import { segmentsText } from '../template.ts';

/** The function of a script that runs a command in a Place. Undefined for the Place where the script itself runs. */
export function entryName(step: Step, places: PlaceInfos): string | undefined {
  return places[step.place].enter ? `${step.place}${step.interactive ? '_tty' : ''}` : undefined;
}

/** What runs a step's command from the workstation, as a template. */
export function entryTemplate(step: Step, places: PlaceInfos): string | undefined {
  const enter = places[step.place].enter;
  return enter?.[step.interactive ? 'talk' : 'run'];
}

/** A step's command as a script on the workstation runs it, with variables. */
export function stepCommand(step: Step, values: Values, places: PlaceInfos): string {
  const name = entryName(step, places);
  const template = name === undefined ? step.command : `${name} {{ ${step.command} }}`;
  return segmentsText(renderVariables(template, values).segments);
}

/**
 * A branch of `case $1 in`: the step's explanation as a comment, its questions, its command. `asked` are the variables
 * that it needs and the script asks for.
 */
export function stepBranch(step: Step, values: Values, places: PlaceInfos, asked: readonly string[]): string[] {
  const command = stepCommand(step, values, places);
  const [title, question] = [`${places[step.place].prompt} ${step.title}`, stepQuestion(step)];
  return [
    `${step.id})`,
    ...stepComment(step, values, places).map((line) => `  # ${line}`),
    `  begin ${quoteWord(title)}`,
    ...(step.onlyIf !== undefined ? [`  needed ${quoteWord(step.onlyIf)} || return 0`] : []),
    ...(asked.length > 0 ? [`  need ${asked.join(' ')}`] : []),
    ...(question !== undefined ? [`  agree ${quoteWord(question)} || leave`] : []),
    ...directives(command).map((line) => `  ${line}`),
    `  ${command}`,
    '  ;;',
  ];
}

function stepQuestion({ interrupts, warning, interactive }: Step): string | undefined {
  const parts = [
    ...(interrupts !== undefined ? [`It interrupts: ${interrupts}`] : []),
    ...(warning !== undefined ? [warning] : []),
    ...(interactive ? ['It takes the terminal until you leave it.'] : []),
  ];
  return parts.length > 0 ? `${parts.join(' ')} Go on?` : undefined;
}

function stepComment(step: Step, values: Values, places: PlaceInfos): string[] {
  const line = (place: Place, template: string): string =>
    `${places[place].prompt} ${segmentsText(renderCommand(template, values).segments)}`;
  return [
    `${places[step.place].prompt} ${step.title}`,
    step.why,
    ...(step.requires ?? []).map((requirement) => `Needs: ${requirement.text}`),
    ...(step.checks ?? []).map((check) => `Check: ${line(check.place, check.command)}  → ${check.expect}`),
    ...(step.undo ? [`Undo: ${line(step.undo.place, step.undo.command)}`] : []),
  ];
}

/** What commands do on purpose and shellcheck warns of: how it shows in a line, its code, why it is right. */
const ON_PURPOSE = [
  { shows: /\bssh .*"[^"]*\$/, code: 'SC2029', reason: 'The variables of the workstation are meant.' },
  { shows: /'[^']*(?:\$[\w({]|`)[^']*'/, code: 'SC2016', reason: 'The shell there expands it.' },
];

/** Tells shellcheck what a command does on purpose, as a comment before it. */
export function directives(command: string): string[] {
  const found = ON_PURPOSE.filter(({ shows }) => shows.test(command));
  const [codes, reasons] = [found.map(({ code }) => code), found.map(({ reason }) => reason)];
  return found.length > 0 ? [`# shellcheck disable=${codes.join(',')} # ${reasons.join(' ')}`] : [];
}
