import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ParameterType, validateParameter } from '../parameter.ts';
import { ANSWER_PATTERNS } from './bash-values.ts';

/** Which of these texts a pattern of bash matches. */
function matching(pattern: string, texts: readonly string[]): string[] {
  const script = 'while IFS= read -r -d "" text; do [[ ! $text =~ $1 ]] || printf "%s\\0" "$text"; done';
  const input = texts.map((text) => `${text}\0`).join('');
  const { stdout } = spawnSync('bash', ['-c', script, 'match', pattern], { input, encoding: 'utf8' });
  return stdout.split('\0').slice(0, -1);
}

const GOOD: Readonly<Record<ParameterType, readonly string[]>> = {
  address: [
    'root@192.0.2.7',
    'ssh://root@dut:2222',
    'me@dut-1.lab',
    'ssh://root@[2001:db8::1]:222',
    'root@2001:db8::1',
  ],
  board: ['eve', 'kukui-arc64', 'amd64-generic'],
  guestBoard: ['tatl', 'tael'],
  packages: ['vm_host_tools', 'chromeos-base/sommelier  dev-rust/s9', 'a+b'],
  dlcs: ['termina-dlc', 'termina-tools-dlc  termina-dlc'],
  kernelVersion: ['6_1', '5_15'],
  path: ['/tmp/x', "it's $(x)", '-rf', 'é ü/*'],
  ownerHash: ['0123456789abcdef0123456789abcdef01234567'],
  vm: ['termina', "my vm's", 'a.b-c_d'],
  container: ['penguin', 'a-1'],
  program: ['sommelier', 'sommelier.elf', '_x+'],
  pid: ['1', '999999', '4000001', '4194304'],
  port: ['8222', '1', '59999'],
  words: ['list', '/usr/bin/garcon  --help'],
};

describe.each(Object.entries(ANSWER_PATTERNS))('the pattern for an answer of type %s', (type, pattern) => {
  const valid = (text: string): boolean => 'value' in validateParameter(type as ParameterType, text);

  it('matches what is right', () => {
    const good = GOOD[type as ParameterType];
    expect(good.filter(valid)).toEqual(good);
    expect(matching(pattern, good)).toEqual(good);
  });

  it('matches nothing that validation refuses or changes', () => {
    const near = fc
      .tuple(
        fc.constantFrom(...GOOD[type as ParameterType]),
        fc.nat(),
        fc.string({ maxLength: 3, unit: 'grapheme-ascii' }),
      )
      .map(
        ([good, at, more]) =>
          good.slice(0, at % (good.length + 1)) + more + good.slice((at + (at % 2)) % (good.length + 1)),
      );
    const texts = fc.sample(fc.oneof(near, fc.string({ unit: 'grapheme-ascii', maxLength: 12 })), 400);
    for (const text of matching(pattern, texts)) {
      const result = validateParameter(type as ParameterType, text);
      expect(result).toHaveProperty('value');
      // Blanks between words, and the port that ssh takes anyway, are the same without.
      const inForm = type === 'path' || type === 'vm' ? text : text.replace(/ +/g, ' ');
      if (!inForm.endsWith(':22')) expect(result).toEqual({ value: inForm });
    }
  });
});
