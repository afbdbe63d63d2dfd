import type { Sheet } from '../../domain/sheet.ts';
import { BUILD_IMAGE, DEPLOY_DLC, EMERGE_DLC, START_VM, STOP_VMS, WORKON_DLC } from './steps.ts';

export const fullImage: Sheet = {
  id: 'full-image',
  title: 'Deploy a full guest image',
  summary:
    'After a sync, or for a change that copying files cannot make, such as a new user: the whole Termina image, as termina-dlc.',
  guideSections: ['Deploying a full image'],
  kind: 'sequence',
  steps: [
    {
      id: 'build-packages',
      title: 'Build all packages of the guest',
      place: 'outside',
      command: 'cros build-packages --board={guestBoard}',
      why: 'Sets the guest board up if need be, and brings every package of it up to date with the checkout. What is being worked on is compiled.',
      checks: [
        {
          place: 'outside',
          command: 'cros_sdk qlist-{guestBoard} vm_guest_tools',
          expect: 'The files of a package of the guest, for example /sbin/init.',
          matches: '^/(?:usr|etc|opt|bin|sbin|lib\\w*)/\\S+$',
        },
      ],
      pitfalls: [
        {
          symptom: 'It wants to compile everything.',
          remedy: 'The checkout is newer than the finished packages on the server. Sync to a green build, or wait.',
        },
      ],
    },
    BUILD_IMAGE,
    WORKON_DLC,
    EMERGE_DLC,
    STOP_VMS,
    DEPLOY_DLC,
    START_VM,
  ],
};
