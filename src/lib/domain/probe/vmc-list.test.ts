import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Vm, parseVmcList, parseVmsText, vmsText } from './vmc-list.ts';

it.each([
  [
    'the present form, with stopped and untyped disks',
    `termina (10737418240 bytes, min shrinkable size 6442450944 bytes, raw, sparse) (on disk VM type: crostini)  running
baguette (16106127360 bytes, raw) (on disk VM type: baguette) 
arcvm (123 bytes, raw) (on disk VM type not specified) 
bru (5 bytes, qcow2) (on disk VM type: bruschetta)  starting
Total Size (bytes): 26843545600`,
    'termina (crostini) running, baguette (baguette) stopped, arcvm stopped, bru (bruschetta) starting',
  ],
  [
    'a Baguette VM that is called termina',
    'termina (1 bytes, raw) (on disk VM type: BAGUETTE)  Running',
    'termina (baguette) running',
  ],
  [
    'the form of 2024',
    'termina (10737418240 bytes, min shrinkable size 1 bytes, raw, sparse) running\nother (1 bytes, raw)',
    'termina running, other stopped',
  ],
  [
    'the form without states',
    'termina (10737418240 bytes, raw)\nTotal Size (bytes): 10737418240',
    'termina state unknown',
  ],
  [
    'a name with spaces and parentheses',
    'my vm (old) (1 bytes, raw) (on disk VM type: crostini)  running',
    'my vm (old) (crostini) running',
  ],
  ['a size and nothing else', 'termina (10737418240 bytes)', 'termina state unknown'],
  ['an error', 'Error: operation `disk_list` failed: neither Crostini nor Parallels VMs are enabled', ''],
  ['nothing', '', ''],
])('%s', (_, text, expected) => {
  expect(vmsText(parseVmcList(text))).toBe(expected);
});

it('reads the line of the fact back', () => {
  const vm = fc.record({
    name: fc.stringMatching(/^[A-Za-z][A-Za-z0-9 _.-]{0,12}[A-Za-z0-9]$/),
    type: fc.option(fc.constantFrom('crostini', 'baguette', 'borealis'), { nil: undefined }),
    state: fc.constantFrom<Vm['state']>('running', 'starting', 'stopped', 'unknown'),
  });
  fc.assert(
    fc.property(fc.array(vm, { maxLength: 4 }), (vms) => {
      const told = vms.map(({ type, ...rest }) => ({ ...rest, ...(type !== undefined && { type }) }));
      expect(parseVmsText(vmsText(told.map((one) => ({ ...one, bytes: 0 }))))).toEqual(told);
    }),
  );
  expect(parseVmsText('whatever somebody typed')).toEqual([]);
});
