import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTargets, readTargetsFile } from './targets-file.ts';
import { readGiven } from './trusted-file.ts';

describe('a file of targets', () => {
  it('lists addresses, with labels where they have one', () => {
    const text = '[{"address": " root@192.0.2.7 ", "label": "eve"}, {"address": "dut", "oldAlgorithms": true}]';
    expect(parseTargets(text)).toEqual({
      targets: [
        { address: 'root@192.0.2.7', label: 'eve' },
        { address: 'dut', oldAlgorithms: true },
      ],
    });
  });

  it.each([
    ['a missing comma', '[\n  {"address": "a"}\n  {"address": "b"}\n]', /^line 3 is no JSON/],
    ['an end that is missing', '[\n  {"address": "a"}\n', /^line 3 is no JSON/],
    ['nothing', '', /^line 1 is no JSON/],
    ['one device alone', '{"address": "a"}', /is no JSON list/],
    ['none', '[]', /lists no device/],
    ['too many', JSON.stringify(Array.from({ length: 65 }, (_, i) => ({ address: `d${i}` }))), /65 devices; 64/],
    ['a bare address', '[{"address": "a"}, "b"]', /^entry 2: .*Object/],
    ['no address', '[{"label": "a"}]', /^entry 1, "address": /],
    [
      'an address that is none',
      '[{"address": "a"}, {"address": "-oProxyCommand=x"}]',
      /^entry 2, "address": .*host name/,
    ],
    ['a word misspelt', '[{"address": "a", "lable": "b"}]', /^entry 1, "lable": /],
    ['an empty label', '[{"address": "a", "label": " "}]', /^entry 1, "label": /],
    ['a device twice', '[{"address": "a"}, {"address": "b"}, {"address": "a "}]', /^entry 3 is the device of entry 1/],
  ])('with %s says where', (_title, text, problem) => {
    expect(parseTargets(text)).toEqual({ problem: expect.stringMatching(problem) as string });
  });

  it('that is missing says its name', () => {
    expect(readTargetsFile('/nowhere/lab.json')).toEqual({ problem: expect.stringContaining('lab.json') as string });
  });

  it('that has no end is not read to it', () => {
    expect(() => readGiven('/dev/zero', () => null)).toThrow(/zero is larger than \d+ bytes: name the right file/);
  });

  it('never throws, whatever it holds', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const result = parseTargets(text);
        expect('problem' in result || result.targets.length > 0).toBe(true);
      }),
    );
  });
});
