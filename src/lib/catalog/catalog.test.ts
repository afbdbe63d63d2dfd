import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FACT_IDS } from '../domain/facts.ts';
import { PLACES } from '../domain/place.ts';
import { validateParameter } from '../domain/parameter.ts';
import { PROBE_IDS } from '../domain/probe.ts';
import { quoteWord } from '../domain/quote.ts';
import { renderCommand, resolveParameters, stepTemplates } from '../domain/resolve.ts';
import type { Step } from '../domain/sheet.ts';
import {
  type TemplateNode,
  parseTemplate,
  renderTemplate,
  segmentsText,
  templateParameters,
} from '../domain/template.ts';
import { COMPONENTS } from './components.ts';
import { ERRATA } from './errata.ts';
import { FACT_GROUPS, FACTS, TOP_BAR } from './facts.ts';
import { FORWARD_PRESETS } from './forward-presets.ts';
import { LOG_SOURCES } from './log-sources.ts';
import { PARAMETERS } from './parameters.ts';
import { PLACE_INFO } from './places.ts';
import { PROBES } from './probes.ts';
import { SHEETS } from './sheets.ts';
import { SHELLS } from './shells.ts';

const STEPS: readonly (readonly [string, Step])[] = SHEETS.flatMap((sheet) =>
  sheet.steps.map((step) => [`${sheet.id}/${step.id}`, step] as const),
);

/** Every template, once, with a place where it is used. */
const TEMPLATES: readonly (readonly [string, string])[] = [
  ...new Map([
    ...STEPS.flatMap(([name, step]) => stepTemplates(step).map(({ command }) => [command, name] as const)),
    ...LOG_SOURCES.map((source) => [source.follow, `log ${source.id}`] as const),
    ...SHELLS.flatMap((shell) => (shell.command === null ? [] : [[shell.command, `shell ${shell.id}`] as const])),
  ]),
].map(([template, name]) => [name, template]);

const ids = (things: readonly { readonly id: string }[]): string[] => things.map((thing) => thing.id);

const directory = mkdtempSync(join(tmpdir(), 'catalog-'));
afterAll(() => rmSync(directory, { recursive: true }));

describe('ids', () => {
  it.each([
    ['components', ids(COMPONENTS)],
    ['errata', ids(ERRATA)],
    ['forward presets', ids(FORWARD_PRESETS)],
    ['facts', ids(FACTS)],
    ['log sources', ids(LOG_SOURCES)],
    ['parameters', ids(PARAMETERS)],
    ['probes', ids(PROBES)],
    ['sheets', ids(SHEETS)],
    ['shells', ids(SHELLS)],
    ['shell variables', PARAMETERS.map(({ variable }) => variable)],
    ['steps', STEPS.map(([name]) => name)],
  ])('of %s are unique', (_, all) => {
    expect(all.filter((id, index) => all.indexOf(id) !== index)).toEqual([]);
  });

  it('cover everything that the domain names', () => {
    expect(ids(FACTS).toSorted()).toEqual([...FACT_IDS].toSorted());
    expect(ids(PROBES).toSorted()).toEqual([...PROBE_IDS].toSorted());
    expect(Object.keys(PLACE_INFO)).toEqual(PLACES);
  });

  it('resolve wherever they are named', () => {
    const named = {
      errata: [...COMPONENTS, ...STEPS.map(([, step]) => step)].flatMap((one) => one.errata ?? []),
      facts: [
        ...STEPS.flatMap(([, step]) => (step.requires ?? []).flatMap((requirement) => requirement.fact?.id ?? [])),
        ...PARAMETERS.flatMap((parameter) => (parameter.from && parameter.from !== 'address' ? [parameter.from] : [])),
      ],
      parameters: [
        ...TEMPLATES.flatMap(([, template]) => templateParameters(template)),
        ...COMPONENTS.flatMap((component) => Object.keys(component.parameters ?? {})),
      ],
      sheets: COMPONENTS.flatMap((component) => component.sheets),
      ways: STEPS.flatMap(([, step]) => (step.requires ?? []).flatMap(({ way }) => way ?? [])),
    };
    const known = {
      errata: ids(ERRATA),
      facts: [...FACT_IDS],
      parameters: ids(PARAMETERS),
      sheets: ids(SHEETS),
      ways: [...ids(SHEETS), ...STEPS.map(([name]) => name.replace('/', '#'))],
    };
    for (const kind of ['errata', 'facts', 'parameters', 'sheets', 'ways'] as const)
      expect(named[kind].filter((id) => !(known[kind] as readonly string[]).includes(id))).toEqual([]);
  });
});

describe('facts', () => {
  it('stand in the order of their groups', () => {
    const groups = FACTS.map((fact) => FACT_GROUPS.indexOf(fact.group));
    expect(groups).toEqual(groups.toSorted((a, b) => a - b));
  });

  it('of the top bar are those that change commands', () => {
    expect(TOP_BAR.flat().toSorted()).toEqual(ids(FACTS.filter((fact) => fact.changesCommands)).toSorted());
  });
});

it.each(PARAMETERS.map((parameter) => [parameter.id, parameter] as const))(
  'parameter %s has a valid example and default',
  (_, parameter) => {
    expect(validateParameter(parameter.type, parameter.example)).toHaveProperty('value');
    if (parameter.default) expect(validateParameter(parameter.type, parameter.default)).toHaveProperty('value');
  },
);

it('variables of parameters are names that a shell takes, and none that it sets itself', () => {
  const own = ['HOME', 'PATH', 'PWD', 'USER', 'SHELL', 'TERM', 'LANG', 'IFS', 'PS1', 'UID', 'EUID', 'PPID', 'RANDOM'];
  for (const { variable } of PARAMETERS) {
    expect(variable).toMatch(/^[A-Z][A-Z0-9_]*$/);
    expect(own).not.toContain(variable);
  }
});

it('every requirement on a fact is a regular expression', () => {
  for (const [, step] of STEPS) for (const one of step.requires ?? []) new RegExp(one.fact?.matches ?? '');
});

it('every text is one clean line, and ends as it should', () => {
  const texts = [
    ...STEPS.flatMap(([, step]) => [step.why, ...(step.interrupts ? [step.interrupts] : [])]),
    ...STEPS.flatMap(([, step]) => (step.requires ?? []).map((one) => one.text)),
    ...STEPS.flatMap(([, step]) => (step.pitfalls ?? []).map((one) => one.remedy)),
    ...SHEETS.map((sheet) => sheet.summary),
    ...COMPONENTS.map((component) => component.summary),
    ...ERRATA.map((erratum) => erratum.correct),
    ...[...FACTS, ...PARAMETERS, ...LOG_SOURCES, ...SHELLS, ...FORWARD_PRESETS].map((one) => one.help),
    ...Object.values(PLACE_INFO).map((info) => info.what),
  ];
  expect(texts.filter((text) => !/^\S.*[.]$/.test(text) || /\s{2}|[\r\n]/.test(text))).toEqual([]);
});

/** Parameters of a template that stand inside shell quotes or after a backslash, where quoting them would be wrong. */
function quotedParameters(nodes: readonly TemplateNode[]): string[] {
  let quote = '';
  let escaped = false;
  return nodes.flatMap((node) => {
    if (node.kind === 'nested')
      return [...(quote || escaped ? ['a nested command'] : []), ...quotedParameters(node.nodes)];
    if (node.kind === 'parameter') return quote || escaped ? [node.id] : [];
    for (const character of node.text) {
      if (escaped) escaped = false;
      else if (character === '\\' && quote !== "'") escaped = true;
      else if (quote ? character === quote : /['"]/.test(character)) quote = quote ? '' : character;
    }
    return [];
  });
}

it('finds parameters in quotes', () => {
  expect(quotedParameters(parseTemplate(`a '{b}' "c {d}" '"' {e} \\x {f}`))).toEqual(['b', 'd']);
});

describe.each(TEMPLATES)('%s', (name, template) => {
  it('has no parameter inside quotes', () => {
    expect(quotedParameters(parseTemplate(template))).toEqual([]);
  });

  it('is a command for bash on both architectures, and whatever the values are', () => {
    const hostile = `a'b"c $(x) \`y\` \\ ; & | > < # {z} * ? ! ~ \u00e9`;
    const values = [
      { arch: 'x86_64', guestBoard: 'tatl', board: 'eve', device: 'root@192.0.2.7' },
      { arch: 'aarch64', guestBoard: 'tael', board: 'kukui-arc64', device: 'ssh://root@[2001:db8::1]:2222' },
    ].map(
      (facts) =>
        (id: string): string =>
          ({ ...facts, ownerHash: '0'.repeat(40) })[id] ?? PARAMETERS.find((one) => one.id === id)?.example ?? '',
    );
    for (const valueOf of [...values, () => hostile, () => '-rf', () => '']) {
      const line = segmentsText(renderTemplate(template, valueOf));
      const result = spawnSync('bash', ['-n'], { input: line, encoding: 'utf8' });
      expect(result.stderr, `${name}: ${line}`).toBe('');
    }
  });
});

it('the main commands read as the guide has them, filled in', () => {
  const values = resolveParameters(PARAMETERS, {
    facts: Object.fromEntries(
      Object.entries({ board: 'eve', guestBoard: 'tatl', ownerHash: '0'.repeat(40) }).map(([id, value]) => [
        id,
        { value, origin: 'probed', at: 0 },
      ]),
    ),
    address: '192.0.2.7',
    typed: { packages: 'vm_guest_tools tremplin', hostPackages: 'vm_host_tools' },
  });
  const line = (sheet: string, step: string): string | undefined =>
    renderCommand(STEPS.find(([name]) => name === `${sheet}/${step}`)?.[1].command ?? '', values).line;
  expect(line('host-service-change', 'workon')).toBe('cros workon --board=eve start vm_host_tools');
  expect(line('host-service-change', 'build')).toBe('cros_sdk emerge-eve vm_host_tools');
  expect(line('host-service-change', 'deploy')).toBe('cros deploy root@192.0.2.7 vm_host_tools');
  expect(line('guest-package', 'workon')).toBe('cros workon --board=tatl start vm_guest_tools tremplin');
  expect(line('guest-package', 'deploy')).toBe(
    '../../chromite/contrib/guestos/deploy_to_termina --board tatl root@192.0.2.7 vm_guest_tools tremplin --restart-services',
  );
  expect(line('copy-penguin', 'file-out')).toBeUndefined();
});

describe.each(['sh', 'bash'])('a followed log, under %s', (shell) => {
  const log = join(directory, `${shell} log`);
  const bin = join(directory, `${shell}-bin`);
  mkdirSync(bin);
  for (const [name, body] of [
    ['vsh', 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"'],
    ['sudo', 'shift; exec "$@"'],
    ['journalctl', `exec tail -n 500 -F -- '${log}'`],
  ] as const) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const values = (id: string): string => PARAMETERS.find((one) => one.id === id)?.example ?? '';

  it.each(LOG_SOURCES.filter(({ once }) => !once).map((one) => [one.id, one] as const))(
    '%s ends when its stdin ends',
    async (_, source) => {
      writeFileSync(log, 'one\ntwo\n');
      const follow = segmentsText(renderTemplate(source.follow, values)).replace(
        /(?:\/var\/log|\/run\/daemon-store)\/[\w/.=]+/,
        quoteWord(log),
      );
      const child = spawn(shell, ['-c', follow], {
        stdio: ['pipe', 'pipe', 'inherit'],
        env: { PATH: `${bin}:${process.env['PATH']}` },
      });
      let output = '';
      await new Promise<void>((resolve) => {
        child.stdout.on('data', (chunk: Buffer) => {
          output += chunk.toString();
          if (output === 'one\ntwo\n') resolve();
        });
      });
      child.stdin.end();
      // `close`, not `exit`: the pipe stays open as long as the tail lives.
      await new Promise((resolve) => child.on('close', resolve));
      expect(output).toBe('one\ntwo\n');
    },
  );
});
