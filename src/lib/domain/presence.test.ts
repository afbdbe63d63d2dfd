import { describe, expect, it } from 'vitest';
import type { Component, Presence } from './component.ts';
import type { FactId, Facts } from './facts.ts';
import { presenceOf } from './presence.ts';

const component = (lane: Component['lane'], runs: Presence, more: Partial<Component> = {}): Component => ({
  id: 'it',
  name: 'it',
  lane,
  layers: [lane],
  summary: '',
  language: '',
  repo: '',
  sourceUrl: null,
  readmeUrl: null,
  ebuilds: [],
  jobs: [],
  runs,
  logs: [],
  delivery: [],
  sheets: [],
  ...more,
});

const concierge = component(
  'host',
  { job: 'vm_concierge' },
  { jobs: [{ name: 'vm_concierge', startOn: 'started-user-session', stopOn: 'stopping ui' }] },
);
const syslog = component('host', { job: 'syslog' }, { jobs: [{ name: 'syslog', startOn: 'x', stopOn: 'y' }] });
const crosvm = component('host', { program: 'crosvm', when: 'One for each VM.' });
const maitred = component('termina', { program: 'maitred', isInit: true });
const lxd = component('termina', { program: 'lxd', guest: 'crostini' });
const vshd = component('termina', { program: 'vshd' });
const garcon = component('container', { program: 'garcon' });
const chunnel = component('container', { program: 'chunnel', when: 'One for each connection.' });
const penguin = component('container', { container: 'penguin' });
const protos = component('host', { never: 'Compiled in.' });

/** Facts of a probe; a text after a dash is the reason why there is no value. */
const facts = (given: Partial<Record<FactId, string>>): Facts =>
  Object.fromEntries(
    Object.entries(given).map(([id, text]) => [
      id,
      text.startsWith('- ')
        ? { absent: text.slice(2), origin: 'probed', at: 0 }
        : { value: text, origin: 'probed', at: 0 },
    ]),
  );

const RUNNING = {
  ownerHash: 'f'.repeat(40),
  jobs: 'vm_concierge running, syslog running',
  vms: 'termina (crostini) running',
  container: 'penguin',
  terminaDlc: 'installed',
  hostPrograms: '9s, crosvm',
  guestPrograms: 'termina: init, lxd, tremplin, vshd; penguin: garcon, vshd',
};
const SIGNED_OUT = {
  ...RUNNING,
  ownerHash: '- Nobody is signed in.',
  jobs: 'vm_concierge stopped, syslog running',
  vms: '- vmc says: Error',
  container: '- No VM is running.',
  hostPrograms: 'none',
  guestPrograms: '- No VM called termina is running.',
};
const GUEST = { ...SIGNED_OUT, ownerHash: '- A guest session is active.' };
const VM_OFF = {
  ...RUNNING,
  vms: 'termina (crostini) stopped',
  container: '- No VM is running.',
  hostPrograms: 'none',
  guestPrograms: '- No VM called termina is running.',
};
const DLC_ABSENT = { ...VM_OFF, vms: '- This user has no VM yet.', terminaDlc: 'not installed' };
const BAGUETTE = {
  ...RUNNING,
  vms: 'termina (baguette) running, arcvm running',
  guestPrograms: 'termina: garcon, init, maitred, vshd',
};
const OLD_VMC = { ...RUNNING, vms: 'termina state unknown' };
const OTHER_VM = { ...VM_OFF, vms: 'arcvm running, borealis (borealis) running' };
const NO_CONTAINER = {
  ...RUNNING,
  container: '- The container penguin is stopped.',
  guestPrograms: 'termina: init, lxd, vshd',
};
const NOT_CHROMEOS = {
  jobs: '- There is no status command.',
  vms: '- There is no vmc command.',
  container: '- There is no cicerone_client command.',
  ownerHash: '- The session manager is not on the bus.',
  terminaDlc: '- There is no dlcservice_util command.',
  hostPrograms: 'none',
  guestPrograms: '- No VM called termina is running.',
};

describe.each<[string, Partial<Record<FactId, string>>, Partial<Record<string, [Component, string, string]>>]>([
  [
    'a running guest',
    RUNNING,
    {
      concierge: [concierge, 'running', 'The job vm_concierge is running.'],
      syslog: [syslog, 'running', 'The job syslog is running.'],
      crosvm: [crosvm, 'running', 'crosvm runs on the host.'],
      maitred: [maitred, 'running', 'maitred runs in the VM.'],
      lxd: [lxd, 'running', 'lxd runs in the VM.'],
      garcon: [garcon, 'running', 'garcon runs in the container.'],
      chunnel: [chunnel, 'stopped', 'One for each connection.'],
      penguin: [penguin, 'running', 'The container penguin is up.'],
      protos: [protos, 'none', 'Compiled in.'],
    },
  ],
  [
    'nobody signed in',
    SIGNED_OUT,
    {
      concierge: [concierge, 'stopped', 'The job vm_concierge is stopped. Nobody is signed in.'],
      syslog: [syslog, 'running', 'The job syslog is running.'],
      crosvm: [crosvm, 'stopped', 'One for each VM.'],
      lxd: [lxd, 'stopped', 'The VM is off. Nobody is signed in.'],
      garcon: [garcon, 'stopped', 'The VM is off. Nobody is signed in.'],
      penguin: [penguin, 'stopped', 'The VM is off. Nobody is signed in.'],
      protos: [protos, 'none', 'Compiled in.'],
    },
  ],
  [
    'a guest session',
    GUEST,
    {
      concierge: [concierge, 'stopped', 'The job vm_concierge is stopped. A guest session is active.'],
      garcon: [garcon, 'stopped', 'The VM is off. A guest session is active.'],
    },
  ],
  [
    'the VM off',
    VM_OFF,
    {
      concierge: [concierge, 'running', 'The job vm_concierge is running.'],
      maitred: [maitred, 'stopped', 'The VM termina is off.'],
      penguin: [penguin, 'stopped', 'The VM termina is off.'],
    },
  ],
  [
    'the DLC absent',
    DLC_ABSENT,
    {
      concierge: [concierge, 'running', 'The job vm_concierge is running.'],
      lxd: [lxd, 'absent', 'The Termina DLC, which brings it, is not installed. Switch Linux on in the settings.'],
      garcon: [
        garcon,
        'absent',
        'The Termina DLC, which brings it, is not installed. Switch Linux on in the settings.',
      ],
    },
  ],
  [
    'Baguette',
    BAGUETTE,
    {
      lxd: [lxd, 'absent', 'The guest is a Baguette: Debian straight in the VM, without LXD.'],
      maitred: [maitred, 'running', 'maitred runs in the VM.'],
      garcon: [garcon, 'running', 'garcon runs in the VM.'],
      vshd: [vshd, 'running', 'vshd runs in the VM.'],
      penguin: [penguin, 'running', 'The container penguin is up.'],
    },
  ],
  [
    'an image whose vmc shows no state',
    OLD_VMC,
    {
      lxd: [lxd, 'running', 'lxd runs in the VM.'],
      garcon: [garcon, 'running', 'garcon runs in the container.'],
    },
  ],
  ['only other VMs', OTHER_VM, { lxd: [lxd, 'stopped', 'There is no VM of Linux: only others.'] }],
  [
    'the container stopped',
    NO_CONTAINER,
    {
      lxd: [lxd, 'running', 'lxd runs in the VM.'],
      garcon: [garcon, 'stopped', 'The container penguin is stopped.'],
      penguin: [penguin, 'stopped', 'The container penguin is stopped.'],
    },
  ],
  [
    'another container up',
    { ...NO_CONTAINER, container: 'work' },
    {
      penguin: [penguin, 'stopped', 'The container that is up is work.'],
      garcon: [garcon, 'stopped', 'No garcon runs in the container.'],
    },
  ],
  [
    'a VM that could not be asked',
    { ...RUNNING, guestPrograms: '- vsh says: no root' },
    { lxd: [lxd, 'unknown', 'vsh says: no root'], penguin: [penguin, 'running', 'The container penguin is up.'] },
  ],
  [
    'an image without the job',
    { ...RUNNING, jobs: 'syslog changing' },
    {
      concierge: [concierge, 'absent', 'This image has no job vm_concierge.'],
      syslog: [syslog, 'unknown', 'The job syslog is starting or stopping.'],
    },
  ],
  [
    'no ChromeOS device',
    NOT_CHROMEOS,
    {
      concierge: [concierge, 'unknown', 'There is no status command.'],
      crosvm: [crosvm, 'stopped', 'One for each VM.'],
      lxd: [lxd, 'stopped', 'The VM is off. The session manager is not on the bus.'],
    },
  ],
  [
    'nothing asked',
    {},
    Object.fromEntries(
      [concierge, crosvm, lxd, maitred, garcon, penguin].map((one, index) => [
        String(index),
        [one, 'unknown', 'The device was not asked for it yet.'],
      ]),
    ),
  ],
])('with %s', (_, given, expected) => {
  it.each(Object.entries(expected))('%s', (_name, row) => {
    const [one, state, why] = row ?? [protos, '', ''];
    expect(presenceOf(one, facts(given))).toEqual({ state, why });
  });
});
