import type { Pitfall, Sheet } from '../../domain/sheet.ts';
import { CONCIERGE_RUNNING, SIGNED_IN, TERMINA_INSTALLED, TEST_IMAGE } from './requirements.ts';

const NEEDS = [TEST_IMAGE, SIGNED_IN, CONCIERGE_RUNNING, TERMINA_INSTALLED];

const DEPLOY_PITFALLS: readonly Pitfall[] = [
  {
    symptom: 'deploy_to_termina: No such file or directory.',
    remedy: 'The path starts from ~/chromiumos/src/scripts, where a chroot shell opens. Go there first.',
  },
  {
    symptom: 'It fails at stop vm_concierge.',
    remedy: 'With --restart-services the service must be running, which it is while somebody is signed in.',
  },
  {
    symptom: 'It succeeds, and one of several packages did not change.',
    remedy:
      'A package that the board does not have installed is skipped without a word, as long as another is found. Check the spelling.',
  },
  {
    symptom: 'Without --restart-services: nothing changes even after the VM was restarted.',
    remedy: 'Then it takes a reboot of the device, as the tool says at its end.',
  },
  {
    symptom: 'The VM is a Baguette.',
    remedy:
      'Add --dlc-ids termina-tools-dlc at the very end. The option takes every word after it, so packages must not follow.',
  },
  {
    symptom: 'A program misses a library or another file that your change brings.',
    remedy:
      'Only the files of the named packages are copied, never what they depend on. After a sync, deploy a full image once.',
  },
];

export const guestPackage: Sheet = {
  id: 'guest-package',
  title: 'Change a guest package',
  summary:
    'For code in the Termina image: maitred, tremplin, vshd, and what it brings along for the container, such as garcon and sommelier.',
  guideSections: ['Deploying individual packages'],
  kind: 'sequence',
  steps: [
    {
      id: 'workon',
      title: 'Build from your source',
      place: 'outside',
      command: 'cros workon --board={guestBoard} start {packages...}',
      why: 'Until then the build takes finished packages instead of your checkout. The board is that of the guest, not of the device.',
      checks: [
        {
          place: 'outside',
          command: 'cros workon --board={guestBoard} list',
          expect: 'Your packages, with their category: chromeos-base/vm_guest_tools.',
        },
      ],
      pitfalls: [
        {
          symptom: 'It does not know the package, as for LXD or termina_container_tools.',
          remedy:
            'That package is not built from your checkout. Leave this step out and build with emerge for the guest board.',
        },
      ],
      undo: { place: 'outside', command: 'cros workon --board={guestBoard} stop {packages...}' },
    },
    {
      id: 'build',
      title: 'Build and test the package',
      place: 'outside',
      command:
        'for package in {packages...}; do cros_sdk cros_workon_make --install --test --board={guestBoard} "$package" || break; done',
      why: 'Compiles your checkout, runs its unit tests and installs into the sysroot of the guest board. The tool takes one package at a time, hence the loop.',
      checks: [
        {
          place: 'outside',
          command: 'cros_sdk qlist-{guestBoard} {packages...}',
          expect: 'The files of the package; those under /opt/google/cros-containers go to the container.',
        },
      ],
      pitfalls: [
        {
          symptom: "run 'cros_workon --board … start …' first!",
          remedy: 'The first step is missing for this package and board.',
        },
      ],
    },
    {
      id: 'deploy',
      title: 'Deploy it to the device',
      place: 'inside',
      command:
        '../../chromite/contrib/guestos/deploy_to_termina --board {guestBoard} {device} {packages...} --restart-services',
      why: 'Unpacks the Termina DLC on the device, copies the files of the packages into its images, and packs it again. The next VM that starts has them.',
      requires: NEEDS,
      interrupts: 'Stops every running VM first: what is not saved in Linux apps is lost.',
      pitfalls: DEPLOY_PITFALLS,
      errata: ['e31-baguette'],
    },
    {
      id: 'container-tools',
      title: 'Only for code that runs in the container: collect it',
      place: 'outside',
      command: 'cros_sdk emerge-{guestBoard} termina_container_tools',
      why: 'garcon, sommelier, vshd and their like reach the container as copies under /opt/google/cros-containers. This package makes those copies, and nothing rebuilds it by itself.',
      checks: [
        {
          place: 'outside',
          command: 'cros_sdk qlist-{guestBoard} termina_container_tools',
          expect: 'Your program, under /opt/google/cros-containers/bin.',
        },
      ],
      errata: ['e26-built-and-run'],
    },
    {
      id: 'deploy-container-tools',
      title: 'Only for code that runs in the container: deploy the copies',
      place: 'inside',
      command:
        '../../chromite/contrib/guestos/deploy_to_termina --board {guestBoard} {device} termina_container_tools --restart-services',
      why: 'The copies live in an image of their own, which the VM shows to every container.',
      requires: NEEDS,
      interrupts: 'Stops every running VM first: what is not saved in Linux apps is lost.',
      pitfalls: DEPLOY_PITFALLS,
      errata: ['e31-baguette'],
    },
    {
      id: 'start',
      title: 'Start the VM',
      place: 'device',
      command: 'CROS_USER_ID_HASH={ownerHash} vmc start --no-shell {vm}',
      why: 'The VM reads its images when it starts, so only now the new files are in use. Opening the Terminal app does the same.',
      requires: [SIGNED_IN, CONCIERGE_RUNNING],
      checks: [
        {
          place: 'device',
          command: 'CROS_USER_ID_HASH={ownerHash} vmc list',
          expect: 'The VM with running at the end of its line.',
        },
      ],
      pitfalls: [
        {
          symptom: 'Error: operation `vm_start` failed: …',
          remedy:
            'The guest did not come up. The log of the VM shows how far it got; /var/log/messages why concierge gave up.',
        },
      ],
      undo: { place: 'device', command: 'CROS_USER_ID_HASH={ownerHash} vmc stop {vm}' },
      errata: ['e20-user-id-hash'],
    },
  ],
};
