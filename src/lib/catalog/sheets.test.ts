import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validateParameter } from '../domain/parameter.ts';
import { requirementState } from '../domain/requirement.ts';
import { stepTemplates } from '../domain/resolve.ts';
import type { Check, Step } from '../domain/sheet.ts';
import { CHECK_SAMPLES } from './check-samples.ts';
import { COMPONENTS } from './components.ts';
import { ERRATA } from './errata.ts';
import { PARAMETERS } from './parameters.ts';
import { SHEETS } from './sheets.ts';
import { VM_RUNNING } from './sheets/requirements.ts';
import { renderTemplate, segmentsText, templateParameters } from '../domain/template.ts';

const STEPS: readonly (readonly [string, Step])[] = SHEETS.flatMap((sheet) =>
  sheet.steps.map((step) => [`${sheet.id}/${step.id}`, step] as const),
);

const checksOf = (step: Step): Check[] => [
  ...(step.requires ?? []).flatMap(({ check }) => check ?? []),
  ...(step.checks ?? []),
];

it('use every parameter', () => {
  const used = STEPS.flatMap(([, step]) => stepTemplates(step)).flatMap(({ command }) => templateParameters(command));
  expect(PARAMETERS.map(({ id }) => id).filter((id) => !used.includes(id))).toEqual([]);
});

describe('every step', () => {
  it.each(STEPS)('%s has what a person needs who cannot ask', (_, step) => {
    // A step that only opens something for a person has its proof before the eyes of that person.
    if (!step.interactive) expect(step.checks?.length ?? 0).toBeGreaterThan(0);
    expect(step.command).not.toMatch(/[\r\n]/);
    expect(step.title).toMatch(/^[A-Z].*[^.]$/);
  });

  it.each(STEPS)('%s is called by texts that say what they are', (_, step) => {
    for (const { symptom, remedy } of step.pitfalls ?? []) {
      expect(symptom).not.toBe(remedy);
      expect(remedy).toMatch(/[.]$/);
    }
    for (const { expect: words } of checksOf(step)) expect(words).not.toBe('');
  });
});

describe('errata', () => {
  const shown = [...COMPONENTS, ...STEPS.map(([, step]) => step)].flatMap((one) => one.errata ?? []);

  it.each(ERRATA.map((erratum) => [erratum.id, erratum] as const))(
    '%s can be reached from a step or a component, and says all three things',
    (id, { guideSays, correct, checked }) => {
      expect(shown).toContain(id);
      expect(guideSays).not.toBe('');
      expect(correct).not.toBe('');
      expect(['source', 'reproduced', 'inferred', 'unverified', 'guide']).toContain(checked);
    },
  );

  it('number the 35 findings of the facts in their order, and then go on', () => {
    expect(ERRATA.map(({ id }) => Number(id.slice(1, 3)))).toEqual(ERRATA.map((_, index) => index + 1));
    expect(ERRATA.length).toBeGreaterThanOrEqual(37);
  });
});

it('the log of a VM is named in URL-safe base64 with padding, whatever the VM is called', () => {
  const { command = '' } = STEPS.find(([name]) => name === 'logs/termina')?.[1] ?? {};
  const vm = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).map((text) => validateParameter('vm', text));
  fc.assert(
    fc.property(vm, fc.constantFrom('bash', 'dash'), (result, shell) => {
      if ('problem' in result) return;
      const line = segmentsText(renderTemplate(command, (id) => (id === 'vm' ? result.value : 'HASH')));
      const path = execFileSync(shell, ['-c', line.replace(/^cat /, "printf '%s\n' ")], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const name = Buffer.from(result.value).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
      expect(path).toBe(`/run/daemon-store/crosvm/HASH/log/${name}.log\n`);
    }),
    { numRuns: 60 },
  );
});

/** Whether a check holds where `prepared`, lines of bash, stands in for the programs that it calls. */
function holdsAfter(prepared: string, check: Check | undefined, typed: Readonly<Record<string, string>>): boolean {
  if (!check) throw new Error('no such check');
  const valueOf = (id: string): string => typed[id] ?? PARAMETERS.find((one) => one.id === id)?.example ?? '';
  const line = segmentsText(renderTemplate(check.command, valueOf));
  const { stdout } = spawnSync('bash', ['--norc', '-c', `${prepared}\n${line}`], { encoding: 'utf8' });
  return new RegExp(check.matches, 'm').test(stdout);
}

const stepOf = (name: string): Step | undefined => STEPS.find(([one]) => one === name)?.[1];

it.each([
  ['termina', true],
  ['ina', false],
  ['borealis', false],
  ['a.c', false],
])('the VM counts as started by its own line alone: %s', (vm, holds) => {
  const line = (name: string, state: string) => `echo '${name} (1 bytes, raw) (on disk VM type: crostini) ${state}'`;
  const vmc = `vmc() { ${line('termina', ' running')}; ${line('borealis', '')}; ${line('abc', ' running')}; }`;
  expect(holdsAfter(vmc, stepOf('termina-shell/start')?.checks?.[0], { vm })).toBe(holds);
});

it('the VM is required to run itself, whatever else runs', () => {
  const state = (value: string) => requirementState(VM_RUNNING, { vms: { value, origin: 'probed', at: 0 } });
  expect(state('termina (crostini) running, arcvm stopped')).toBe('holds');
  expect(state('termina (crostini) stopped, arcvm running')).toBe('unmet');
});

it.each([
  ['vm_host_tools', true],
  ['vm_host_tools crosvm', true],
  ['vm_host_tools seneschal', false],
])('packages count as worked on only where all are: %s', (packages, holds) => {
  const cros = "cros() { printf '%s\\n' chromeos-base/crosvm chromeos-base/vm_host_tools; }";
  for (const name of ['host-service-change/workon', 'guest-package/workon'])
    expect(holdsAfter(cros, stepOf(name)?.checks?.[0], { packages, hostPackages: packages })).toBe(holds);
});

const DEPLOYS = STEPS.filter(([, { command }]) => /cros deploy|deploy_to_termina/.test(command));

it.each(DEPLOYS)('%s is proved by what it changed, and can be taken back', (_, { checks, undo, pitfalls }) => {
  expect(checks?.length).toBeGreaterThan(0);
  for (const { command } of checks ?? []) expect(command).toContain('-cmin -');
  expect(undo ?? pitfalls?.find(({ symptom }) => symptom.includes('shipped'))).toBeDefined();
});

it.each([
  ['termina-dlc', true],
  ['termina-tools-dlc', false],
  ['termina-dlc termina-tools-dlc', false],
])('DLCs count as deployed only where each has new files: %s', (dlcIds, holds) => {
  const find = 'find() { case $1 in */termina-dlc) echo "$1/package/table";; esac; }';
  expect(holdsAfter(find, stepOf('guest-package/deploy-dlcs')?.checks?.[0], { dlcIds })).toBe(holds);
});

it.each([
  ['platform2/vm_tools/sommelier/build', true],
  ['opt/google/cros-containers/bin', false],
])('sommelier counts as new by the program that runs, not by its link: %s', (folder, holds) => {
  const start = `root=$(mktemp -d); mkdir -p "$root/${folder}"; cp "$(readlink -f "$(type -P sleep)")" "$root/${folder}/sommelier"
    ln -s "$root/${folder}/sommelier" "$root/link"; "$root/link" 60 >/dev/null 2>&1 & pid=$!
    trap 'kill $pid; rm -r "$root"' EXIT
    until [ "$(readlink /proc/$pid/exe)" != "$(readlink /proc/$$/exe)" ]; do :; done
    systemctl() { echo $pid; }`;
  const check = stepOf('sommelier-in-container/restart')?.checks?.at(-1);
  expect(holdsAfter(start, check, {})).toBe(holds);
  expect(holdsAfter('systemctl() { echo 0; }', check, {})).toBe(false);
});

describe('the expression of a check', () => {
  const used = new Set(STEPS.flatMap(([, step]) => checksOf(step).map(({ matches }) => matches)));

  it('has a sample, and every sample has a check', () => {
    expect([...used].toSorted()).toEqual(CHECK_SAMPLES.map(({ matches }) => matches).toSorted());
  });

  it.each(CHECK_SAMPLES)('$matches tells success from failure', ({ matches, works, fails }) => {
    const expression = new RegExp(matches, 'm');
    expect(works.length).toBeGreaterThan(0);
    expect(fails.length).toBeGreaterThan(0);
    expect(works.filter((output) => !expression.test(output))).toEqual([]);
    expect(fails.filter((output) => expression.test(output))).toEqual([]);
  });
});
