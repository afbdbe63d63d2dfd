import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ParameterType, validateParameter } from './parameter.ts';
import { quoteWord } from './quote.ts';
import { type Values, resolveParameters } from './resolve.ts';
import { QUOTE_FUNCTION, assignmentTemplate, isPlain, renderVariables } from './shell-variable.ts';
import type { Parameter } from './sheet.ts';
import { renderTemplate, segmentsText } from './template.ts';

const parameter = (id: string, type: ParameterType, variable: string): Parameter => ({
  id,
  label: '',
  type,
  help: '',
  example: '',
  variable,
});
const PARAMETERS = [
  parameter('device', 'address', 'DEVICE'),
  parameter('vm', 'container', 'VM'),
  parameter('guestBoard', 'guestBoard', 'GUEST_BOARD'),
  parameter('packages', 'packages', 'PACKAGES'),
  parameter('file', 'path', 'SOURCE'),
  parameter('words', 'path', 'WORDS'),
];
const values = (typed: Record<string, string>): Values => resolveParameters(PARAMETERS, { facts: {}, typed });
const render = (template: string): string => segmentsText(renderVariables(template, values({})).segments);

describe('renderVariables', () => {
  it.each([
    ['cros deploy {device} {packages...} -x', 'cros deploy "$DEVICE" "${PACKAGES[@]}" -x'],
    ['emerge-{guestBoard} x', 'emerge-"$GUEST_BOARD" x'],
    ['cat {file}', 'cat "$SOURCE"'],
    ['ssh d -- {{ cat {file} > {file} }}', 'ssh d -- "cat $(quote "$SOURCE") > $(quote "$SOURCE")"'],
    ['ssh d -- {{ e-{guestBoard}-x {packages...} }}', 'ssh d -- "e-${GUEST_BOARD}-x ${PACKAGES[*]}"'],
    ['ssh d -- {{ sh -c {{ a {vm} }} }}', `ssh d -- "sh -c 'a $VM'"`],
    ['ssh d -- {{ sh -c {{ {vm}_ {{ {vm} }} }} }}', `ssh d -- "sh -c '\${VM}_ $VM'"`],
    ['ssh d -- {{ sh -c {{ a {vm} {file} }} }}', 'ssh d -- "sh -c $(quote "a $VM $(quote "$SOURCE")")"'],
    ['ssh d -- {{ a "$x" `y` \\\\ ! {vm} }}', `ssh d -- "a \\"\\$x\\" \\\`y\\\` \\\\\\\\ "'!'" $VM"`],
    ['ssh d -- {{ echo "$x"! }}', `ssh d -- 'echo "$x"!'`],
    ['ssh d -- {{ a {file...} }}', 'ssh d -- "a $(quote "${SOURCE[@]}")"'],
    ['ssh d -- {{ true }}', 'ssh d -- true'],
  ])('%s', (template, expected) => {
    expect(render(template)).toBe(expected);
  });

  it('marks the variables, and which of them have no value', () => {
    const { segments, missing, line } = renderVariables('a {vm} {{ b {file} }}', values({ vm: 'termina' }));
    expect(segments).toEqual([
      { kind: 'text', text: 'a ' },
      { kind: 'value', text: '"$VM"', parameter: 'vm' },
      { kind: 'text', text: ' "b $(quote "' },
      { kind: 'missing', text: '$SOURCE', parameter: 'file' },
      { kind: 'text', text: '")"' },
    ]);
    expect(missing).toEqual(['file']);
    expect(line).toBeUndefined();
  });

  it('says whether it calls the quote function', () => {
    expect(renderVariables('a {file} {{ b {vm} }}', values({})).quotes).toBe(false);
    expect(renderVariables('a {{ b {file} }}', values({})).quotes).toBe(true);
  });

  it('throws on an unknown parameter, and on an argument that is not nested', () => {
    expect(() => renderVariables('{nope}', {})).toThrow('nope');
    expect(() => renderVariables('a {step}', {}, 'step')).toThrow('step');
  });

  it.each([
    ['ssh {device} -- {{ {step} }}', 'ssh "$DEVICE" -- "$1"'],
    ['ssh d -- {{ vsh {vm} -- sh -c {{ {step} }} }}', 'ssh d -- "vsh $VM -- sh -c $(quote "$1")"'],
  ])('takes a whole command as argument: %s', (template, expected) => {
    expect(segmentsText(renderVariables(template, values({}), 'step').segments)).toBe(expected);
  });
});

/** Any value that validation lets through. */
const valid = (type: ParameterType): fc.Arbitrary<string> =>
  fc
    .oneof(
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      fc.string({ unit: fc.constantFrom(...`'"\\$\`!*?~#&;|<>(){}[]= -é%n`), minLength: 1, maxLength: 12 }),
      fc.string({ unit: fc.constantFrom(...'abcxyz0189._+-:/@'), minLength: 1, maxLength: 12 }),
      fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 40, maxLength: 40 }),
      fc.constantFrom('tatl', 'tael', 'vm_guest_tools  chromeos-base/tremplin', 'termina-dlc', '6.1', '8222'),
    )
    .map((text) => validateParameter(type, text))
    .filter((result) => 'value' in result)
    .map((result) => ('value' in result ? result.value : ''));

it('values of plain types need no quoting', () => {
  const types = [
    ...(['board', 'guestBoard', 'packages', 'dlcs', 'kernelVersion', 'ownerHash'] as const),
    ...(['container', 'program', 'pid', 'port', 'words'] as const),
  ];
  for (const type of types) {
    expect(isPlain(type)).toBe(true);
    fc.assert(
      fc.property(valid(type), (value) => {
        for (const word of value.split(/\s+/)) expect(quoteWord(word)).toBe(word);
      }),
    );
  }
  for (const type of ['path', 'vm', 'address'] as const) expect(isPlain(type)).toBe(false);
});

describe.each(['bash', 'bash --posix'])('in %s', (shell) => {
  const [program = '', ...options] = shell.split(' ');
  const run = (script: string): string => execFileSync(program, [...options, '-c', script], { encoding: 'utf8' });

  it('every value reaches the innermost of three shells as it is', () => {
    const template =
      "sh -c {{ bash -c {{ printf '%s\\0' {file} {vm} {packages...} {words...}; sh -c {{ printf '%s\\0' {file}{vm} }} }} }}; printf '%s\\0' {file}.{vm}";
    fc.assert(
      fc.property(valid('path'), valid('container'), valid('packages'), valid('path'), (file, vm, packages, words) => {
        const typed = values({ file, vm, packages, words });
        const setup = PARAMETERS.slice(1)
          .filter(({ id }) => typed[id]?.value !== undefined)
          .map((one) => assignmentTemplate(one, ['packages', 'words'].includes(one.id)))
          .map((line) => segmentsText(renderTemplate(line, (id) => typed[id]?.value)));
        const line = renderVariables(template, typed).line ?? '';
        const expected = [file, vm, ...packages.split(/\s+/), ...words.split(/\s+/), `${file}${vm}`, `${file}.${vm}`];
        expect(run([QUOTE_FUNCTION, ...setup, line].join('\n'))).toBe(expected.map((word) => `${word}\0`).join(''));
      }),
      { numRuns: 40 },
    );
  });
});
