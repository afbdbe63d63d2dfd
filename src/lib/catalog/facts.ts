import type { FactId } from '../domain/facts.ts';

/** Headings of the device page, in the order shown. */
export const FACT_GROUPS = ['Hardware', 'Image', 'Session', 'Crostini', 'Clock'] as const;

export type FactGroup = (typeof FACT_GROUPS)[number];

/** What the screens say about a fact. */
export interface FactInfo {
  readonly id: FactId;
  readonly label: string;
  /** What it is, and which command it comes from. */
  readonly help: string;
  readonly group: FactGroup;
  /** Shown in the top bar, because it decides what the commands of the sheets say or whether they work. */
  readonly changesCommands: boolean;
}

/** Every fact, in the order shown. */
export const FACTS: readonly FactInfo[] = [
  {
    id: 'arch',
    label: 'Architecture',
    help: 'The machine type of the running kernel, from uname -m. The guest board follows it.',
    group: 'Hardware',
    changesCommands: true,
  },
  {
    id: 'guestBoard',
    label: 'Guest board',
    help: 'The board that Termina is built for: tatl on x86_64, tael on ARM. Follows from the architecture.',
    group: 'Hardware',
    changesCommands: true,
  },
  {
    id: 'board',
    label: 'Board',
    help: 'What to build for. CHROMEOS_RELEASE_BOARD of /etc/lsb-release, without the suffix of signed images.',
    group: 'Image',
    changesCommands: true,
  },
  {
    id: 'imageVersion',
    label: 'Version',
    help: 'Chrome milestone and platform version of the image, from /etc/lsb-release.',
    group: 'Image',
    changesCommands: true,
  },
  {
    id: 'imageTrack',
    label: 'Track',
    help: 'CHROMEOS_RELEASE_TRACK of /etc/lsb-release. Only testimage-channel is a test image, with ssh and autologin.',
    group: 'Image',
    changesCommands: true,
  },
  {
    id: 'developerMode',
    label: 'Developer mode',
    help: 'Whether the device runs in developer mode, from crossystem cros_debug.',
    group: 'Image',
    changesCommands: false,
  },
  {
    id: 'kernel',
    label: 'Kernel',
    help: 'Release of the host kernel, from uname -r. The kernel of Termina is another one.',
    group: 'Image',
    changesCommands: false,
  },
  {
    id: 'ownerHash',
    label: 'Owner hash',
    help: 'The hashed name of the signed-in user, 40 hex digits, from the session manager over D-Bus. VMs belong to it.',
    group: 'Session',
    changesCommands: false,
  },
  {
    id: 'bootId',
    label: 'Boot',
    help: 'The id of this boot, from /proc/sys/kernel/random/boot_id. Another one means that the device restarted.',
    group: 'Session',
    changesCommands: false,
  },
  {
    id: 'jobs',
    label: 'VM services',
    help: 'The Upstart jobs around VMs, from status JOB. All but a few follow vm_concierge.',
    group: 'Session',
    changesCommands: false,
  },
  {
    id: 'hostPrograms',
    label: 'Programs on the host',
    help: 'Which programs of the map run on the device that no job tells of, from ps.',
    group: 'Session',
    changesCommands: false,
  },
  {
    id: 'vms',
    label: 'Virtual machines',
    help: 'VM disks of the signed-in user with their kind and state, from vmc list. Images before 2024-02 show no state.',
    group: 'Crostini',
    changesCommands: true,
  },
  {
    id: 'container',
    label: 'Container',
    help: 'The container that is up, from cicerone_client --get_info, or from LXD where there is no cicerone_client.',
    group: 'Crostini',
    changesCommands: true,
  },
  {
    id: 'guestPrograms',
    label: 'Programs in the VM',
    help: 'Which programs of the map run in the VM called termina and in its container, from ps as root in the VM.',
    group: 'Crostini',
    changesCommands: false,
  },
  {
    id: 'terminaDlc',
    label: 'Termina DLC',
    help: 'Whether the download that holds the VM images is installed, from dlcservice_util --id=termina-dlc --dlc_state.',
    group: 'Crostini',
    changesCommands: false,
  },
  {
    id: 'terminaRelease',
    label: 'Termina image',
    help: 'Board and version of the installed VM image, from the lsb-release inside termina-dlc.',
    group: 'Crostini',
    changesCommands: false,
  },
  {
    id: 'timeZone',
    label: 'Time zone',
    help: 'Offset from UTC and zone of the device, from date +%z. The VM log is written in this zone, /var/log/messages in UTC.',
    group: 'Clock',
    changesCommands: false,
  },
  {
    id: 'clock',
    label: 'Clock',
    help: 'How far the clock of the device is ahead (+) or behind (-) of this computer, from date -u +%s; good to a second.',
    group: 'Clock',
    changesCommands: false,
  },
];

/** The four places of the top bar and the facts in each. */
export const TOP_BAR: readonly (readonly FactId[])[] = [
  ['arch', 'guestBoard'],
  ['board'],
  ['imageVersion', 'imageTrack'],
  ['vms', 'container'],
];
