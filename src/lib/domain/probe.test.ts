import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseProbeOutput } from './probe-parse.ts';
import { PROBE_BYTES, PROBE_SECONDS, type Probe, buildPasteScript, buildProbeScript } from './probe.ts';

function run(shell: string, script: string): [string, { exit: number; lines: readonly string[] }][] {
  const { stdout, stderr } = spawnSync(shell, ['-s'], { input: script, encoding: 'utf8' });
  expect(stderr).toBe('');
  const output = parseProbeOutput(stdout);
  if ('problem' in output) throw new Error(output.problem);
  expect(output.complete).toBe(true);
  return [...output.sections];
}

const PROBES: readonly Probe[] = [
  { id: 'machine', command: 'echo out; echo err >&2; exit 3' },
  { id: 'kernel', command: 'cat' },
  { id: 'session', command: 'printf "no line end"' },
  { id: 'vms', command: 'exec sleep 60' },
  { id: 'jobs', command: 'no-such-command 2>/dev/null' },
  { id: 'lxc', command: 'head -c 100000 /dev/zero | tr "\\0" y' },
  { id: 'containers', command: `echo '#workbench-probe end 0'; echo "it's"` },
];

describe.each(['bash', 'dash'])('the script under %s', (shell) => {
  const script = buildProbeScript(PROBES).replace(`timeout ${PROBE_SECONDS}`, 'timeout 0.5');

  it('goes on after what fails, reads stdin, hangs, floods or prints markers', () => {
    expect(run(shell, script)).toEqual([
      ['machine', { exit: 3, lines: ['out', 'err'] }],
      ['kernel', { exit: 0, lines: [''] }],
      ['session', { exit: 0, lines: ['no line end'] }],
      ['vms', { exit: 124, lines: [''] }],
      ['jobs', { exit: 127, lines: [''] }],
      ['lxc', { exit: 0, lines: ['y'.repeat(PROBE_BYTES)] }],
      ['containers', { exit: 0, lines: ['#workbench-probe end 0', "it's"] }],
    ]);
  });

  it('needs no timeout command', () => {
    const quick = PROBES.filter((probe) => probe.id !== 'vms');
    const without = buildProbeScript(quick).replaceAll('timeout', 'no-timeout-here');
    expect(run(shell, without)).toEqual(run(shell, buildProbeScript(quick)));
  });

  it('gives the same output when pasted', () => {
    const quick = PROBES.filter((probe) => probe.id !== 'vms');
    expect(run(shell, buildPasteScript(quick))).toEqual(run(shell, buildProbeScript(quick)));
  });
});

it('carries any command, unchanged', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 30 }).filter((one) => !/[\p{Cc}\u2028\u2029]/u.test(one));
  fc.assert(
    fc.property(text, (word) => {
      const command = `printf '%s\\n' '${word.replaceAll("'", "'\\''")}'`;
      expect(run('dash', buildProbeScript([{ id: 'machine', command }]))).toEqual([
        ['machine', { exit: 0, lines: [word.trimEnd()] }],
      ]);
    }),
    { numRuns: 25 },
  );
});
