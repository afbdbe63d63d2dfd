import type { Component } from '../../domain/component.ts';

export const TERMINA_COMPONENTS: readonly Component[] = [
  {
    id: 'lxd',
    name: 'LXD',
    lane: 'termina',
    layers: ['termina'],
    guideRow: 'LXD',
    summary: 'The container manager in the VM; tremplin has it create and run penguin on the stateful disk.',
    language: 'Go',
    repo: 'github/lxc/lxd',
    sourceUrl: 'https://github.com/canonical/lxd',
    readmeUrl: 'https://github.com/canonical/lxd',
    ebuilds: ['app-emulation/lxd'],
    jobs: [],
    runs: {
      program: 'lxd',
    },
    logs: [
      {
        source: 'termina',
        filter: '',
      },
    ],
    delivery: ['termina-dlc'],
    sheets: ['guest-package'],
    parameters: {
      packages: 'lxd',
    },
    aliases: ['lxc', 'container manager'],
    errata: ['e16-lxd-repository'],
  },
  {
    id: 'maitred',
    name: 'maitred',
    lane: 'termina',
    layers: ['termina'],
    guideRow: 'maitred',
    summary:
      'The first process of the VM: mounts disks, starts daemons, sets up the network, and does what concierge asks.',
    language: 'C++',
    repo: 'platform2/vm_tools/maitred',
    sourceUrl: 'https://chromium.googlesource.com/chromiumos/platform2/+/HEAD/vm_tools/maitred',
    readmeUrl: 'https://chromium.googlesource.com/chromiumos/platform2/+/HEAD/vm_tools/docs/init.md',
    ebuilds: ['chromeos-base/vm_guest_tools'],
    jobs: [],
    runs: {
      program: 'init',
    },
    logs: [
      {
        source: 'termina',
        filter: '',
      },
    ],
    delivery: ['vm_guest_tools'],
    sheets: ['guest-package'],
    parameters: {
      packages: 'vm_guest_tools',
    },
    aliases: ['init', 'PID 1', 'maitred_client'],
  },
  {
    id: 'tremplin',
    name: 'tremplin',
    lane: 'termina',
    layers: ['termina'],
    guideRow: 'tremplin',
    summary: 'Puts LXD at the service of cicerone: creates, starts, exports and configures containers on request.',
    language: 'Go',
    repo: 'platform/tremplin',
    sourceUrl: 'https://chromium.googlesource.com/chromiumos/platform/tremplin/',
    readmeUrl: 'https://chromium.googlesource.com/chromiumos/platform/tremplin/+/HEAD/README.md',
    ebuilds: ['chromeos-base/tremplin'],
    jobs: [],
    runs: {
      program: 'tremplin',
    },
    logs: [
      {
        source: 'termina',
        filter: '',
      },
    ],
    delivery: ['termina-dlc'],
    sheets: ['guest-package'],
    parameters: {
      packages: 'tremplin',
    },
    aliases: ['container backup', 'container export'],
  },
  {
    id: 'vm_syslog',
    name: 'vm_syslog',
    lane: 'termina',
    layers: ['termina'],
    guideRow: 'vm_syslog',
    summary:
      'Brings the logs of a VM to the host: vm_syslog collects in the guest, vmlog_forwarder writes one file for each VM.',
    language: 'C++',
    repo: 'platform2/vm_tools/syslog',
    sourceUrl: 'https://chromium.googlesource.com/chromiumos/platform2/+/HEAD/vm_tools/syslog',
    readmeUrl: 'https://chromium.googlesource.com/chromiumos/platform2/+/HEAD/vm_tools/docs/logging.md',
    ebuilds: ['chromeos-base/vm_guest_tools'],
    jobs: [],
    runs: {
      program: 'vm_syslog',
    },
    logs: [
      {
        source: 'termina',
        filter: '',
      },
    ],
    delivery: ['vm_guest_tools'],
    sheets: ['host-service-change', 'guest-package'],
    parameters: {
      hostPackages: 'vm_host_tools',
      packages: 'vm_guest_tools',
    },
    aliases: ['vmlog_forwarder', 'syslog', 'logging'],
  },
  {
    id: 'vshd',
    name: 'vshd',
    lane: 'termina',
    layers: ['termina', 'container'],
    guideRow: 'vsh',
    summary:
      'Shell server: in Termina it listens on vsock 9001; in a container garcon starts it on demand and it dials the host.',
    language: 'C++',
    repo: 'platform2/vm_tools/vsh',
    sourceUrl: 'https://chromium.googlesource.com/chromiumos/platform2/+/HEAD/vm_tools/vsh',
    readmeUrl: 'https://chromium.googlesource.com/chromiumos/platform2/+/HEAD/vm_tools/vsh/README.md',
    ebuilds: ['chromeos-base/vm_guest_tools', 'chromeos-base/termina_container_tools'],
    jobs: [],
    runs: {
      program: 'vshd',
    },
    logs: [
      {
        source: 'termina',
        filter: '',
      },
      {
        source: 'penguin-user',
        filter: '',
      },
    ],
    delivery: ['vm_guest_tools', 'termina_container_tools'],
    sheets: ['host-service-change', 'guest-package'],
    parameters: {
      hostPackages: 'vm_host_tools',
      packages: 'vm_guest_tools',
    },
    errata: ['e23-root-needs-test-image'],
  },
];
