import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ParameterType, validateParameter } from './parameter.ts';

/** Of each type: what it takes, with the form that commands carry where it differs, and what it refuses. */
const TABLE: Readonly<
  Record<ParameterType, { takes: readonly (string | readonly [string, string])[]; refuses: readonly string[] }>
> = {
  address: {
    takes: ['root@192.0.2.7', ['dut', 'root@dut'], ['dut:2222', 'ssh://root@dut:2222']],
    refuses: ['two words', 'root@', 'dut:70000'],
  },
  board: { takes: ['eve', 'kukui-arc64'], refuses: ['Eve', 'eve tatl', '-eve', 'eve/x'] },
  guestBoard: { takes: ['tatl', 'tael'], refuses: ['eve', 'TATL', 'tatl tael'] },
  packages: {
    takes: ['vm_host_tools', ['a  chromeos-base/b', 'a chromeos-base/b'], 'dev-rust/s9'],
    refuses: ['a;b', '-x', 'a $(x)', 'a/b/c'],
  },
  dlcs: {
    takes: ['termina-dlc', ['termina-dlc   termina-tools-dlc', 'termina-dlc termina-tools-dlc']],
    refuses: ['termina', 'termina-dlc x', 'edk2-ovmf-dlc'],
  },
  kernelVersion: {
    takes: ['6_1', ['6.1', '6_1'], ['6.1.90-08765-g2f6a1b', '6_1'], ['5.15.0', '5_15'], ['6_12', '6_12']],
    refuses: ['6', 'six', '6.', '6 1', 'v6.1', '6.1 x'],
  },
  path: { takes: ['/tmp/x y', "it's $(x)", '-rf', '~'], refuses: ['a\nb', 'a\0b', 'a\u202eb'] },
  ownerHash: { takes: ['0'.repeat(40)], refuses: ['0'.repeat(39), 'g'.repeat(40), 'A'.repeat(40)] },
  vm: { takes: ['termina', 'vm>>', 'my vm', '2'], refuses: ['-x', 'a/b', '/'] },
  container: {
    takes: ['penguin', 'my-box', 'a', 'x'.repeat(63)],
    refuses: ['2box', '-box', 'box-', 'my_box', 'a b', 'x'.repeat(64)],
  },
  program: { takes: ['vm_concierge', 'sommelier', '9s', 'ld-linux-x86-64.so.2'], refuses: ['/usr/bin/x', '-x', 'a b'] },
  pid: { takes: ['1', '4194304', ['007', '7']], refuses: ['0', '-1', '1.5', '4194305', '0x10', '1 2'] },
  port: { takes: ['1', '8222', '65535'], refuses: ['0', '65536', '-1', '22a', '1e3'] },
  words: { takes: ['list', ['/usr/bin/x  --a=b', '/usr/bin/x --a=b']], refuses: ['a;b', '$(x)', "it's", 'a | b', '~'] },
};

describe.each(Object.entries(TABLE) as [ParameterType, (typeof TABLE)[ParameterType]][])('%s', (type, table) => {
  it.each(table.takes.map((row) => (typeof row === 'string' ? ([row, row] as const) : row)))(
    'takes %j',
    (text, value) => {
      expect(validateParameter(type, text)).toEqual({ value });
      expect(validateParameter(type, `  ${text}\t`)).toEqual({ value });
    },
  );

  it.each(table.refuses)('refuses %j, and says what would be right', (text) => {
    const result = validateParameter(type, text);
    expect(result).toHaveProperty('problem');
    // What is wrong, then what would be right: at least two sentences, on one line.
    if ('problem' in result) expect(result.problem).toMatch(/^\S.*[.] \S.*[.]$/);
  });

  it('refuses nothing typed', () => {
    for (const text of ['', '  ']) expect(validateParameter(type, text)).toHaveProperty('problem');
  });

  it('takes its own values again, and they are one clean line', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      fc.string({ unit: fc.constantFrom(...'abz019._+-:/@ \t'), maxLength: 12 }),
      fc.integer({ min: -10, max: 70_000 }).map(String),
      fc.constantFrom(...table.takes.map((row) => (typeof row === 'string' ? row : row[0]))),
    );
    fc.assert(
      fc.property(text, (typed) => {
        const result = validateParameter(type, typed);
        if ('problem' in result) return;
        expect(validateParameter(type, result.value)).toEqual(result);
        // eslint-disable-next-line no-control-regex -- control characters are what must not be there
        expect(result.value).not.toMatch(/[\u0000-\u001f\u007f]|^\s|\s$|^$/);
      }),
    );
  });
});
