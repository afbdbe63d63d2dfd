import type { SheetGroup } from '../domain/sheet-group.ts';

/** The index of sheets, by what somebody wants to do. Every sheet stands in one group. */
export const SHEET_GROUPS: readonly SheetGroup[] = [
  {
    id: 'prepare',
    title: 'Get ready',
    about: 'Once for each device, and after a reflash',
    sheets: ['prerequisites', 'guest-board', 'owner-hash'],
  },
  {
    id: 'change',
    title: 'Change and deploy',
    about: 'From an edit to running code',
    sheets: [
      'host-service-change',
      'guest-package',
      'container-tools',
      'container-deb',
      'sommelier-in-container',
      'cros-im',
      'full-image',
      'kernel',
      'baguette',
      'run-off-device',
    ],
  },
  {
    id: 'reach',
    title: 'Reach a shell',
    about: 'In the VM and in the container',
    sheets: ['termina-shell', 'container-shell', 'container-ssh'],
  },
  {
    id: 'copy',
    title: 'Copy files',
    about: 'Files and whole directories, both ways',
    sheets: ['copy-termina', 'copy-penguin'],
  },
  { id: 'logs', title: 'Read logs', about: 'Chrome, host, VM and container', sheets: ['logs'] },
  {
    id: 'debug',
    title: 'Debug',
    about: 'With gdb, where that is possible',
    sheets: ['debug-host', 'debug-container', 'debug-symbols', 'debug-termina'],
  },
];
