import { checkGuideFile } from './check-guide.ts';
import { showMap } from './map.ts';
import { type Outcome, usageError } from './outcome.ts';
import { listSheets, showSheet } from './sheets.ts';

const USAGE = `The Crostini developer guide as data, on the command line.

  crostini-workbench sheets [--format text|json]
      every sheet
  crostini-workbench sheet ID [--set NAME=VALUE]… [--format text|script|markdown|json] [--style inlined|exports]
      one sheet with these values; --style exports sets each value once, as a shell variable
  crostini-workbench map [--format text|json]
      every component, its sources, and what it talks to
  crostini-workbench check-guide FILE [--format text|json]
      where a copy of the guide (Markdown) says something else than the catalogue was checked against

Exit status: 0 done (also with values missing: they are named on stderr and shown as <name>, and a script asks for
them), 1 a check found something, 2 called wrongly.

  crostini-workbench sheet guest-package --set guestBoard=tatl --set packages=vm_guest_tools
`;

const COMMANDS: Readonly<Record<string, (args: readonly string[]) => Outcome>> = {
  sheets: listSheets,
  sheet: showSheet,
  map: showMap,
  'check-guide': checkGuideFile,
};

/** Carries out a command line, given without the program's name. */
export function runCli([name, ...args]: readonly string[]): Outcome {
  if (name === undefined) return { code: 2, stderr: USAGE };
  if (['help', '--help', '-h'].includes(name) || args.includes('--help')) return { code: 0, stdout: USAGE };
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command)
    return usageError(
      `There is no command "${name}", only ${Object.keys(COMMANDS).join(', ')}.`,
      'See: crostini-workbench --help',
    );
  try {
    return command(args);
  } catch (error) {
    if (!(error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')))
      throw error;
    return usageError(error.message, 'See: crostini-workbench --help');
  }
}
