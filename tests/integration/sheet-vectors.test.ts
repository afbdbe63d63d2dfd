import { describe, expect, it } from 'vitest';
import { ERRATA } from '../../src/lib/catalog/errata.ts';
import { PLACE_INFO } from '../../src/lib/catalog/places.ts';
import { SHEETS } from '../../src/lib/catalog/sheets.ts';
import { sheetScript } from '../../src/lib/domain/export/bash.ts';
import { COMMANDS, PROGRAMS, filesOf, inlined, sandboxed, valuesOf, withVariables } from './recorder/commands.ts';
import { trace } from './recorder/recorder.ts';

/*
 * What nested commands must lead to at every level, written by hand from chromeos-facts.md: no renderer has a part in
 * it. Each row has the argument vectors of one command; `sh -c` stands without its script, whose vectors follow.
 */

const HASH = '0123456789abcdef0123456789abcdef01234567';
const FILE = `it's a "file" $(touch made) \`id\``;
const THERE = `-to & "there"; it's $HOME\\`;
const VM = `my "vm" $(id) it's`;

const VALUES = {
  ...{ device: 'root@192.0.2.7', board: 'eve', guestBoard: 'tatl', ownerHash: HASH, vm: VM, container: 'a-1-b' },
  ...{ file: FILE, destination: THERE, deb: FILE, publicKey: FILE, pid: '212', port: '8222' },
  ...{ packages: 'chromeos-base/sommelier dev-rust/s9', dlcIds: 'termina-dlc termina-tools-dlc' },
};

type Vector = readonly string[];

const SSH = ['ssh', 'root@192.0.2.7'];
const SSH_T = ['ssh', '-t', 'root@192.0.2.7'];
const VSH = ['vsh', `--vm_name=my "vm" $(id) it's`, '--owner_id=0123456789abcdef0123456789abcdef01234567'];
const ROOT = [...VSH, '--user=root'];
const CONTAINER = [...VSH, '--target_container=a-1-b'];
const BAGUETTE = [...VSH, '--target_container=penguin'];
const LXD = ['LXD_DIR=/mnt/stateful/lxd', 'LXD_CONF=/mnt/stateful/lxd_conf'];
const SH = ['sh', '-c'];

/** A file that was written. */
const wrote = (name: string): Vector => ['(wrote)', name];

const copyIn = (user: Vector): Vector[][] => [
  [['cat', '--', FILE], SSH, user, SH, ['cat'], wrote(THERE)],
  [['sha256sum', FILE], SSH, user, SH, ['sha256sum', THERE]],
  [SSH, user, ['rm', '--', THERE]],
];
const copyOut = (user: Vector): Vector[][] => [
  [SSH, user, ['cat', '--', FILE], wrote(THERE)],
  [SSH, user, SH, ['sha256sum', FILE], ['sha256sum', THERE]],
];
const sums = (path: string): Vector[] => [
  ['cd', path],
  ['find', '.', '-type', 'f', '-exec', 'sha256sum', '{}', '+'],
  ['sort'],
  ['sha256sum', ''],
];
const directoryIn = (user: Vector, ...asOwner: string[]): Vector[][] => [
  [
    ...[['tar', '-c', '-C', FILE, '-f', '-', '.'], SSH, user, SH],
    ...[
      ['mkdir', '-p', '--', THERE],
      ['tar', '-x', ...asOwner, '-C', THERE, '-f', '-'],
    ],
  ],
  [...sums(FILE), SSH, user, SH, ...sums(THERE)],
  [SSH, user, ['rm', '-r', '--', THERE]],
];
const directoryOut = (user: Vector): Vector[][] => [
  [
    ...[['mkdir', '-p', '--', THERE], SSH, user],
    ...[
      ['tar', '-c', '-C', FILE, '-f', '-', '.'],
      ['tar', '-x', '-C', THERE, '-f', '-'],
    ],
  ],
  [SSH, user, SH, ...sums(FILE), ...sums(THERE)],
];

/** By the name that `COMMANDS` gives, its commands in their order. */
const NESTED: Readonly<Record<string, readonly (readonly Vector[])[]>> = {
  'container-deb/copy': [[['cat', '--', FILE], SSH, CONTAINER, SH, ['cat'], wrote('tmp-change.deb')]],
  'owner-hash/from-workstation': [
    [
      SSH,
      [
        ...['dbus-send', '--system', '--print-reply', '--type=method_call', '--dest=org.chromium.SessionManager'],
        ...['/org/chromium/SessionManager', 'org.chromium.SessionManagerInterface.RetrievePrimarySession'],
      ],
      ['sed', '-nE', String.raw`s/^ *string "([0-9a-f]{40})"$/\1/p`],
      ['echo', ''],
    ],
  ],
  'termina-shell/root': [
    [SSH_T, [...ROOT, ...LXD]],
    [SSH, ROOT, ['id', '-un']],
  ],
  'termina-shell/chronos': [
    [SSH_T, [...VSH, ...LXD]],
    [SSH, VSH, ['id', '-un']],
  ],
  'termina-shell/one-command': [
    [SSH, [...ROOT, ...LXD], ['lxc', 'list']],
    [SSH, [...ROOT, ...LXD], ['lxc', 'list', '--format=csv', '-c', 'ns']],
  ],
  'copy-termina/file-in': copyIn(ROOT),
  'copy-termina/file-out': copyOut(ROOT),
  'copy-termina/directory-in': directoryIn(ROOT, '-o'),
  'copy-termina/directory-out': directoryOut(ROOT),
  'container-shell/vsh': [[SSH_T, [...CONTAINER, ...LXD]]],
  'container-shell/vmc': [
    [SSH, CONTAINER, ['id', '-u']],
    [SSH_T, ['vmc', 'container', VM, 'a-1-b', HASH]],
  ],
  'container-shell/root': [
    [SSH_T, [...ROOT, ...LXD], ['lxc', 'exec', 'a-1-b', '--', 'bash', '-l']],
    [SSH, [...ROOT, ...LXD], ['lxc', 'exec', 'a-1-b', '--', 'id', '-un']],
  ],
  'container-shell/one-command': [[SSH, CONTAINER, ['cat', '/etc/os-release']]],
  'copy-penguin/file-in': copyIn(CONTAINER),
  'copy-penguin/file-out': copyOut(CONTAINER),
  'copy-penguin/directory-in': directoryIn(CONTAINER),
  'copy-penguin/directory-out': directoryOut(CONTAINER),
  'container-ssh/key': [
    [
      ...[['cat', '--', FILE], SSH, CONTAINER, ['sudo'], SH],
      ...[['mkdir', '-p', '/root/.ssh'], ['cat'], wrote('root-.ssh-authorized_keys')],
    ],
    [
      ...[['cat', '--', FILE], SSH, CONTAINER, ['sudo'], SH, ['cd', '/root/.ssh']],
      ...[['grep', '-v', '-x', '-F', '-f', '-', 'authorized_keys'], ['mv', 'kept', 'authorized_keys'], wrote('kept')],
    ],
  ],
  'debug-termina/copy-gdbserver': [
    [
      ...[['cat', '/build/tatl/usr/bin/gdbserver'], SSH, ROOT, SH, ['cat'], wrote('mnt-stateful-gdbserver')],
      ['chmod', '755', '/mnt/stateful/gdbserver'],
    ],
  ],
  'debug-termina/attach': [[['gdb', '-ex'], SSH, ROOT, ['/mnt/stateful/gdbserver', '--once', '--attach', '-', '212']]],
  'debug-container/attach-vsh': [
    [['gdb', '-ex'], SSH, CONTAINER, ['sudo'], ['gdbserver', '--once', '--attach', '-', '212']],
  ],
  'baguette/shell': [
    [SSH_T, BAGUETTE],
    [SSH, BAGUETTE, ['id', '-u']],
  ],
  'baguette/copy': copyIn(BAGUETTE),
  'log penguin': [
    [
      ...[CONTAINER, SH, ['sudo'], ['-n', 'true'], ['echo', 'sudo', '-n'], SH],
      [
        ...['journalctl', '--follow', '--lines=500', '--all', '--output=json'],
        '--output-fields=MESSAGE,PRIORITY,SYSLOG_IDENTIFIER,_COMM,_PID',
      ],
      ['cat'],
    ],
  ],
};

const nested = COMMANDS.filter(({ template }) => template.includes('{{'));

/** What a script led to, in an order of its own: commands of a pipe run at the same time. */
async function vectors(script: string, template: string): Promise<string[]> {
  const [traced] = await trace([{ script, files: filesOf(VALUES, template) }], { status: 0, programs: PROGRAMS });
  if (!traced) throw new Error('a script has a trace');
  return sorted([...traced.commands, ...traced.files.map(wrote)]);
}

const sorted = (all: readonly Vector[]): string[] => all.map((words) => JSON.stringify(words)).toSorted();
const ENDED: Vector = ['exit', '0'];

it('every nested command has its row', () => {
  const counts = (names: readonly string[]): Record<string, number> =>
    names.reduce<Record<string, number>>((all, name) => ({ ...all, [name]: (all[name] ?? 0) + 1 }), {});
  expect(counts(Object.entries(NESTED).flatMap(([name, rows]) => rows.map(() => name)))).toEqual(
    counts(nested.map(({ name }) => name)),
  );
});

describe.each([
  ['inlined', inlined],
  ['with variables', withVariables],
])('typed, %s', (_, render) => {
  it.each(Object.keys(NESTED))('%s leads to its vectors', async (name) => {
    const templates = nested.filter((one) => one.name === name).map(({ template }) => template);
    for (const [index, template] of templates.entries()) {
      const row = NESTED[name]?.[index] ?? [];
      const actual = await vectors(render(sandboxed(template), valuesOf(VALUES)), template);
      expect(actual, template).toEqual(sorted([...row, ENDED]));
    }
  });
});

const DEPLOY = '../../chromite/contrib/guestos/deploy_to_termina';

/** Steps that a script takes to their Place: into the chroot, onto the device, into the container. */
const IN_SCRIPTS: Readonly<Record<string, readonly Vector[]>> = {
  'guest-package/build': [
    ...['chromeos-base/sommelier', 'dev-rust/s9'].flatMap((name) => [
      ['cros_sdk'],
      ['cros_workon_make', '--install', '--test', '--board=tatl', name],
    ]),
  ],
  'guest-package/deploy': [
    [
      ...['printf', String.raw`%s\n`],
      `${DEPLOY} --board tatl 'root@192.0.2.7' chromeos-base/sommelier dev-rust/s9 --restart-services`,
    ],
    ['cros_sdk'],
    ['sh'],
    [DEPLOY, '--board', 'tatl', 'root@192.0.2.7', 'chromeos-base/sommelier', 'dev-rust/s9', '--restart-services'],
  ],
  'guest-package/deploy-dlcs': [
    [
      ...['printf', String.raw`%s\n`],
      `${DEPLOY} --board tatl 'root@192.0.2.7' chromeos-base/sommelier dev-rust/s9 --restart-services --dlc-ids termina-dlc termina-tools-dlc`,
    ],
    ['cros_sdk'],
    ['sh'],
    [
      ...[DEPLOY, '--board', 'tatl', 'root@192.0.2.7', 'chromeos-base/sommelier', 'dev-rust/s9', '--restart-services'],
      ...['--dlc-ids', 'termina-dlc', 'termina-tools-dlc'],
    ],
  ],
  'debug-host/attach': [
    ['printf', '%s', `gdb-eve --remote='root@192.0.2.7' --pid=212`],
    ['base64', '-w0'],
    ['cros_sdk'],
    ['sh', '-c'],
    ['base64', '-d'],
    ['gdb-eve', '--remote=root@192.0.2.7', '--pid=212'],
  ],
  'logs/termina': [
    ['ssh', '-n', 'root@192.0.2.7'],
    ['printf', '%s', VM],
    ['base64', '-w', '0'],
    ['tr', '+/', '-_'],
    ['cat', `/run/daemon-store/crosvm/${HASH}/log/.log`],
  ],
  'logs/vmc': [
    ['ssh', '-n', 'root@192.0.2.7'],
    ['vmc', 'logs', VM, HASH],
  ],
  'logs/garcon': [
    ['ssh', '-n', 'root@192.0.2.7'],
    CONTAINER,
    ['sh', '-c'],
    ['journalctl', '--user-unit=cros-garcon.service', '--no-pager'],
  ],
  'logs/sommelier': [
    ['ssh', '-n', 'root@192.0.2.7'],
    CONTAINER,
    ['sh', '-c'],
    ['journalctl', '--user-unit=sommelier@*', '--user-unit=sommelier-x@*', '--no-pager'],
  ],
};

it.each(Object.entries(IN_SCRIPTS))('in a script %s leads to its vectors', async (name, row) => {
  const [sheetId, id = ''] = name.split('/');
  const sheet = SHEETS.find((one) => one.id === sheetId);
  const step = sheet?.steps.find((one) => one.id === id);
  if (!sheet || !step) throw new Error(`no step ${name}`);
  const content = { values: valuesOf(VALUES), places: PLACE_INFO, errata: ERRATA, device: [] };
  const script = sheetScript({ sheet: { ...sheet, steps: [step] }, ...content });
  const title = ['printf', String.raw`\n%s\n`, `${PLACE_INFO[step.place].prompt} ${step.title}`];
  expect(await vectors(`set -- --yes ${id}\n${script}`, step.command)).toEqual(sorted([title, ...row, ENDED]));
});
