import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseProbeOutput } from './probe-parse.ts';
import { factsFromProbe } from './probe/facts.ts';
import { PROBE_IDS, type Probe, buildPasteScript, buildProbeScript } from './probe.ts';

const PROBES: readonly Probe[] = PROBE_IDS.map((id) => ({ id, command: `ask ${id}` }));

const OUTPUT = `
#workbench-probe machine 0
|x86_64


#workbench-probe vms 0
|termina (10737418240 bytes, raw) (on disk VM type: crostini)  running
|Total Size (bytes): 10737418240


#workbench-probe cros-debug 127
|sh: 1: crossystem: not found


#workbench-probe end 0
`;

const sections = (text: string): unknown => {
  const output = parseProbeOutput(text);
  return 'problem' in output ? output.problem : [[...output.sections], output.complete];
};

describe('parseProbeOutput', () => {
  it('reads markers, exit codes and lines', () => {
    expect(sections(OUTPUT)).toEqual([
      [
        ['machine', { exit: 0, lines: ['x86_64'] }],
        [
          'vms',
          {
            exit: 0,
            lines: [
              'termina (10737418240 bytes, raw) (on disk VM type: crostini)  running',
              'Total Size (bytes): 10737418240',
            ],
          },
        ],
        ['cros-debug', { exit: 127, lines: ['sh: 1: crossystem: not found'] }],
      ],
      true,
    ]);
  });

  it.each([
    ['carriage returns', OUTPUT.replaceAll('\n', '\r\n')],
    ['doubled carriage returns', OUTPUT.replaceAll('\n', '\r\r\n')],
    ['indentation and trailing spaces', OUTPUT.replaceAll('\n', '   \n  ')],
    ['mail quoting', OUTPUT.replaceAll('\n', '\n> ')],
    ['colours and a title', `\x1b]0;root@localhost\x07${OUTPUT.replaceAll('|', '\x1b[31m|\x1b[0m')}`],
    [
      'the echoed script and prompts',
      `localhost ~ # ${buildPasteScript(PROBES).replaceAll('\n', '\n> ')}${OUTPUT}localhost ~ # `,
    ],
    ['a first run that was cut off', `${OUTPUT.slice(0, 40)}\n^C\nlocalhost ~ # ${OUTPUT}`],
    [
      'a line that the window wrapped',
      OUTPUT.replace('(on disk VM', '(on disk\n VM').replace('crostini)  run', 'crostini)  \nrun'),
    ],
    ['stray noise after a section', OUTPUT.replace('\n\n\n', '\n\n[  812.3] usb 1-1: new device\n\n')],
  ])('does not mind %s', (_, text) => {
    expect(sections(text)).toEqual(sections(OUTPUT));
  });

  it('takes out what turns the direction of a text: a fact fills commands as it is shown', () => {
    expect(sections(OUTPUT.replaceAll('x86_64', '\u202ex86\u2066_64\u200f'))).toEqual(sections(OUTPUT));
  });

  it('says when the end is missing', () => {
    expect(parseProbeOutput(OUTPUT.slice(0, OUTPUT.indexOf('#workbench-probe end')))).toMatchObject({
      complete: false,
    });
  });

  it.each([
    ['', /no text yet/],
    ['  \n', /no text yet/],
    ['hello', /no line starts with "#workbench-probe"/],
    [buildProbeScript(PROBES), /no line starts with/],
    [buildPasteScript(PROBES), /the script itself/],
  ])('says what is wrong with %.20s', (text, expected) => {
    expect(sections(text)).toMatch(expected);
  });

  it('never throws, nor does what reads its sections', () => {
    const line = fc.oneof(
      fc.constantFrom(...PROBES.map((probe) => `#workbench-probe ${probe.id} 0`), '', 'x', '#workbench-probe end 0'),
      fc.string({ unit: 'binary' }).map((text) => `|${text}`),
      fc.constantFrom(
        '|   string "',
        '|"state": 9',
        '|VM: ',
        '|\tContainer: ',
        '|termina (1 bytes)',
        '|CHROMEOS_RELEASE_BOARD=',
      ),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), fc.integer(), (lines, at) => {
        const output = parseProbeOutput(lines.join('\n'));
        if (!('problem' in output)) factsFromProbe(output, { at });
      }),
    );
  });
});
