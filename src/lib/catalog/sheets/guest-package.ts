import type { Pitfall, Sheet } from '../../domain/sheet.ts';
import { UNDO_IS_OF_CHECKOUT } from './pitfalls.ts';
import {
  CONCIERGE_RUNNING,
  DLCS_DEPLOYED,
  GUEST_BOARD_SET_UP,
  GUEST_PACKAGES_WORKED_ON,
  GUEST_WORKON_CHECK,
  SIGNED_IN,
  TERMINA_DLC_DEPLOYED,
  TERMINA_INSTALLED,
  TEST_IMAGE,
} from './requirements.ts';
import { START_VM } from './steps.ts';

const NEEDS = [TEST_IMAGE, SIGNED_IN, CONCIERGE_RUNNING, TERMINA_INSTALLED];

const INTERRUPTS = 'Stops every running VM first: what is not saved in Linux apps is lost.';

/** chromeos-facts.md section 5.1. */
const DEPLOY_PITFALLS: readonly Pitfall[] = [
  {
    symptom: 'deploy_to_termina: No such file or directory',
    remedy: 'The path starts from ~/chromiumos/src/scripts, where a chroot shell opens. Go there first.',
  },
  {
    symptom: 'stop: Unknown instance:, and it ends there.',
    remedy: 'With --restart-services vm_concierge must be running, or its stop fails and the deploy with it. Start it.',
  },
  {
    symptom: 'error: the following arguments are required: packages',
    remedy: 'An option with several values took them. --dlc-ids takes every word after it: put it last.',
  },
  {
    symptom: 'It succeeds, and one of several packages did not change.',
    remedy:
      'A package that the board does not have installed is skipped without a word, as long as another is found. Check the spelling.',
  },
  {
    symptom: 'Changes deployed. You must reboot before your changes take effect',
    remedy: 'So it is without --restart-services: a new start of the VM is not enough then.',
  },
  {
    symptom: 'A program misses a library or another file that your change brings.',
    remedy:
      'Only the files of the named packages are copied, never what they depend on. After a sync, deploy a full image once.',
  },
  UNDO_IS_OF_CHECKOUT,
];

export const guestPackage: Sheet = {
  id: 'guest-package',
  title: 'Change a guest package',
  summary:
    'For code in the Termina image: maitred, tremplin, vshd, and what it brings along for the container, such as garcon.',
  guideSections: ['Guest service changes', 'Deploying individual packages'],
  kind: 'sequence',
  steps: [
    {
      id: 'workon',
      title: 'Build from your source',
      place: 'outside',
      command: 'cros workon --board={guestBoard} start {packages...}',
      why: 'Until then the build takes finished packages instead of your checkout. The board is that of the guest, not of the device.',
      requires: [GUEST_BOARD_SET_UP],
      checks: [GUEST_WORKON_CHECK],
      pitfalls: [
        {
          symptom: 'It does not know the package, as for LXD or termina_container_tools.',
          remedy:
            'That package is not built from your checkout. Leave this step out and build with emerge for the guest board.',
        },
        {
          symptom: 'error: unrecognized arguments: …, with your package in it.',
          remedy: 'Keep start and the packages side by side: an option between them is not understood.',
        },
      ],
      undo: { place: 'outside', command: 'cros workon --board={guestBoard} stop {packages...}' },
    },
    {
      id: 'build',
      title: 'Build and test the package',
      place: 'outside',
      command:
        '(for package in {packages...}; do cros_sdk cros_workon_make --install --test --board={guestBoard} "$package" || exit; done)',
      why: 'Compiles your checkout, runs its unit tests and installs into the sysroot of the guest board. The tool takes one package at a time, hence the loop; it ends, and fails, with the first that fails.',
      requires: [GUEST_PACKAGES_WORKED_ON],
      checks: [
        {
          place: 'outside',
          command: 'cros_sdk qlist-{guestBoard} {packages...}',
          expect: 'The files of the package; those under /opt/google/cros-containers go to the container.',
          matches: '^/(?:usr|etc|opt|bin|sbin|lib\\w*)/\\S+$',
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
      interrupts: INTERRUPTS,
      checks: [TERMINA_DLC_DEPLOYED],
      undo: {
        place: 'inside',
        command:
          'cros workon --board={guestBoard} stop {packages...}; emerge-{guestBoard} {packages...} && ../../chromite/contrib/guestos/deploy_to_termina --board {guestBoard} {device} {packages...} --restart-services',
      },
      pitfalls: DEPLOY_PITFALLS,
    },
    {
      id: 'deploy-dlcs',
      title: 'Or deploy it to other DLCs',
      place: 'inside',
      command:
        '../../chromite/contrib/guestos/deploy_to_termina --board {guestBoard} {device} {packages...} --restart-services --dlc-ids {dlcIds...}',
      onlyIf: 'The VM is a Baguette, or takes its tools from termina-tools-dlc: then instead of the step before.',
      why: 'Without --dlc-ids the files go to termina-dlc alone. The option must stand last: it takes every word after it.',
      requires: NEEDS,
      interrupts: INTERRUPTS,
      checks: [DLCS_DEPLOYED],
      undo: {
        place: 'inside',
        command:
          'cros workon --board={guestBoard} stop {packages...}; emerge-{guestBoard} {packages...} && ../../chromite/contrib/guestos/deploy_to_termina --board {guestBoard} {device} {packages...} --restart-services --dlc-ids {dlcIds...}',
      },
      pitfalls: [
        ...DEPLOY_PITFALLS,
        {
          symptom: 'error: unrecognized arguments: --dlc-ids …',
          remedy: 'The checkout is from before the option. Sync it.',
        },
        {
          symptom: 'With termina-tools-dlc, files outside /opt/google/cros-containers do not arrive.',
          remedy: 'That DLC has only the tools image. For the rest use termina-dlc.',
        },
      ],
      errata: ['e31-baguette'],
    },
    START_VM,
  ],
};
