import { expect, it } from 'vitest';
import type { FactId } from '../facts.ts';
import type { ProbeSection } from '../probe-parse.ts';
import type { ProbeId } from '../probe.ts';
import { factsFromProbe } from './facts.ts';

type Given = Partial<Record<ProbeId, readonly [exit: number, text: string]>>;

/** Each fact's value, or its reason after a dash. */
function told(given: Given, at = 0, pasted = false): Partial<Record<FactId, string>> {
  const sections = new Map<string, ProbeSection>(
    Object.entries(given).map(([id, [exit, text]]) => [id, { exit, lines: text.split('\n') }]),
  );
  const facts = factsFromProbe({ sections, complete: true }, { at, pasted });
  return Object.fromEntries(
    Object.entries(facts).map(([id, fact]) => [id, 'value' in fact ? fact.value : `- ${fact.absent}`]),
  );
}

const release = (board: string, rest = ''): string => `CHROMEOS_RELEASE_BOARD=${board}\n${rest}`;

it.each<[string, Given, Partial<Record<FactId, string>>]>([
  ['nothing asked', {}, {}],
  [
    'a test image',
    {
      'lsb-release': [
        0,
        release(
          'eve',
          '# comment\nCHROMEOS_RELEASE_VERSION = 16765.0.0 \nCHROMEOS_RELEASE_CHROME_MILESTONE=146\nCHROMEOS_RELEASE_TRACK=testimage-channel',
        ),
      ],
    },
    { board: 'eve', imageVersion: 'R146-16765.0.0', imageTrack: 'testimage-channel' },
  ],
  [
    'a signed image without a milestone',
    {
      'lsb-release': [
        0,
        release('samus-signed-mp-v3keys', 'CHROMEOS_RELEASE_VERSION=1.2.3\nCHROMEOS_RELEASE_TRACK=stable-channel'),
      ],
    },
    { board: 'samus', imageVersion: '1.2.3', imageTrack: 'stable-channel' },
  ],
  [
    'another distribution with an lsb-release',
    { 'lsb-release': [0, 'DISTRIB_ID=Ubuntu'] },
    {
      board: '- /etc/lsb-release has no CHROMEOS_RELEASE_BOARD: not ChromeOS?',
      imageVersion: '- /etc/lsb-release has no CHROMEOS_RELEASE_VERSION: not ChromeOS?',
      imageTrack: '- /etc/lsb-release has no CHROMEOS_RELEASE_TRACK: not ChromeOS?',
    },
  ],
  ['normal mode', { 'cros-debug': [0, '0'] }, { developerMode: 'off' }],
  [
    'crossystem that fails',
    { 'cros-debug': [1, 'Parameter failed'] },
    { developerMode: '- crossystem says: Parameter failed' },
  ],
  ['an armv7l device', { machine: [0, 'armv7l'] }, { arch: 'armv7l', guestBoard: 'tael' }],
  ['an armv8l device', { machine: [0, 'armv8l'] }, { arch: 'armv8l', guestBoard: 'tael' }],
  [
    'a 32-bit x86',
    { machine: [0, 'i686'] },
    { arch: 'i686', guestBoard: '- There is no Termina for i686: a 32-bit x86 device cannot run Crostini.' },
  ],
  ['DLC absent', { 'termina-dlc': [0, '{\n "state": 0\n}'] }, { terminaDlc: 'not installed' }],
  [
    'DLC tool absent, DLC mounted',
    {
      'termina-dlc': [127, 'not found'],
      'termina-release': [0, release('tatl', 'CHROMEOS_RELEASE_VERSION=16765.0.0')],
    },
    { terminaDlc: 'installed', terminaRelease: 'tatl 16765.0.0' },
  ],
  [
    'a user without VM',
    { vms: [0, 'Total Size (bytes): 0'] },
    { vms: '- This user has no VM yet: Crostini was never switched on.' },
  ],
  [
    'vmc absent',
    { vms: [127, 'sh: 1: vmc: not found'] },
    { vms: '- There is no vmc command on this device: not ChromeOS?' },
  ],
  ['vmc silent', { vms: [0, ''] }, { vms: '- vmc printed nothing (exit code 0).' }],
  ['no VM up', { containers: [0, ''] }, { container: '- No VM is running, so no container is either.' }],
  [
    'VM up, container not',
    { containers: [0, 'VM: termina\n\tlxd'] },
    { container: '- A VM is running, but no container in it has reported to cicerone.' },
  ],
  [
    'two containers',
    { containers: [0, 'VM: termina\n\tContainer: work\n\tContainer: penguin'] },
    { container: 'penguin' },
  ],
  ['another container', { containers: [0, 'VM: termina\n        Container: work'] }, { container: 'work' }],
  [
    'lxc only',
    { containers: [127, ''], lxc: [0, 'penguin,STOPPED'] },
    { container: '- The container penguin is stopped.' },
  ],
  [
    'a zone by link',
    { 'time-zone': [0, '+0900\nJST\n/usr/share/zoneinfo/Asia/Tokyo'] },
    { timeZone: '+0900 Asia/Tokyo' },
  ],
  ['a zone by letters', { 'time-zone': [0, '+0100\nCET\n/var/lib/timezone/localtime'] }, { timeZone: '+0100 CET' }],
  ['a zone without name', { 'time-zone': [0, '-0330\n-0330\n'] }, { timeZone: '-0330' }],
  [
    'jobs between states',
    { jobs: [1, 'vm_concierge stop/killed, process 12\nseneschal start/running, process 3\nstatus: Unknown job: x'] },
    { jobs: 'vm_concierge changing, seneschal running' },
  ],
])('%s', (_, given, expected) => {
  expect(told(given)).toEqual(expected);
});

it.each([
  ['100', 100_500, '+0 s'],
  ['100', 93_400, '+7 s'],
  ['100', 3_700_500, '-3600 s'],
])('clock %s received at %i: %s', (seconds, at, expected) => {
  expect(told({ clock: [0, seconds] }, at)['clock']).toBe(expected);
});

it('compares no clock of pasted output', () => {
  expect(told({ clock: [0, '100'] }, 100_000, true)['clock']).toMatch(/^- Pasted/);
});
