import type { Sheet } from '../../domain/sheet.ts';
import { SIGNED_IN, TERMINA_INSTALLED } from './requirements.ts';

export const guestBoard: Sheet = {
  id: 'guest-board',
  title: 'Find the guest board',
  summary:
    'Before the first guest change on a device: which board Termina is built for, and whether it is Termina at all.',
  guideSections: ['Guest service changes'],
  kind: 'sequence',
  steps: [
    {
      id: 'architecture',
      title: 'Ask for the architecture',
      place: 'device',
      command: 'uname -m',
      why: 'Termina is built for two boards: tatl where this says x86_64, tael where it says aarch64. The device fills the guest board in here by itself.',
      checks: [
        {
          place: 'device',
          command: 'uname -m',
          expect: 'x86_64 (tatl) or aarch64 (tael).',
          matches: '^(?:x86_64|aarch64|armv8l)$',
        },
      ],
      pitfalls: [
        { symptom: 'armv8l', remedy: 'A 32-bit shell on a 64-bit ARM kernel. The guest board is tael.' },
        {
          symptom: 'armv7l',
          remedy: 'The build would give such a device tael, but no such device is known to run Crostini.',
        },
        { symptom: 'i686 or i386', remedy: 'There is no Termina for this device.' },
      ],
      errata: ['e24-uname-table'],
    },
    {
      id: 'installed',
      title: 'Ask the installed Termina',
      place: 'device',
      command: "grep '^CHROMEOS_RELEASE_BOARD=' /run/imageloader/termina-dlc/package/root/lsb-release",
      why: 'The image that the device would start names its own board: no conclusion is more direct.',
      requires: [TERMINA_INSTALLED],
      checks: [
        {
          place: 'device',
          command: "grep '^CHROMEOS_RELEASE_BOARD=' /run/imageloader/termina-dlc/package/root/lsb-release",
          expect: 'CHROMEOS_RELEASE_BOARD=tatl or =tael, and the same board as the architecture gives.',
          matches: '^CHROMEOS_RELEASE_BOARD=ta(?:tl|el)\\b',
        },
      ],
      pitfalls: [
        {
          symptom: 'No such file or directory',
          remedy:
            'The DLC is not installed, or is mounted elsewhere: dlcservice_util --id=termina-dlc --dlc_state tells, and --install installs it.',
        },
      ],
      errata: ['e24-uname-table'],
    },
    {
      id: 'kind',
      title: 'See which kind of VM it is',
      place: 'device',
      command: 'CROS_USER_ID_HASH={ownerHash} vmc list',
      why: 'A VM called termina may be a Baguette: Debian without LXD, whose tools come from another DLC. Only this list tells.',
      requires: [SIGNED_IN],
      checks: [
        {
          place: 'device',
          command: 'CROS_USER_ID_HASH={ownerHash} vmc list',
          expect: 'For Termina, a line with (on disk VM type: crostini). Images before 2025-07 do not print the type.',
          matches: '\\(on disk VM type: crostini\\)',
        },
      ],
      pitfalls: [
        {
          symptom: 'on disk VM type: baguette',
          remedy: 'Not a Termina. The sheet "Work with a Baguette" tells what differs.',
        },
        {
          symptom: 'operation `disk_list` failed: neither Crostini nor Parallels VMs are enabled',
          remedy: 'Nobody is signed in, or Linux is not allowed for this user.',
        },
      ],
      errata: ['e20-user-id-hash', 'e31-baguette', 'e33-concierge-client'],
    },
  ],
};
