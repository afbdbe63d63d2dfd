import fc from 'fast-check';
import { LOG_SOURCES } from '../../../src/lib/catalog/log-sources.ts';
import { PARAMETERS } from '../../../src/lib/catalog/parameters.ts';
import { SHEETS } from '../../../src/lib/catalog/sheets.ts';
import { SHELLS } from '../../../src/lib/catalog/shells.ts';
import { type ParameterType, validateParameter } from '../../../src/lib/domain/parameter.ts';
import { setupLines } from '../../../src/lib/domain/render-sheet.ts';
import { type Values, renderCommand, resolveParameters, stepTemplates } from '../../../src/lib/domain/resolve.ts';
import { renderVariables, severalParameters } from '../../../src/lib/domain/shell-variable.ts';
import type { Trace } from './recorder.ts';

/** Every command template of the catalogue, once, with where it is from. */
export const COMMANDS: readonly { readonly name: string; readonly template: string }[] = [
  ...new Map(
    [
      ...SHEETS.flatMap((sheet) =>
        sheet.steps.flatMap((step) =>
          stepTemplates(step).map(({ command }) => ({ name: `${sheet.id}/${step.id}`, template: command })),
        ),
      ),
      ...LOG_SOURCES.map(({ id, follow }) => ({ name: `log ${id}`, template: follow })),
      ...SHELLS.flatMap(({ id, command }) => (command === null ? [] : [{ name: `shell ${id}`, template: command }])),
    ].map((entry) => [entry.template, entry]),
  ).values(),
];

/** Files that commands write keep out of the real file system: an absolute name becomes one in `folder`, a path with its slash. */
export function sandboxed(template: string, folder = ''): string {
  return template.replace(
    /(>{1,2} ?)\/(?!dev\/null)([\w./-]+)/g,
    (_, arrow: string, path: string) => arrow + folder + path.replaceAll('/', '-'),
  );
}

/** How a template becomes a script. */
export type Render = (template: string, values: Values) => string;

export const inlined: Render = (template, values) => renderCommand(template, values).line ?? '';

export const withVariables: Render = (template, values) =>
  [...setupLines([template], values).map(({ command }) => command.line), renderVariables(template, values).line].join(
    '\n',
  );

/** Every word of the templates that may be a command by its path. */
export const PROGRAMS: readonly string[] = [
  ...new Set(COMMANDS.flatMap(({ template }) => template.match(/(?<=^|[\s;|&(])(?:\.\.)?\/[\w./-]*\w/g) ?? [])),
];

const SEVERAL = new Set(COMMANDS.flatMap(({ template }) => severalParameters(template)));

/** Text that shells make something of. */
const HOSTILE = `'"\\$\`!*?~#&;|<>(){}[]=^%+-,.: aZ09éß日😀`;

/** Any value of a type that validation lets through. A path is a name in the present folder, since files are really made. */
export function validValue(type: ParameterType): fc.Arbitrary<string> {
  const texts = {
    address: fc.constantFrom('root@192.0.2.7', 'dut', 'ssh://me@[2001:db8::1]:2222', 'root@dut-1.lab:22'),
    board: fc.constantFrom('eve', 'kukui-arc64', 'amd64-generic', 'a_b'),
    guestBoard: fc.constantFrom('tatl', 'tael'),
    packages: fc.constantFrom('vm_host_tools tremplin', 'chromeos-base/sommelier dev-rust/s9', 'a+b c.d-e'),
    dlcs: fc.constantFrom('termina-dlc termina-tools-dlc', 'termina-tools-dlc termina-dlc'),
    kernelVersion: fc.constantFrom('6.1', '5.15'),
    path: fc.oneof(
      fc.string({ unit: fc.constantFrom(...HOSTILE), minLength: 1, maxLength: 24 }),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((text) => !text.includes('/')),
      fc.constantFrom('-rf', '--', "it's", '$(touch made)', '`id`', '~', '*', '!!', '%s\\n', "'; touch made; '", '=x'),
    ),
    ownerHash: fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 40, maxLength: 40 }),
    vm: fc.oneof(fc.string({ unit: fc.constantFrom(...HOSTILE), minLength: 1, maxLength: 16 }), fc.constant('termina')),
    container: fc.constantFrom('penguin', 'a-1-b'),
    program: fc.constantFrom('sommelier', 'vm_concierge', '_a.b+c-d'),
    pid: fc.integer({ min: 1, max: 4_194_304 }).map(String),
    port: fc.nat({ max: 65_534 }).map((port) => String(port + 1)),
    words: fc.constantFrom('/usr/bin/garcon --help', 'image list=@%:,.-_', '-x --y'),
  } satisfies Record<ParameterType, fc.Arbitrary<string>>;
  return texts[type]
    .map((text) => validateParameter(type, text))
    .filter((result) => 'value' in result && !['.', '..'].includes(result.value))
    .map((result) => ('value' in result ? result.value : ''));
}

/** A value for every parameter of the catalogue, by id. */
export const anyValues: fc.Arbitrary<Record<string, string>> = fc
  .record(Object.fromEntries(PARAMETERS.map(({ id, type }) => [id, validValue(type)])))
  // Two parameters with one file would read what the other wrote.
  .filter((texts) => new Set(filesOf(texts)).size === filesOf(texts).length);

/** The values that name files, of all parameters or only those that a template may read. */
export function filesOf(texts: Readonly<Record<string, string>>, template?: string): string[] {
  const paths = PARAMETERS.filter(({ id, type }) => type === 'path' && (template?.includes(`< {${id}}`) ?? true));
  return paths.map(({ id }) => texts[id] ?? '');
}

/** A value for every parameter that nothing takes apart and that tells where it went: a word, or two of them. */
export const MARKS: Readonly<Record<string, string>> = Object.fromEntries(
  PARAMETERS.map(({ id }) => [id, SEVERAL.has(id) ? `Q${id}0Q Q${id}1Q` : `Q${id}Q`]),
);

/** Values as templates take them, unvalidated. */
export function valuesOf(texts: Readonly<Record<string, string>>): Values {
  const resolved = resolveParameters(PARAMETERS, { facts: {}, typed: {} });
  return Object.fromEntries(
    Object.entries(resolved).map(([id, { parameter }]) => [
      id,
      { parameter, text: texts[id] ?? '', value: texts[id], origin: 'typed' as const },
    ]),
  );
}

/** A trace as text, one command a line, in an order of its own: commands of a pipe run at the same time. */
export function traceLines({ commands, files }: Trace, replace = (text: string): string => text): string[] {
  return [
    ...commands.map((words) => JSON.stringify(words.map(replace))),
    ...files.map((file) => `file ${JSON.stringify(replace(file))}`),
  ].toSorted();
}

/** Text with each mark replaced by the value that it stands for. */
export function unmark(text: string, texts: Readonly<Record<string, string>>): string {
  return text.replace(/Q([a-zA-Z]+)([01]?)Q/g, (mark, id: string, index: string) => {
    const value = texts[id] ?? mark;
    return index === '' ? value : (value.split(/\s+/)[Number(index)] ?? mark);
  });
}
